"""The tables that every service's database has beside its own.

Applied histories rest on these scripts: never edit one, add another.
"""

from __future__ import annotations

EVENTS = """
CREATE SEQUENCE events_position;
CREATE TABLE events (
    position bigint NOT NULL DEFAULT nextval('events_position'),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    id uuid NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    subject text NOT NULL,
    "time" timestamptz NOT NULL,
    sequence bigint NOT NULL,
    partner_id text NOT NULL,
    correlation_id text NOT NULL,
    causation_id text,
    traceparent text,
    data json NOT NULL, -- json, not jsonb: it stays the same to the byte
    PRIMARY KEY (recorded_at, position)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX events_subject ON events (subject, sequence);
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE TABLE outbox (
    position bigint PRIMARY KEY,
    recorded_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE relay_state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch bigint NOT NULL
);
INSERT INTO relay_state (epoch) VALUES (0);
CREATE TABLE relay_marks (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
"""
"""`events` is the durable log, `outbox` what is still owed, `relay_marks` how far a topic got."""

INBOX = """
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_received_at ON inbox USING brin (received_at);
CREATE TABLE parked (
    consumer text NOT NULL,
    event_id text NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    origin text NOT NULL, -- topic/partition/offset
    headers json NOT NULL,
    value bytea,
    error text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);
CREATE INDEX parked_key ON parked (consumer, key);
"""
"""`inbox` makes effects happen once; `parked` keeps poison, and the later events of its key."""

IDEMPOTENCY = """
CREATE TABLE idempotency_keys (
    owner text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    headers json NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys USING brin (created_at);
"""
"""An answer kept in its write's own transaction, to be given again to the same key and body."""

SANDBOX_CLOCK = """
CREATE TABLE sandbox_clock (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    ahead interval NOT NULL,
    sequence bigint NOT NULL
);
"""
"""How far business time is ahead of the wall's, where a sandbox was advanced; else it is empty."""
