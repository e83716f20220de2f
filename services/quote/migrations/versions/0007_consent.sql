ALTER TABLE quote_items
    ADD COLUMN consent JSONB,
    ADD CHECK ("authorization" IN ('open', 'authorized', 'declined'));
