CREATE TABLE deals (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE quotes (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'awaiting-payment', 'ordered', 'declined', 'expired')),
    version INTEGER NOT NULL,
    sequence BIGINT NOT NULL,
    workshop_id TEXT,
    deal_id TEXT,
    external_reference TEXT,
    vehicle JSONB NOT NULL,
    contact JSONB,
    needed_by TIMESTAMP WITH TIME ZONE,
    pre_authorized BIGINT,
    currency TEXT NOT NULL,
    rounding TEXT NOT NULL,
    checkout_url TEXT NOT NULL,
    order_id TEXT,
    reason TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    estimated_completion_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX quotes_of_partner ON quotes (partner_id, id);

CREATE INDEX quotes_of_workshop ON quotes (workshop_id, id);

CREATE INDEX quotes_to_expire ON quotes (expires_at) WHERE status IN ('pending', 'awaiting-payment');

CREATE TABLE rates (
    service TEXT NOT NULL,
    vehicle_class TEXT NOT NULL,
    title TEXT NOT NULL,
    labour_hours NUMERIC(8, 2) NOT NULL CHECK (labour_hours >= 0),
    hourly_rate BIGINT NOT NULL CHECK (hourly_rate >= 0),
    parts BIGINT NOT NULL CHECK (parts >= 0),
    fees BIGINT NOT NULL CHECK (fees >= 0),
    tax_rate NUMERIC(6, 5) NOT NULL CHECK (tax_rate BETWEEN 0 AND 1),
    currency TEXT NOT NULL,
    PRIMARY KEY (service, vehicle_class)
);

CREATE TABLE workshops (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE quote_items (
    quote_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    id TEXT NOT NULL,
    service TEXT NOT NULL,
    description TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    notes TEXT,
    labour BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    fees BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    duration INTERVAL NOT NULL,
    "authorization" TEXT NOT NULL,
    PRIMARY KEY (quote_id, line),
    FOREIGN KEY(quote_id) REFERENCES quotes (id),
    UNIQUE (id)
);
