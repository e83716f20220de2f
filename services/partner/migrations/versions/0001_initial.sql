CREATE TABLE failures (
    client_id TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (client_id)
);

CREATE TABLE partners (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    roles TEXT[] NOT NULL,
    active BOOLEAN NOT NULL,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE signing_keys (
    id TEXT NOT NULL,
    private_pem TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    retires_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id)
);

CREATE TABLE clients (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    description TEXT,
    secret_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    FOREIGN KEY(partner_id) REFERENCES partners (id)
);

CREATE INDEX clients_of_partner ON clients (partner_id, id);

CREATE TABLE refresh_families (
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scope TEXT[] NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    FOREIGN KEY(client_id) REFERENCES clients (id)
);

CREATE INDEX refresh_families_to_forget ON refresh_families (expires_at);

CREATE TABLE refresh_tokens (
    hash BYTEA NOT NULL,
    family_id TEXT NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (hash),
    FOREIGN KEY(family_id) REFERENCES refresh_families (id) ON DELETE CASCADE
);

CREATE INDEX refresh_tokens_of_family ON refresh_tokens (family_id);
