CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE rates RENAME TO former_rates;

ALTER INDEX rates_pkey RENAME TO former_rates_pkey;

CREATE TABLE rate_cards (
    id TEXT NOT NULL PRIMARY KEY,
    service TEXT NOT NULL,
    workshop_id TEXT,
    version INTEGER NOT NULL,
    sequence BIGINT NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE,
    UNIQUE NULLS NOT DISTINCT (service, workshop_id)
);

CREATE INDEX rate_cards_of_workshop ON rate_cards (workshop_id, service);

CREATE TABLE rate_card_versions (
    card_id TEXT NOT NULL REFERENCES rate_cards (id),
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    currency TEXT NOT NULL,
    rounding TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_by TEXT,
    PRIMARY KEY (card_id, version)
);

CREATE TABLE rates (
    card_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    line INTEGER NOT NULL,
    vehicle_class TEXT NOT NULL,
    labour_hours NUMERIC(8, 2) NOT NULL CHECK (labour_hours >= 0),
    hourly_rate BIGINT NOT NULL CHECK (hourly_rate >= 0),
    parts BIGINT NOT NULL CHECK (parts >= 0),
    sublet BIGINT NOT NULL CHECK (sublet >= 0),
    fees BIGINT NOT NULL CHECK (fees >= 0),
    discount BIGINT NOT NULL CHECK (discount >= 0),
    tax_rate NUMERIC NOT NULL CHECK (tax_rate BETWEEN 0 AND 1),
    own_tax BOOLEAN NOT NULL,
    by_person BOOLEAN NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE,
    valid_until TIMESTAMP WITH TIME ZONE,
    CHECK (valid_from < valid_until),
    PRIMARY KEY (card_id, version, line),
    FOREIGN KEY (card_id, version) REFERENCES rate_card_versions (card_id, version),
    CONSTRAINT one_rate_at_a_time EXCLUDE USING gist (
        card_id WITH =,
        version WITH =,
        vehicle_class WITH =,
        tstzrange(valid_from, valid_until) WITH &&
    )
);

ALTER TABLE quote_items
    ADD COLUMN sublet BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN discount BIGINT NOT NULL DEFAULT 0;
