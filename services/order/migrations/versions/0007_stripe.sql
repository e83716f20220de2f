CREATE TABLE stripe_intents (
    key TEXT NOT NULL,
    token TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    stripe_id TEXT,
    abandoned BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (key),
    UNIQUE (stripe_id)
);
