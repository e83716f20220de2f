CREATE TABLE deals (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    contact JSONB,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('open', 'closed')),
    CONSTRAINT closed_at_known CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);

CREATE INDEX deals_partner ON deals (partner_id, id);
