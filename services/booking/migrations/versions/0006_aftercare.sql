CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    contact TEXT NOT NULL,
    customer JSONB NOT NULL,
    time_zone TEXT,
    accepts_reminders BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT customers_contact UNIQUE (partner_id, contact)
);

ALTER TABLE bookings
    ADD COLUMN customer_id TEXT REFERENCES customers (id),
    ADD COLUMN reminder_id TEXT,
    ADD COLUMN warnings TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN done_at TIMESTAMP WITH TIME ZONE;

-- The default was for the rows that were there: when they were done stands in their events.
ALTER TABLE bookings ALTER COLUMN warnings DROP DEFAULT;

UPDATE bookings SET done_at = told.time
FROM (SELECT subject, max(time) AS time FROM events WHERE type = 'booking.completed'
      GROUP BY subject) AS told
WHERE told.subject = bookings.id AND bookings.status = 'done';

CREATE INDEX bookings_of_customer ON bookings (customer_id, drop_off_at);

CREATE INDEX bookings_vin ON bookings ((car #>> '{vin}'));

CREATE INDEX bookings_plate ON bookings ((car #>> '{registration,plate}'));

ALTER TABLE reminders
    DROP CONSTRAINT reminders_status_check,
    ADD CONSTRAINT reminders_status_check
        CHECK (status IN ('scheduled', 'due', 'rebooked', 'withheld')),
    ADD COLUMN customer_id TEXT REFERENCES customers (id),
    ADD COLUMN due_kilometres INTEGER,
    ADD COLUMN rebooking_id TEXT REFERENCES bookings (id);
