CREATE TABLE reported_bookings (
    booking_id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    partner_id TEXT NOT NULL,
    workshop_id TEXT NOT NULL,
    status TEXT NOT NULL,
    source TEXT NOT NULL,
    no_show BOOLEAN NOT NULL,
    day DATE NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT
);

CREATE INDEX reported_bookings_of_partner ON reported_bookings (partner_id, day);
