-- The authority's own certificates: roots, CAs, and the server certificate. One row each, found by its name.
-- key is PKCS#8; NULL where the key was destroyed after its work was done (the server root).
-- BYTEA is PostgreSQL's word; SQLite keeps a blob as it is under any such name.
CREATE TABLE ca_authorities (
    name TEXT PRIMARY KEY,
    certificate BYTEA NOT NULL,
    key BYTEA,
    fingerprint_sha256 TEXT NOT NULL,
    made_at TEXT NOT NULL
)
