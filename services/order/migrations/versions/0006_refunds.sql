ALTER TABLE payments ADD COLUMN refunds JSONB NOT NULL DEFAULT '[]';

ALTER TABLE payments ALTER COLUMN refunds DROP DEFAULT;

-- A payment was given back whole, once, under its id and what had gone back before: nothing.
UPDATE payments SET refunds = jsonb_build_array(jsonb_build_object(
    'id', id || '.0',
    'amount', jsonb_build_object('amount', refunded + refund_due, 'currency', currency),
    'reason', NULL,
    'created_at', coalesce(settled_at, created_at),
    'made_at', CASE WHEN refunded > 0 THEN coalesce(settled_at, created_at) END
)) WHERE refunded + refund_due > 0;
