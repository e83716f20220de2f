CREATE TABLE endpoints (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    sees_all BOOLEAN NOT NULL,
    url TEXT NOT NULL,
    method TEXT NOT NULL,
    events TEXT[] NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    failing_since TIMESTAMP WITH TIME ZONE,
    disabled_at TIMESTAMP WITH TIME ZONE,
    disabled_reason TEXT,
    sequence BIGINT DEFAULT 0 NOT NULL,
    secret BYTEA NOT NULL,
    former_secret BYTEA,
    former_secret_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT endpoints_method CHECK (method IN ('POST', 'PUT', 'PATCH')),
    CONSTRAINT endpoints_status CHECK (status IN ('enabled', 'disabled')),
    CONSTRAINT endpoints_former_secret CHECK ((former_secret IS NULL) = (former_secret_until IS NULL))
);

CREATE INDEX endpoints_enabled ON endpoints (id) WHERE status = 'enabled';

CREATE INDEX endpoints_partner ON endpoints (partner_id, id);

COMMENT ON TABLE endpoints IS 'Where webhooks go, secrets are sealed (decision 7).';

CREATE TABLE messages (
    event_id TEXT NOT NULL,
    position BIGINT GENERATED ALWAYS AS IDENTITY,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    partner_id TEXT NOT NULL,
    workshop_id TEXT,
    time TIMESTAMP WITH TIME ZONE NOT NULL,
    data TEXT NOT NULL,
    test BOOLEAN DEFAULT false NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (event_id),
    UNIQUE (position)
);

CREATE INDEX messages_partner ON messages (partner_id, position);

CREATE INDEX messages_received_at ON messages USING brin (received_at);

CREATE INDEX messages_workshop ON messages (workshop_id, position) WHERE workshop_id IS NOT NULL;

COMMENT ON TABLE messages IS 'Every event as it was received, in that order, and the bodies of test deliveries.';

CREATE TABLE partners (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    roles TEXT[] NOT NULL,
    active BOOLEAN NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE partners IS 'From partner.events: whom to write to, and who may see everything.';

CREATE TABLE workshops (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX ix_workshops_partner_id ON workshops (partner_id);

COMMENT ON TABLE workshops IS 'From booking.events: the account that runs a workshop.';

CREATE TABLE deliveries (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease UUID,
    attempts INTEGER DEFAULT 0 NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    last_status SMALLINT,
    sequence BIGINT DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT deliveries_once UNIQUE (endpoint_id, event_id),
    CONSTRAINT deliveries_status CHECK (status IN ('queued', 'delivered', 'exhausted', 'canceled')),
    CONSTRAINT deliveries_lease CHECK (lease IS NULL OR status = 'queued'),
    FOREIGN KEY(endpoint_id) REFERENCES endpoints (id),
    FOREIGN KEY(event_id) REFERENCES messages (event_id)
);

CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_at) WHERE status = 'queued';

CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id);

CREATE INDEX deliveries_event ON deliveries (event_id);

CREATE INDEX deliveries_leased ON deliveries (endpoint_id) WHERE lease IS NOT NULL;

COMMENT ON TABLE deliveries IS 'One event on its way to one endpoint, a lease holds it until `due_at`.';

CREATE TABLE emails (
    id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    recipient TEXT,
    status TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease UUID,
    attempts INTEGER DEFAULT 0 NOT NULL,
    error TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT emails_status CHECK (status IN ('queued', 'sent', 'failed')),
    UNIQUE (event_id),
    FOREIGN KEY(event_id) REFERENCES messages (event_id)
);

CREATE INDEX emails_due ON emails (due_at) WHERE status = 'queued';

COMMENT ON TABLE emails IS 'One mail an event at most, without a recipient it goes to the partner''s address.';

CREATE TABLE attempts (
    id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    duration_ms INTEGER NOT NULL,
    status SMALLINT,
    error TEXT,
    answer BYTEA NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
);

CREATE INDEX attempts_delivery ON attempts (delivery_id, id);

COMMENT ON TABLE attempts IS 'What came of each request, the answer''s first 20 kB.';

