-- Every query of ca/store.py, in the dialect that SQLite and PostgreSQL share.

-- name: read_authority(name)^
SELECT certificate, key, fingerprint_sha256
FROM ca_authorities
WHERE name = :name;

-- name: read_authority_fingerprint(name)$
SELECT fingerprint_sha256
FROM ca_authorities
WHERE name = :name;

-- name: write_authority(name, certificate, key, fingerprint_sha256, made_at)!
INSERT INTO ca_authorities (name, certificate, key, fingerprint_sha256, made_at)
VALUES (:name, :certificate, :key, :fingerprint_sha256, :made_at)
ON CONFLICT (name) DO UPDATE SET
    certificate = excluded.certificate,
    key = excluded.key,
    fingerprint_sha256 = excluded.fingerprint_sha256,
    made_at = excluded.made_at;

-- name: authority_keys()
SELECT name, key
FROM ca_authorities
WHERE key IS NOT NULL
ORDER BY name;

-- name: write_authority_key(name, key)!
UPDATE ca_authorities
SET key = :key
WHERE name = :name;

-- name: drop_authority(name)!
DELETE FROM ca_authorities
WHERE name = :name;

-- name: add_certificate(id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at, revoked_at, reason, fingerprint_sha256, spki_sha256, der)!
INSERT INTO ca_certificates (
    id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
) VALUES (
    :id, :serial, :origin, :provider, :holder, :name, :purpose, :profile, :subject, :not_before, :not_after, :issued_at,
    :revoked_at, :reason, :fingerprint_sha256, :spki_sha256, :der
);

-- name: by_serial(serial)^
-- Here and below in two halves, for each of which there is an index.
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE (serial = :serial AND origin = 'issued')
    OR (serial = :serial AND origin = 'uploaded')
ORDER BY CASE WHEN origin = 'issued' THEN 0 ELSE 1 END, issued_at DESC, id
LIMIT 1;

-- name: serial_taken(serial)$
SELECT EXISTS (SELECT 1 FROM ca_certificates WHERE serial = :serial AND origin = 'issued')
    OR EXISTS (SELECT 1 FROM ca_certificates WHERE id = :serial);

-- name: by_id(id)^
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE id = :id;

-- name: by_fingerprint(provider, fingerprint_sha256)^
-- "IS TRUE": else SQLite would rather read all certificates of the provider than the few of a fingerprint.
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE ((fingerprint_sha256 = :fingerprint_sha256 AND revoked_at IS NULL)
    OR (fingerprint_sha256 = :fingerprint_sha256 AND revoked_at IS NOT NULL))
    AND (provider = :provider) IS TRUE
ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, revoked_at DESC, issued_at DESC, id
LIMIT 1;

-- name: elsewhere(provider, fingerprint_sha256)^
-- The same certificate at another provider: told to whoever shows it at the wrong door, and good for nothing there.
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE (fingerprint_sha256 = :fingerprint_sha256 AND revoked_at IS NULL AND provider <> :provider)
    OR (fingerprint_sha256 = :fingerprint_sha256 AND revoked_at IS NOT NULL AND provider <> :provider)
ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, revoked_at DESC, issued_at DESC, id
LIMIT 1;

-- name: by_mark(id, serial, fingerprint_sha256)
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE id = :id
    OR (serial = :serial AND origin = 'issued')
    OR (serial = :serial AND origin = 'uploaded')
    OR (fingerprint_sha256 = :fingerprint_sha256 AND revoked_at IS NULL)
    OR (fingerprint_sha256 = :fingerprint_sha256 AND revoked_at IS NOT NULL);

-- name: of_name(provider, name, limit)
-- Of that name, whosever they are; the newest first.
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE provider = :provider
    AND name = :name
ORDER BY issued_at DESC, id DESC
LIMIT :limit;

-- name: begun(provider, id, serial, fingerprint_sha256, limit)
-- Those whose marks begin so. Each is hexadecimal digits and hyphens, with no wildcard but the one at its end.
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE provider = :provider
    AND (id LIKE :id OR serial LIKE :serial OR fingerprint_sha256 LIKE :fingerprint_sha256)
ORDER BY issued_at DESC, id DESC
LIMIT :limit;

-- name: all_certificates()
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
ORDER BY issued_at, id;

-- name: certificates_of_provider(provider)
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE provider = :provider
ORDER BY issued_at, id;

