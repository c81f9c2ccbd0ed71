-- What is to be sent to clients: a row is written in the transaction of its cause, and stays when it is done.
CREATE TABLE sandbank_deliveries (
    id            TEXT PRIMARY KEY,
    number        INTEGER NOT NULL,
    provider      TEXT NOT NULL,
    client        TEXT NOT NULL,
    subscription  TEXT NOT NULL,
    event         TEXT NOT NULL,
    url           TEXT NOT NULL,
    mtls          INTEGER NOT NULL,
    test          INTEGER NOT NULL,
    body          BYTEA NOT NULL,
    headers       TEXT NOT NULL,
    queued_at     TEXT NOT NULL,
    status        TEXT NOT NULL,
    due_at        TEXT NOT NULL,
    tries         INTEGER NOT NULL,
    first_at      TEXT,
    lasting       INTEGER,
    -- By which process it is being sent, and until when that is believed, by real time.
    claimed_by    TEXT NOT NULL DEFAULT '',
    claimed_until TEXT NOT NULL DEFAULT ''
);

CREATE INDEX sandbank_deliveries_due ON sandbank_deliveries (status, due_at);
CREATE INDEX sandbank_deliveries_of_client ON sandbank_deliveries (provider, client, number);
CREATE INDEX sandbank_deliveries_by_number ON sandbank_deliveries (number);

CREATE TABLE sandbank_attempts (
    delivery TEXT NOT NULL,
    number   INTEGER NOT NULL,
    attempt  TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
);

-- How a client wants to be sent webhooks, as far as it has said so.
CREATE TABLE sandbank_webhook_settings (
    provider    TEXT NOT NULL,
    client      TEXT NOT NULL,
    mtls        INTEGER,
    ca          TEXT NOT NULL,
    certificate TEXT NOT NULL,
    PRIMARY KEY (provider, client)
);
