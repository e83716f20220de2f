ALTER TABLE bookings ADD COLUMN quote_id TEXT;

CREATE UNIQUE INDEX bookings_of_quote ON bookings (quote_id) WHERE quote_id IS NOT NULL AND status != 'cancelled';

CREATE TABLE quotes (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    workshop_id TEXT,
    status TEXT NOT NULL,
    services JSONB NOT NULL,
    sequence BIGINT NOT NULL
);
