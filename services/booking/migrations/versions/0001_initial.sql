-- Trusted since PostgreSQL 13: the database's owner may make it.
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE workshops (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    country TEXT NOT NULL,
    hours JSONB NOT NULL,
    email TEXT,
    phone TEXT,
    slot_minutes SMALLINT NOT NULL CHECK (slot_minutes > 0),
    aftercare JSONB NOT NULL,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX workshops_of_account ON workshops (partner_id, id);

CREATE TABLE resources (
    id TEXT PRIMARY KEY,
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    kind TEXT NOT NULL CHECK (kind IN ('bay', 'technician', 'loan-car')),
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX resources_of_workshop ON resources (workshop_id, kind, id);

CREATE TABLE catalog (
    id TEXT PRIMARY KEY,
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    duration INTERVAL NOT NULL,
    cost JSONB,
    icon TEXT,
    colour TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT catalog_code UNIQUE (workshop_id, code)
);

CREATE TABLE closures (
    id TEXT PRIMARY KEY,
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    reason TEXT,
    CHECK (first_day <= last_day)
);

CREATE INDEX closures_of_workshop ON closures (workshop_id, last_day);

CREATE TABLE bookings (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    bay_id TEXT NOT NULL REFERENCES resources (id),
    status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'done', 'cancelled')),
    drop_off_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    during TSTZRANGE NOT NULL GENERATED ALWAYS AS (tstzrange(drop_off_at, ends_at)) STORED,
    external_reference TEXT,
    service_category TEXT NOT NULL,
    services JSONB NOT NULL,
    customer JSONB NOT NULL,
    car JSONB NOT NULL,
    notes TEXT,
    products JSONB NOT NULL,
    skip_notification BOOLEAN NOT NULL,
    send_review_request BOOLEAN NOT NULL,
    schedule_reminder BOOLEAN NOT NULL,
    reason TEXT,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT bookings_one_at_a_time
        EXCLUDE USING gist (bay_id WITH =, during WITH &&)
        WHERE (status IN ('pending', 'processing'))
);

CREATE INDEX bookings_of_partner ON bookings (partner_id, id);

CREATE INDEX bookings_of_workshop ON bookings (workshop_id, id);

CREATE UNIQUE INDEX bookings_reference ON bookings (partner_id, external_reference)
    WHERE external_reference IS NOT NULL;

CREATE INDEX bookings_in_the_way ON bookings (bay_id, upper(during))
    WHERE status IN ('pending', 'processing');

CREATE TABLE reminders (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    booking_id TEXT UNIQUE REFERENCES bookings (id),
    status TEXT NOT NULL CHECK (status IN ('scheduled', 'due')),
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    code TEXT NOT NULL UNIQUE,
    customer JSONB NOT NULL,
    car JSONB,
    skip_notification BOOLEAN NOT NULL,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL
);

CREATE INDEX reminders_scheduled ON reminders (due_at) WHERE status = 'scheduled';
