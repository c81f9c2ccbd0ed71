CREATE TABLE sandbank_facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE sandbank_clients (
    provider   TEXT NOT NULL,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    secret     TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (provider, id),
    UNIQUE (provider, name)
);

CREATE TABLE sandbank_tokens (
    digest     TEXT PRIMARY KEY,
    provider   TEXT NOT NULL,
    client     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    scope      TEXT NOT NULL,
    issued_at  TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE INDEX sandbank_tokens_of_client ON sandbank_tokens (provider, client);
CREATE INDEX sandbank_tokens_by_expiry ON sandbank_tokens (expires_at);
