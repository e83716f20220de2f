ALTER TABLE quotes ALTER COLUMN estimated_completion_at DROP NOT NULL;

ALTER TABLE quotes ADD COLUMN workshop_account TEXT;

CREATE INDEX quotes_of_workshop_account ON quotes (workshop_account, id) WHERE workshop_account IS NOT NULL;

CREATE INDEX quotes_for_any_workshop ON quotes (id) WHERE status = 'pending' AND workshop_id IS NULL;

ALTER TABLE quote_items
    ALTER COLUMN labour DROP NOT NULL,
    ALTER COLUMN parts DROP NOT NULL,
    ALTER COLUMN sublet DROP NOT NULL,
    ALTER COLUMN fees DROP NOT NULL,
    ALTER COLUMN discount DROP NOT NULL,
    ALTER COLUMN tax DROP NOT NULL,
    ADD COLUMN fault JSONB,
    ADD COLUMN by_person BOOLEAN DEFAULT false NOT NULL,
    ADD CHECK (num_nulls(labour, parts, sublet, fees, discount, tax) IN (0, 6));
