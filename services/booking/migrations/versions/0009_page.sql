ALTER TABLE workshops ADD COLUMN embed_origins TEXT[] NOT NULL DEFAULT '{}';

ALTER TABLE workshops ALTER COLUMN embed_origins DROP DEFAULT;

ALTER TABLE bookings
    DROP CONSTRAINT bookings_source_check,
    ADD CONSTRAINT bookings_source_check
        CHECK (source IN ('api', 'page', 'link', 'walk-in', 'series', 'reminder'));

CREATE TABLE page_tries (
    visitor BYTEA NOT NULL,
    what TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (visitor, what)
);

CREATE INDEX page_tries_since ON page_tries (since);
