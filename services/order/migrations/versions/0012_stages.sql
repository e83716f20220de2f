ALTER TABLE order_history ADD COLUMN effective_at TIMESTAMP WITH TIME ZONE;

UPDATE order_history SET effective_at = at;

ALTER TABLE order_history ALTER COLUMN effective_at SET NOT NULL;

CREATE INDEX order_history_effective ON order_history (effective_at);

CREATE INDEX orders_underway ON orders (partner_id, status) WHERE status IN ('pending', 'in-progress', 'delayed');

ALTER TABLE workshops ADD COLUMN time_zone TEXT, ADD COLUMN hours JSONB;

CREATE TABLE stage_policies (
    partner_id TEXT NOT NULL,
    holding_cost BIGINT,
    currency TEXT,
    PRIMARY KEY (partner_id)
);

CREATE TABLE stage_limits (
    partner_id TEXT NOT NULL,
    stage TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    PRIMARY KEY (partner_id, stage),
    FOREIGN KEY(partner_id) REFERENCES stage_policies (partner_id)
);

CREATE TABLE stage_alarms (
    order_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (order_id, position),
    FOREIGN KEY(order_id) REFERENCES orders (id)
);
