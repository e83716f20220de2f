ALTER TABLE orders
    ADD COLUMN payment_method TEXT,
    ADD COLUMN vin TEXT,
    ADD COLUMN plate TEXT;

UPDATE orders SET
    payment_method = CASE WHEN paid THEN 'card' END,
    vin = terms #>> '{vehicle,vin}',
    plate = regexp_replace(upper(terms #>> '{vehicle,registration,plate}'), '[^[:alnum:]]', '', 'g');

CREATE INDEX orders_vin ON orders (vin, id);

CREATE INDEX orders_plate ON orders (plate, id);

CREATE INDEX orders_partner_created ON orders (partner_id, created_at);
