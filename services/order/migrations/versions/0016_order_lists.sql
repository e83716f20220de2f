DROP INDEX orders_underway;

CREATE INDEX orders_external_reference ON orders (external_reference, id);

CREATE INDEX orders_partner_status ON orders (partner_id, status, id);

CREATE INDEX orders_workshop_status ON orders (workshop_id, status, id);

CREATE INDEX orders_status ON orders (status, id);

CREATE INDEX orders_created ON orders (created_at);

CREATE INDEX orders_nobodys ON orders (id)
    WHERE workshop_id IS NULL AND workshop_account IS NULL AND sequence > 0;

CREATE INDEX orders_nobodys_status ON orders (status, id)
    WHERE workshop_id IS NULL AND workshop_account IS NULL AND sequence > 0;
