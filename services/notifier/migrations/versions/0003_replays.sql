ALTER TABLE messages ADD COLUMN vin TEXT;

UPDATE messages
SET vin = upper(coalesce(data::json -> 'vehicle' ->> 'vin', data::json -> 'car' ->> 'vin'))
WHERE data LIKE '%"vin":"%';

CREATE INDEX messages_vin ON messages (vin, position) WHERE vin IS NOT NULL;

CREATE INDEX messages_subject ON messages (subject, position);

ALTER TABLE endpoints
    ADD COLUMN workshop_ids TEXT[],
    ADD COLUMN vins TEXT[],
    ADD COLUMN headers BYTEA,
    ADD COLUMN header_names TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN payload_version SMALLINT DEFAULT 1 NOT NULL,
    ADD COLUMN warned_at TIMESTAMP WITH TIME ZONE;

CREATE TABLE replays (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    types TEXT[],
    subject TEXT,
    vin TEXT,
    workshop_id TEXT,
    since TIMESTAMP WITH TIME ZONE,
    until TIMESTAMP WITH TIME ZONE,
    rate INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    total INTEGER NOT NULL,
    queued INTEGER DEFAULT 0 NOT NULL,
    position BIGINT DEFAULT 0 NOT NULL,
    until_position BIGINT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT replays_status CHECK (status IN ('running', 'finished', 'stopped')),
    CONSTRAINT replays_rate CHECK (rate > 0),
    FOREIGN KEY(endpoint_id) REFERENCES endpoints (id)
);

CREATE INDEX replays_due ON replays (due_at) WHERE status = 'running';

CREATE UNIQUE INDEX replays_one_at_a_time ON replays (endpoint_id) WHERE status = 'running';

CREATE INDEX replays_endpoint ON replays (endpoint_id, id);

COMMENT ON TABLE replays IS 'Events to be sent again, a worker goes on from `position`.';

ALTER TABLE deliveries ADD COLUMN replay_id TEXT REFERENCES replays (id);

ALTER TABLE deliveries DROP CONSTRAINT deliveries_once;

ALTER TABLE deliveries ADD CONSTRAINT deliveries_once
    UNIQUE NULLS NOT DISTINCT (endpoint_id, event_id, replay_id);

CREATE INDEX deliveries_replay ON deliveries (replay_id, status) WHERE replay_id IS NOT NULL;
