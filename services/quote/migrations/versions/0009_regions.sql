ALTER TABLE workshops ADD COLUMN region TEXT;

ALTER TABLE taxes RENAME COLUMN country TO jurisdiction;

ALTER TABLE taxes ADD COLUMN name TEXT NOT NULL DEFAULT 'Tax';

ALTER TABLE taxes ALTER COLUMN name DROP DEFAULT;

UPDATE taxes SET name = 'GST' WHERE jurisdiction IN ('AU', 'NZ', 'SG');

UPDATE taxes SET name = 'VAT' WHERE jurisdiction IN ('DE', 'GB', 'IE');

ALTER TABLE taxes
    DROP CONSTRAINT one_tax_at_a_time,
    ADD CONSTRAINT one_tax_at_a_time EXCLUDE USING gist (
        jurisdiction WITH =,
        name WITH =,
        tstzrange(valid_from, valid_until) WITH &&
    );

INSERT INTO taxes (jurisdiction, line, name, tax_rate, rounding, valid_from, valid_until)
SELECT jurisdiction, line, name, tax_rate, 'half-up', valid_from::timestamptz, NULL
FROM (VALUES
    ('CA', 0, 'GST', 0.05, '2008-01-01T05:00:00Z'),
    ('CA-BC', 0, 'GST', 0.05, '2013-04-01T07:00:00Z'),
    ('CA-BC', 1, 'PST', 0.07, '2013-04-01T07:00:00Z'),
    ('CA-MB', 0, 'GST', 0.05, '2019-07-01T05:00:00Z'),
    ('CA-MB', 1, 'RST', 0.07, '2019-07-01T05:00:00Z'),
    ('CA-NB', 0, 'HST', 0.15, '2016-07-01T03:00:00Z'),
    ('CA-NL', 0, 'HST', 0.15, '2016-07-01T02:30:00Z'),
    ('CA-NS', 0, 'HST', 0.14, '2025-04-01T03:00:00Z'),
    ('CA-ON', 0, 'HST', 0.13, '2010-07-01T04:00:00Z'),
    ('CA-PE', 0, 'HST', 0.15, '2016-10-01T03:00:00Z'),
    ('CA-QC', 0, 'GST', 0.05, '2013-01-01T05:00:00Z'),
    ('CA-QC', 1, 'QST', 0.09975, '2013-01-01T05:00:00Z'),
    ('CA-SK', 0, 'GST', 0.05, '2017-03-23T06:00:00Z'),
    ('CA-SK', 1, 'PST', 0.06, '2017-03-23T06:00:00Z')
) AS shipped (jurisdiction, line, name, tax_rate, valid_from)
WHERE NOT EXISTS (SELECT FROM taxes WHERE jurisdiction = 'CA');

UPDATE quote_items SET basis = basis - '{tax_rate,tax_rounding,country}'::text[] || jsonb_build_object(
    'taxes', jsonb_build_array(jsonb_build_object(
        'name', 'Tax',
        'rate', basis -> 'tax_rate',
        'rounding', basis -> 'tax_rounding',
        'jurisdiction', basis -> 'country'
    ))
)
WHERE basis ? 'tax_rate';

UPDATE rate_cards SET told_at = NULL;
