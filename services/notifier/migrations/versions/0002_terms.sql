ALTER TABLE endpoints
    ADD COLUMN ordered BOOLEAN DEFAULT false NOT NULL,
    ADD COLUMN delivery TEXT DEFAULT 'all' NOT NULL,
    ADD COLUMN rate_per_second SMALLINT,
    ADD COLUMN "window" SMALLINT,
    ADD COLUMN signature TEXT DEFAULT 'v1' NOT NULL,
    ADD COLUMN signing_key BYTEA,
    ADD COLUMN public_key BYTEA,
    ADD COLUMN former_signing_key BYTEA,
    ADD COLUMN former_public_key BYTEA,
    ADD CONSTRAINT endpoints_delivery CHECK (delivery IN ('all', 'latest')),
    ADD CONSTRAINT endpoints_rate CHECK (rate_per_second BETWEEN 1 AND 1000),
    ADD CONSTRAINT endpoints_window CHECK ("window" BETWEEN 1 AND 100),
    ADD CONSTRAINT endpoints_signature CHECK (signature IN ('v1', 'v1a')),
    ADD CONSTRAINT endpoints_signing_key CHECK (signature = 'v1' OR signing_key IS NOT NULL),
    ADD CONSTRAINT endpoints_public_key CHECK ((signing_key IS NULL) = (public_key IS NULL)),
    ADD CONSTRAINT endpoints_former_key
        CHECK ((former_signing_key IS NULL) = (former_public_key IS NULL));
