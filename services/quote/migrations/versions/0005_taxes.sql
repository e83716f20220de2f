ALTER TABLE workshops ADD COLUMN country TEXT;

CREATE TABLE taxes (
    country TEXT NOT NULL,
    line INTEGER NOT NULL,
    tax_rate NUMERIC NOT NULL CHECK (tax_rate BETWEEN 0 AND 1),
    rounding TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE,
    valid_until TIMESTAMP WITH TIME ZONE,
    CHECK (valid_from < valid_until),
    PRIMARY KEY (country, line),
    CONSTRAINT one_tax_at_a_time EXCLUDE USING gist (
        country WITH =,
        tstzrange(valid_from, valid_until) WITH &&
    )
);

INSERT INTO taxes (country, line, tax_rate, rounding, valid_from, valid_until) VALUES
    ('AU', 0, 0.10, 'half-up', '2000-06-30T14:00:00Z', NULL),
    ('DE', 0, 0.19, 'half-up', '2020-12-31T23:00:00Z', NULL),
    ('GB', 0, 0.20, 'half-up', '2011-01-04T00:00:00Z', NULL),
    ('IE', 0, 0.23, 'half-up', '2021-03-01T00:00:00Z', NULL),
    ('NZ', 0, 0.15, 'half-up', '2010-09-30T11:00:00Z', NULL),
    ('SG', 0, 0.08, 'half-up', '2022-12-31T16:00:00Z', '2023-12-31T16:00:00Z'),
    ('SG', 1, 0.09, 'half-up', '2023-12-31T16:00:00Z', NULL);

UPDATE rate_cards SET told_at = NULL;
