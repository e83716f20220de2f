CREATE TABLE erasures (
    id TEXT NOT NULL,
    keys TEXT[] NOT NULL,
    keys_hash TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    status TEXT NOT NULL,
    passes INTEGER NOT NULL,
    found INTEGER NOT NULL,
    position BIGINT NOT NULL,
    digest TEXT NOT NULL,
    messages INTEGER DEFAULT 0 NOT NULL,
    deliveries INTEGER DEFAULT 0 NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    emails INTEGER DEFAULT 0 NOT NULL,
    texts INTEGER DEFAULT 0 NOT NULL,
    replays INTEGER DEFAULT 0 NOT NULL,
    parked INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT erasures_status CHECK (status IN ('running', 'finished')),
    CONSTRAINT erasures_forget CHECK (status = 'running' OR keys = '{}')
);

CREATE INDEX erasures_running ON erasures (id) WHERE status = 'running';

COMMENT ON TABLE erasures IS 'What was erased, how much, and when, never of whom.';

ALTER TABLE emails ADD COLUMN erased BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE emails DROP CONSTRAINT emails_status;

ALTER TABLE emails ADD CONSTRAINT emails_status
    CHECK (status IN ('queued', 'sent', 'failed', 'suppressed', 'erased'));
