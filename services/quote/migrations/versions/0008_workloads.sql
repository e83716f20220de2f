CREATE TABLE workloads (
    order_id TEXT NOT NULL,
    workshop_id TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    work INTERVAL NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (order_id)
);

CREATE INDEX workloads_of_workshop ON workloads (workshop_id) INCLUDE (work) WHERE open;
