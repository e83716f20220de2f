ALTER TABLE quotes ADD COLUMN ordered_version INTEGER;

CREATE TABLE quote_versions (
    quote_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    superseded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    shown JSONB NOT NULL,
    PRIMARY KEY (quote_id, version),
    FOREIGN KEY(quote_id) REFERENCES quotes (id)
);
