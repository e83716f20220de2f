ALTER TABLE bookings ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE;

UPDATE bookings SET changed_at = created_at;

ALTER TABLE bookings ALTER COLUMN changed_at SET DEFAULT now(), ALTER COLUMN changed_at SET NOT NULL;

CREATE INDEX bookings_cancelled ON bookings (workshop_id, day) WHERE status = 'cancelled';

CREATE TABLE calendar_links (
    id TEXT PRIMARY KEY,
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    resource_id TEXT REFERENCES resources (id),
    secret TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX calendar_links_of_workshop ON calendar_links (workshop_id, id);
