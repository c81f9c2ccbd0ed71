-- Single facts about the state: its schema version, identity, ports, server names, clock and generation.
CREATE TABLE sandbank_facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE sandbank_clients (
    provider    TEXT NOT NULL,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    secret      TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    require_jws INTEGER NOT NULL,
    require_mtls INTEGER NOT NULL,
    token_format TEXT NOT NULL, -- of the tokens that it is given, or empty
    rate_limit  TEXT NOT NULL, -- how often it may call, or empty
    sca         INTEGER NOT NULL, -- whether its users approve certain calls
    check_callbacks INTEGER NOT NULL DEFAULT 0, -- whether the address of a new subscription is called first
    PRIMARY KEY (provider, id),
    UNIQUE (provider, name)
);

-- Access tokens, by the digest of what the caller sends. requested_by is the client that asked for one on another's
-- behalf; resource is the one resource that it is good for, or empty.
CREATE TABLE sandbank_tokens (
    digest       TEXT PRIMARY KEY,
    provider     TEXT NOT NULL,
    client       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    issued_at    TEXT NOT NULL,
    expires_at   TEXT NOT NULL,
    id           TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    resource     TEXT NOT NULL,
    revoked_at   TEXT
);

CREATE INDEX sandbank_tokens_of_client ON sandbank_tokens (provider, client);
CREATE INDEX sandbank_tokens_by_expiry ON sandbank_tokens (expires_at);

-- Public keys that clients registered for signed calls.
CREATE TABLE sandbank_client_keys (
    id          TEXT PRIMARY KEY,
    provider    TEXT NOT NULL,
    client      TEXT NOT NULL,
    kid         TEXT,
    algorithm   TEXT NOT NULL,
    spki        TEXT NOT NULL,
    active_from TEXT,
    expires_at  TEXT,
    deleted_at  TEXT,
    added_at    TEXT NOT NULL,
    UNIQUE (provider, client, kid)
);

-- The provider's own keys that sign responses, by algorithm and version.
CREATE TABLE sandbank_reply_keys (
    provider  TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    version   INTEGER NOT NULL,
    id        TEXT NOT NULL,
    key       BYTEA NOT NULL,
    made_at   TEXT NOT NULL,
    PRIMARY KEY (provider, algorithm, version)
);

-- What a provider's calls make and change: a row each, its body in JSON with the provider's own names.
CREATE TABLE sandbank_resources (
    provider TEXT NOT NULL,
    client   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    position BIGINT NOT NULL DEFAULT 0, -- where it stands in lists: the highest is the newest
    keys     TEXT NOT NULL DEFAULT '', -- its index values as JSON, so that a change finds those that have to go. Empty: none
    PRIMARY KEY (provider, client, kind, id)
);

CREATE INDEX sandbank_resources_in_order ON sandbank_resources (provider, client, kind, position, id);

-- The index values that the kind of a row declares: lists and lookups ask here and not every body. Nothing but a key, so
-- that it is kept once and not a second time as a table.
CREATE TABLE sandbank_resource_keys (
    provider TEXT NOT NULL,
    client   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    id       TEXT NOT NULL,
    PRIMARY KEY (provider, client, kind, name, value, id)
) WITHOUT ROWID;

-- The rows that a seed file gave a client, as they were when it was applied: a reset brings them back.
CREATE TABLE sandbank_seeded_rows (
    provider TEXT NOT NULL,
    client   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (provider, client, kind, id)
);
