CREATE TABLE rate_cards (
    id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    service TEXT NOT NULL,
    workshop_id TEXT,
    card JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX rate_cards_service ON rate_cards (service);

ALTER TABLE workshops ADD COLUMN country TEXT;
