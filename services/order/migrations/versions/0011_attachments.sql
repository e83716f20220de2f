ALTER TABLE orders ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0;

ALTER TABLE orders ALTER COLUMN attachments DROP DEFAULT;

CREATE TABLE attachments (
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    state TEXT NOT NULL,
    filename TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    note TEXT,
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('arriving', 'stored', 'leaving')),
    FOREIGN KEY(order_id) REFERENCES orders (id)
);

CREATE INDEX attachments_order ON attachments (order_id, id);

CREATE INDEX attachments_to_sweep ON attachments (created_at) WHERE state <> 'stored';
