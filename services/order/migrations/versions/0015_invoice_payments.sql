ALTER TABLE payments ADD COLUMN invoice_id TEXT REFERENCES invoices (id);

ALTER TABLE payments ALTER COLUMN order_id DROP NOT NULL;

ALTER TABLE payments ADD CONSTRAINT of_an_order_or_an_invoice
    CHECK ((order_id IS NULL) <> (invoice_id IS NULL));

CREATE INDEX payments_invoice ON payments (invoice_id) WHERE invoice_id IS NOT NULL;

CREATE UNIQUE INDEX payments_one_open_of_invoice ON payments (invoice_id)
    WHERE status IN ('requires-payment', 'processing');

CREATE INDEX invoices_order ON invoices (order_id, id);
