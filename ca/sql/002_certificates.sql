-- Every certificate issued to a client, for good: revoking marks it, nothing deletes it.
-- Times are text of fixed width, UTC, so that they sort and compare as text in every database.
CREATE TABLE ca_certificates (
    serial TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    profile TEXT NOT NULL,
    subject TEXT NOT NULL,
    not_before TEXT NOT NULL,
    not_after TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    revoked_at TEXT,
    reason TEXT NOT NULL,
    fingerprint_sha256 TEXT NOT NULL UNIQUE,
    spki_sha256 TEXT NOT NULL,
    der BYTEA NOT NULL
)
