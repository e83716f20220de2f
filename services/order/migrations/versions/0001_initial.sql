CREATE TABLE orders (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    status TEXT NOT NULL,
    quote_id TEXT,
    quote_version INTEGER,
    workshop_id TEXT,
    workshop_account TEXT,
    deal_id TEXT,
    external_reference TEXT,
    terms JSONB NOT NULL,
    estimated_completion_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    paid BOOLEAN NOT NULL,
    delayed_from TEXT,
    reason TEXT,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('awaiting-payment', 'pending', 'in-progress', 'delayed', 'completed', 'canceled')),
    CONSTRAINT delayed_from_known CHECK ((status = 'delayed') = (delayed_from IS NOT NULL)),
    UNIQUE (quote_id)
);

CREATE INDEX orders_deal ON orders (deal_id);

CREATE INDEX orders_partner ON orders (partner_id, id);

CREATE INDEX orders_workshop ON orders (workshop_id, id);

CREATE INDEX orders_workshop_account ON orders (workshop_account, id);

CREATE TABLE quotes (
    id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    partner_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    declined BOOLEAN NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    terms JSONB,
    workshop_id TEXT,
    deal_id TEXT,
    external_reference TEXT,
    estimated_completion_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id)
);

CREATE TABLE sandbox_charges (
    key TEXT NOT NULL,
    token TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    succeeds_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (key)
);

CREATE TABLE workshops (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX workshops_partner ON workshops (partner_id);

CREATE TABLE order_history (
    position BIGINT GENERATED ALWAYS AS IDENTITY,
    order_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_client_id TEXT,
    actor_role TEXT NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    reason TEXT,
    changes JSONB NOT NULL,
    event_id TEXT,
    PRIMARY KEY (position),
    FOREIGN KEY(order_id) REFERENCES orders (id)
);

CREATE INDEX order_history_order ON order_history (order_id, position);

CREATE TABLE payments (
    id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    method TEXT NOT NULL,
    token TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    refunded BIGINT NOT NULL,
    refund_due BIGINT NOT NULL,
    failure_code TEXT,
    next_action JSONB,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    request BYTEA,
    correlation_id TEXT NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('requires-payment', 'processing', 'succeeded', 'failed', 'partially-refunded', 'refunded')),
    CONSTRAINT no_more_back_than_paid CHECK (refunded + refund_due <= amount),
    FOREIGN KEY(order_id) REFERENCES orders (id),
    UNIQUE (request)
);

CREATE INDEX payments_due ON payments (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE UNIQUE INDEX payments_one_open ON payments (order_id) WHERE status IN ('requires-payment', 'processing');

CREATE INDEX payments_order ON payments (order_id);

CREATE TABLE sandbox_refunds (
    key TEXT NOT NULL,
    charge_key TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (key),
    FOREIGN KEY(charge_key) REFERENCES sandbox_charges (key)
);
