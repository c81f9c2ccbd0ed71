-- The tables of the authority. A semicolon stands between statements and nowhere else.
-- Times are text of fixed width, UTC, so that they sort and compare as text in every database.
-- BYTEA is PostgreSQL's word; SQLite keeps a blob as it is under any such name.

-- The authority's own certificates: roots, CAs, and the server certificate. One row each, found by its name.
-- key is PKCS#8; NULL where the key was destroyed after its work was done (the server root).
CREATE TABLE ca_authorities (
    name TEXT PRIMARY KEY,
    certificate BYTEA NOT NULL,
    key BYTEA,
    fingerprint_sha256 TEXT NOT NULL,
    made_at TEXT NOT NULL
);

-- Every certificate that was issued to a client or uploaded by one, for good: revoking marks it, nothing deletes it.
-- Uploaded certificates have serials that others gave, and one that was revoked may be uploaded again. So a
-- certificate goes by an id of its own, a serial is unique among those issued here, a fingerprint among those of one
-- provider that are not revoked: what becomes of a certificate at one provider is nothing to another.
CREATE TABLE ca_certificates (
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

-- These two also find certificates. What they find has no second index.
CREATE UNIQUE INDEX ca_certificates_one_of_a_kind ON ca_certificates (fingerprint_sha256, provider)
WHERE revoked_at IS NULL;

CREATE UNIQUE INDEX ca_certificates_one_serial ON ca_certificates (serial) WHERE origin = 'issued';

CREATE INDEX ca_certificates_by_fingerprint ON ca_certificates (fingerprint_sha256, provider)
WHERE revoked_at IS NOT NULL;

CREATE INDEX ca_certificates_by_serial ON ca_certificates (serial) WHERE origin = 'uploaded';

-- With 100,000 certificates an index costs a signing up to 0.02 ms, for each row comes to lie on a page of its own.
-- These two hold the whole answer (SQLite asks for revoked_at, although it is always NULL there), so that a client
-- which rotates its certificates every day, or a key that has thousands of them, costs no more.
CREATE INDEX ca_certificates_standing ON ca_certificates (provider, holder, purpose, not_after, name, revoked_at)
WHERE revoked_at IS NULL;

-- Whether a key is in use already, for what and by whom. By the key alone, SQLite would prefer to read all
-- certificates of the provider.
CREATE INDEX ca_certificates_by_key ON ca_certificates (spki_sha256, provider, holder, purpose, revoked_at)
WHERE revoked_at IS NULL;

-- Asked before the next handshake after every change.
CREATE INDEX ca_certificates_uploaded ON ca_certificates (provider, purpose, issued_at, id)
WHERE origin = 'uploaded' AND revoked_at IS NULL;

-- What was revoked is counted at every change, and read for every CRL.
CREATE INDEX ca_certificates_revoked ON ca_certificates (provider, revoked_at)
WHERE revoked_at IS NOT NULL AND origin = 'issued';

-- By its name a certificate is shown, bundled and revoked: the newest of that name.
CREATE INDEX ca_certificates_by_name ON ca_certificates (provider, name, issued_at, id);

-- The lists of a provider and of a holder are read in their order, and in pages. Without the id SQLite would sort the
-- holder's, and to spare that read the provider's instead.
CREATE INDEX ca_certificates_by_age ON ca_certificates (provider, issued_at, id);

CREATE INDEX ca_certificates_by_holder ON ca_certificates (provider, holder, issued_at, id);

-- The last CRL of each issuing CA. The row stays when its CA is made anew, so that its number never goes back.
-- revoked and in_force are the numbers of revocations when it was signed: by them one knows that there is another.
CREATE TABLE ca_crls (
    issuer TEXT PRIMARY KEY,
    issuer_sha256 TEXT NOT NULL,
    number BIGINT NOT NULL,
    revoked INTEGER NOT NULL,
    in_force INTEGER NOT NULL,
    der BYTEA NOT NULL
);

-- The highest number that was given to a CRL of each issuing CA, whether or not that CRL was ever signed and kept: a
-- number is taken before the signing, which happens outside of any transaction.
CREATE TABLE ca_crl_numbers (
    issuer TEXT PRIMARY KEY,
    number BIGINT NOT NULL
)
