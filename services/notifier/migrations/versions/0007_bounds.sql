CREATE INDEX endpoints_sees_all ON endpoints (id) WHERE sees_all;

CREATE INDEX deliveries_given_up ON deliveries (endpoint_id, id) WHERE status IN ('exhausted', 'canceled');

CREATE INDEX emails_address ON emails (lower(recipient));
