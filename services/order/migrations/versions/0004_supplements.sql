ALTER TABLE orders
    ADD COLUMN supplements JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN amount_paid BIGINT NOT NULL DEFAULT 0;

ALTER TABLE orders
    ALTER COLUMN supplements DROP DEFAULT,
    ALTER COLUMN amount_paid DROP DEFAULT;

-- An order was paid by one payment: what came beside it was owed back.
UPDATE orders SET amount_paid = (
    SELECT max(amount) FROM payments
    WHERE order_id = orders.id AND status IN ('succeeded', 'partially-refunded', 'refunded')
) WHERE paid;
