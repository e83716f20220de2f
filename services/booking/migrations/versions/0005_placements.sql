ALTER TABLE bookings
    ADD COLUMN technician_id TEXT REFERENCES resources (id),
    ADD COLUMN loan_car_id TEXT REFERENCES resources (id),
    ADD COLUMN pick_up_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN kept_from TIMESTAMP WITH TIME ZONE,
    ADD COLUMN kept_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN day DATE,
    ADD COLUMN counts_as TEXT[],
    ADD COLUMN loan_car BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN courtesy BOOLEAN NOT NULL DEFAULT false;

UPDATE bookings SET
    pick_up_at = ends_at,
    kept_from = drop_off_at,
    kept_until = ends_at,
    day = (drop_off_at AT TIME ZONE workshops.time_zone)::date,
    counts_as = ARRAY['any']
        || CASE
            WHEN jsonb_array_length(services) = 0 THEN ARRAY['category:' || service_category]
            ELSE ARRAY(
                SELECT DISTINCT 'category:' || (each ->> 'category')
                FROM jsonb_array_elements(services) AS each
            )
        END
        || ARRAY(
            SELECT DISTINCT 'service:' || (each ->> 'catalog_id')
            FROM jsonb_array_elements(services) AS each
            WHERE each ->> 'catalog_id' IS NOT NULL
        )
FROM workshops WHERE workshops.id = bookings.workshop_id;

-- With the column go the constraint and the index over it.
ALTER TABLE bookings
    DROP COLUMN during,
    ALTER COLUMN pick_up_at SET NOT NULL,
    ALTER COLUMN kept_from SET NOT NULL,
    ALTER COLUMN kept_until SET NOT NULL,
    ALTER COLUMN day SET NOT NULL,
    ALTER COLUMN counts_as SET NOT NULL,
    ALTER COLUMN loan_car DROP DEFAULT,
    ALTER COLUMN courtesy DROP DEFAULT;

ALTER TABLE bookings
    ADD COLUMN during TSTZRANGE NOT NULL
        GENERATED ALWAYS AS (tstzrange(kept_from, kept_until)) STORED,
    ADD COLUMN lent TSTZRANGE NOT NULL
        GENERATED ALWAYS AS (tstzrange(drop_off_at, pick_up_at)) STORED,
    ADD CONSTRAINT bookings_one_at_a_time
        EXCLUDE USING gist (bay_id WITH =, during WITH &&)
        WHERE (status IN ('held', 'pending', 'processing')),
    ADD CONSTRAINT technicians_one_at_a_time
        EXCLUDE USING gist (technician_id WITH =, during WITH &&)
        WHERE (technician_id IS NOT NULL AND status IN ('held', 'pending', 'processing')),
    ADD CONSTRAINT loan_cars_one_at_a_time
        EXCLUDE USING gist (loan_car_id WITH =, lent WITH &&)
        WHERE (loan_car_id IS NOT NULL AND status IN ('held', 'pending', 'processing'));

CREATE INDEX bookings_in_the_way ON bookings (bay_id, upper(during))
    WHERE status IN ('held', 'pending', 'processing');

CREATE INDEX technicians_in_the_way ON bookings (technician_id, upper(during))
    WHERE technician_id IS NOT NULL AND status IN ('held', 'pending', 'processing');

CREATE INDEX loan_cars_in_the_way ON bookings (loan_car_id, upper(lent))
    WHERE loan_car_id IS NOT NULL AND status IN ('held', 'pending', 'processing');

CREATE INDEX bookings_of_day ON bookings (workshop_id, day)
    WHERE status IN ('held', 'pending', 'processing', 'done');
