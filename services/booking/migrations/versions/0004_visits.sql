CREATE TABLE booking_series (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    rule TEXT NOT NULL,
    occurrences JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL
);

ALTER TABLE bookings
    ADD COLUMN source TEXT NOT NULL DEFAULT 'api'
        CHECK (source IN ('api', 'page', 'walk-in', 'series', 'reminder')),
    ADD COLUMN series_id TEXT REFERENCES booking_series (id),
    ADD COLUMN cancelled_by TEXT CHECK (cancelled_by IN ('customer', 'workshop'));

-- The default was for the rows that were there.
ALTER TABLE bookings ALTER COLUMN source DROP DEFAULT;

CREATE INDEX bookings_of_series ON bookings (series_id);
