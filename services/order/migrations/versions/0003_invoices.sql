CREATE TABLE issuer (
    one BOOLEAN DEFAULT 'true' NOT NULL,
    name TEXT NOT NULL,
    details JSONB NOT NULL,
    invoice_prefix TEXT NOT NULL,
    credit_note_prefix TEXT NOT NULL,
    due_days INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    bank_account TEXT,
    updated_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (one),
    CONSTRAINT one_issuer CHECK (one)
);

CREATE TABLE billing_accounts (
    partner_id TEXT NOT NULL,
    customer_number INTEGER GENERATED ALWAYS AS IDENTITY,
    details JSONB,
    updated_at TIMESTAMP WITH TIME ZONE,
    name TEXT,
    email TEXT,
    sequence BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (partner_id),
    UNIQUE (customer_number)
);

CREATE TABLE invoices (
    id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    order_id TEXT,
    deal_id TEXT,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    contact JSONB,
    number TEXT,
    due_on DATE,
    seller JSONB,
    buyer JSONB,
    issued_at TIMESTAMP WITH TIME ZONE,
    means TEXT,
    payment_id TEXT,
    payment_reference TEXT,
    paid_at TIMESTAMP WITH TIME ZONE,
    reason TEXT,
    rolled_into TEXT,
    sequence BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('draft', 'open', 'paid', 'void')),
    CONSTRAINT means_known CHECK (means IN ('card', 'bank-transfer')),
    CONSTRAINT numbered_when_issued CHECK ((number IS NULL) = (issued_at IS NULL)),
    CONSTRAINT open_has_number CHECK (status NOT IN ('open', 'paid') OR number IS NOT NULL),
    CONSTRAINT paid_at_known CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
    FOREIGN KEY(order_id) REFERENCES orders (id),
    FOREIGN KEY(rolled_into) REFERENCES invoices (id)
);

CREATE INDEX invoices_deal ON invoices (deal_id);

CREATE UNIQUE INDEX invoices_number ON invoices (number);

CREATE UNIQUE INDEX invoices_one_final ON invoices (deal_id) WHERE order_id IS NULL;

CREATE INDEX invoices_partner ON invoices (partner_id, id);

CREATE TABLE invoice_lines (
    invoice_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    description TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    credited_price BIGINT NOT NULL,
    credited_tax BIGINT NOT NULL,
    PRIMARY KEY (invoice_id, position),
    CONSTRAINT no_more_than_charged CHECK (credited_price <= price AND credited_tax <= tax),
    FOREIGN KEY(invoice_id) REFERENCES invoices (id),
    FOREIGN KEY(order_id) REFERENCES orders (id)
);

CREATE INDEX invoice_lines_order ON invoice_lines (order_id);

CREATE TABLE credit_notes (
    id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    number TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(invoice_id) REFERENCES invoices (id),
    UNIQUE (number)
);

CREATE INDEX credit_notes_invoice ON credit_notes (invoice_id, id);

CREATE TABLE credit_note_lines (
    credit_note_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    price BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    PRIMARY KEY (credit_note_id, position),
    FOREIGN KEY(credit_note_id) REFERENCES credit_notes (id)
);

CREATE TABLE invoice_series (
    partner_id TEXT NOT NULL,
    series TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (partner_id, series)
);

CREATE INDEX quotes_deal ON quotes (deal_id) WHERE deal_id IS NOT NULL;

INSERT INTO issuer (name, details, invoice_prefix, credit_note_prefix, due_days, time_zone)
VALUES ('Roadworthy', '{}', 'INV', 'CN', 14, 'UTC');
