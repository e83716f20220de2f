CREATE TABLE workers (
    id UUID NOT NULL,
    alive_until TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE workers IS 'Processes that send, each until its lease ends by the database''s clock.';

CREATE TABLE lanes (
    endpoint_id TEXT NOT NULL,
    worker_id UUID NOT NULL,
    PRIMARY KEY (endpoint_id),
    FOREIGN KEY(endpoint_id) REFERENCES endpoints (id) ON DELETE CASCADE,
    FOREIGN KEY(worker_id) REFERENCES workers (id) ON DELETE CASCADE
);

CREATE INDEX lanes_worker ON lanes (worker_id);

COMMENT ON TABLE lanes IS 'The one worker that sends to an endpoint, one without is anybody''s.';

DROP INDEX deliveries_due;

DROP INDEX deliveries_leased;

ALTER TABLE deliveries
    DROP CONSTRAINT deliveries_lease,
    DROP CONSTRAINT deliveries_status,
    DROP COLUMN lease,
    ADD COLUMN ordering_key TEXT,
    ADD COLUMN ordering_sequence BIGINT,
    ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT deliveries_status CHECK (status IN
        ('queued', 'delivered', 'exhausted', 'canceled', 'superseded', 'expired'));

ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.01);

CREATE INDEX deliveries_due ON deliveries (endpoint_id, due_at, id) WHERE status = 'queued';

CREATE INDEX deliveries_came_due ON deliveries (due_at) WHERE status = 'queued';

CREATE INDEX deliveries_ordering ON deliveries (endpoint_id, ordering_key, ordering_sequence, id)
    WHERE status = 'queued' AND ordering_key IS NOT NULL;

COMMENT ON TABLE deliveries IS 'One event on its way to one endpoint.';
