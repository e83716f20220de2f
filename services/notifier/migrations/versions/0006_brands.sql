CREATE TABLE brands (
    partner_id TEXT NOT NULL,
    name TEXT,
    colour TEXT,
    logo_url TEXT,
    reply_to TEXT,
    language TEXT NOT NULL,
    texts BOOLEAN NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (partner_id)
);

COMMENT ON TABLE brands IS 'How an account''s mails look, and in which language they are.';

CREATE TABLE suppressions (
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (address),
    CONSTRAINT suppressions_reason CHECK (reason IN ('refused', 'bounced'))
);

COMMENT ON TABLE suppressions IS 'Addresses that are not there, in lower case.';

CREATE TABLE opt_outs (
    partner_id TEXT NOT NULL,
    address_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (partner_id, address_hash)
);

COMMENT ON TABLE opt_outs IS 'Who wants no reminders of an account''s, outlives an erasure as a hash.';

ALTER TABLE emails
    ADD COLUMN channel TEXT DEFAULT 'mail' NOT NULL,
    ADD COLUMN about TEXT,
    ADD COLUMN unsettled INTEGER DEFAULT 0 NOT NULL,
    ADD CONSTRAINT emails_channel CHECK (channel IN ('mail', 'text')),
    DROP CONSTRAINT emails_event_id_key,
    ADD CONSTRAINT emails_once UNIQUE (event_id, channel);

CREATE INDEX emails_recipient ON emails (recipient, finished_at) WHERE status = 'sent';

CREATE INDEX emails_about ON emails (about, created_at) WHERE about IS NOT NULL;

COMMENT ON TABLE emails IS 'One mail or text message an event, without a recipient it goes to the account.';
