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

-- What was revoked is counted at every change, and read for every CRL.
CREATE INDEX ca_certificates_revoked ON ca_certificates (provider, revoked_at)
WHERE revoked_at IS NOT NULL AND origin = 'issued'
