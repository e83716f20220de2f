ALTER TABLE bookings
    ADD COLUMN hold_id TEXT UNIQUE,
    ADD COLUMN hold_expires_at TIMESTAMP WITH TIME ZONE,
    ALTER COLUMN customer DROP NOT NULL,
    ALTER COLUMN car DROP NOT NULL,
    DROP CONSTRAINT bookings_status_check,
    ADD CONSTRAINT bookings_status_check CHECK (
        status IN ('pending', 'processing', 'done', 'cancelled', 'held', 'released', 'expired')
    ),
    ADD CONSTRAINT bookings_have_a_customer CHECK (
        NOT status IN ('pending', 'processing', 'done', 'cancelled')
        OR (customer IS NOT NULL AND car IS NOT NULL)
    ),
    DROP CONSTRAINT bookings_one_at_a_time,
    ADD CONSTRAINT bookings_one_at_a_time
        EXCLUDE USING gist (bay_id WITH =, during WITH &&)
        WHERE (status IN ('held', 'pending', 'processing'));

DROP INDEX bookings_in_the_way;

CREATE INDEX bookings_in_the_way ON bookings (bay_id, upper(during))
    WHERE status IN ('held', 'pending', 'processing');

CREATE INDEX bookings_held ON bookings (hold_expires_at) WHERE status = 'held';
