-- Uploaded certificates have serials that others gave, and one that was deleted may be uploaded again: so a certificate
-- goes by an id of its own, a serial is unique among those issued here, a fingerprint among those not revoked.
-- What is there already was issued here and is named by its serial.
CREATE TABLE ca_certificates_by_id (
    id TEXT PRIMARY KEY,
    serial TEXT NOT NULL,
    origin TEXT NOT NULL,
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
    fingerprint_sha256 TEXT NOT NULL,
    spki_sha256 TEXT NOT NULL,
    der BYTEA NOT NULL
);

INSERT INTO ca_certificates_by_id (
    id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
)
SELECT serial, serial, 'issued', provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates;

DROP TABLE ca_certificates;

ALTER TABLE ca_certificates_by_id RENAME TO ca_certificates;

-- The standing of a holder is asked at every CSR, the list of a provider on every page that shows one.
CREATE INDEX ca_certificates_by_holder ON ca_certificates (provider, holder, issued_at);

CREATE INDEX ca_certificates_by_fingerprint ON ca_certificates (fingerprint_sha256);

CREATE INDEX ca_certificates_by_serial ON ca_certificates (serial);

-- Whether a key is in use already, for what and by whom.
CREATE INDEX ca_certificates_by_key ON ca_certificates (spki_sha256);

CREATE UNIQUE INDEX ca_certificates_one_of_a_kind ON ca_certificates (fingerprint_sha256) WHERE revoked_at IS NULL;

CREATE UNIQUE INDEX ca_certificates_one_serial ON ca_certificates (serial) WHERE origin = 'issued'
