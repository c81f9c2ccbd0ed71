-- Public keys that clients registered, and the provider's own keys that sign replies, by algorithm and version.
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

CREATE TABLE sandbank_reply_keys (
    provider  TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    version   INTEGER NOT NULL,
    id        TEXT NOT NULL,
    key       BYTEA NOT NULL,
    made_at   TEXT NOT NULL,
    PRIMARY KEY (provider, algorithm, version)
);

-- Whatever a provider's calls make and move: one row each, the provider's own words in the JSON.
CREATE TABLE sandbank_resources (
    provider TEXT NOT NULL,
    client   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (provider, client, kind, id)
);

ALTER TABLE sandbank_clients ADD COLUMN require_jws INTEGER NOT NULL DEFAULT 0;
