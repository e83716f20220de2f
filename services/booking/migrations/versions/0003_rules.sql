ALTER TABLE workshops ADD COLUMN rules JSONB NOT NULL DEFAULT '{}';

ALTER TABLE resources
    DROP CONSTRAINT resources_kind_check,
    ADD CONSTRAINT resources_kind_check
        CHECK (kind IN ('bay', 'technician', 'loan-car', 'courtesy')),
    ADD COLUMN skills TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN capacity SMALLINT,
    ADD COLUMN in_service BOOLEAN NOT NULL DEFAULT true,
    ADD CHECK ((capacity IS NOT NULL) = (kind = 'courtesy'));

ALTER TABLE catalog
    ADD COLUMN buffer_before INTERVAL NOT NULL DEFAULT '0',
    ADD COLUMN buffer_after INTERVAL NOT NULL DEFAULT '0',
    ADD COLUMN resources TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN skills TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN daily_limit SMALLINT;

-- The defaults were for the rows that were there.
ALTER TABLE workshops ALTER COLUMN rules DROP DEFAULT;

ALTER TABLE resources
    ALTER COLUMN skills DROP DEFAULT,
    ALTER COLUMN in_service DROP DEFAULT;

ALTER TABLE catalog
    ALTER COLUMN buffer_before DROP DEFAULT,
    ALTER COLUMN buffer_after DROP DEFAULT,
    ALTER COLUMN resources DROP DEFAULT,
    ALTER COLUMN skills DROP DEFAULT;

CREATE TABLE special_days (
    workshop_id TEXT NOT NULL REFERENCES workshops (id),
    day DATE NOT NULL,
    spans JSONB NOT NULL,
    reason TEXT,
    PRIMARY KEY (workshop_id, day)
);