-- name: certificates_of_holder(provider, holder)
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE provider = :provider
    AND holder = :holder
ORDER BY issued_at, id;

-- name: page_of_provider(provider, issued_at, id, limit)
-- What comes after an instant and an id, in the order of the list; texts that are empty come before all.
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE provider = :provider
    AND (issued_at, id) > (:issued_at, :id)
ORDER BY issued_at, id
LIMIT :limit;

-- name: page_of_holder(provider, holder, issued_at, id, limit)
SELECT id, serial, origin, provider, holder, name, purpose, profile, subject, not_before, not_after, issued_at,
    revoked_at, reason, fingerprint_sha256, spki_sha256, der
FROM ca_certificates
WHERE provider = :provider
    AND holder = :holder
    AND (issued_at, id) > (:issued_at, :id)
ORDER BY issued_at, id
LIMIT :limit;

-- name: standing_names(provider, holder, purpose, now)
SELECT name
FROM ca_certificates
WHERE provider = :provider
    AND holder = :holder
    AND purpose = :purpose
    AND revoked_at IS NULL
    AND not_after >= :now;

-- name: standing_names_and_newest(provider, holder, purpose, now, newest)
-- The names as above, and after them the holder's newest certificates whatever became of them.
SELECT name, CAST(NULL AS TEXT), CAST(NULL AS BYTEA)
FROM ca_certificates
WHERE provider = :provider
    AND holder = :holder
    AND purpose = :purpose
    AND revoked_at IS NULL
    AND not_after >= :now
UNION ALL
SELECT NULL, spki_sha256, der
FROM (
    SELECT spki_sha256, der
    FROM ca_certificates
    WHERE provider = :provider
        AND holder = :holder
    ORDER BY issued_at DESC
    LIMIT :newest
) AS newest;

-- name: key_uses(provider, spki_sha256)
SELECT DISTINCT holder, purpose
FROM ca_certificates
WHERE spki_sha256 = :spki_sha256
    AND provider = :provider
    AND revoked_at IS NULL;

-- name: revoked_at(provider, serial)$
SELECT revoked_at
FROM ca_certificates
WHERE serial = :serial
    AND provider = :provider
    AND origin = 'issued';

-- name: revoke(id, now, reason)!
UPDATE ca_certificates
SET revoked_at = :now, reason = :reason
WHERE id = :id
    AND revoked_at IS NULL;

-- name: release_holder(provider, holder, now, reason)!
UPDATE ca_certificates
SET revoked_at = :now, reason = :reason
WHERE provider = :provider
    AND holder = :holder
    AND revoked_at IS NULL;


-- name: read_crl(issuer)^
SELECT issuer_sha256, number, revoked, in_force, der
FROM ca_crls
WHERE issuer = :issuer;

-- name: take_crl_number(issuer)$
INSERT INTO ca_crl_numbers (issuer, number)
VALUES (:issuer, 1)
ON CONFLICT (issuer) DO UPDATE SET
    number = ca_crl_numbers.number + 1
RETURNING number;

-- name: write_crl(issuer, issuer_sha256, number, revoked, in_force, der)!
-- Whatever happens, a number takes the place of a lower one only.
INSERT INTO ca_crls (issuer, issuer_sha256, number, revoked, in_force, der)
VALUES (:issuer, :issuer_sha256, :number, :revoked, :in_force, :der)
ON CONFLICT (issuer) DO UPDATE SET
    issuer_sha256 = excluded.issuer_sha256,
    number = excluded.number,
    revoked = excluded.revoked,
    in_force = excluded.in_force,
    der = excluded.der
WHERE excluded.number > ca_crls.number;

-- name: count_revocations(provider, now)^
SELECT COUNT(*), COUNT(CASE WHEN revoked_at <= :now THEN 1 END), MIN(CASE WHEN revoked_at > :now THEN revoked_at END)
FROM ca_certificates
WHERE provider = :provider
    AND origin = 'issued'
    AND revoked_at IS NOT NULL;

-- name: revocations(provider, now)
SELECT serial, revoked_at, reason
FROM ca_certificates
WHERE provider = :provider
    AND origin = 'issued'
    AND revoked_at IS NOT NULL
    AND not_after >= :now;

-- name: pinned(provider, purpose)
SELECT der
FROM ca_certificates
WHERE provider = :provider
    AND purpose = :purpose
    AND origin = 'uploaded'
    AND revoked_at IS NULL
ORDER BY issued_at, id;
