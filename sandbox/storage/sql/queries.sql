-- name: fact(name)$
SELECT value FROM sandbank_facts WHERE name = :name;

-- name: set_fact(name, value)!
INSERT INTO sandbank_facts (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: names_like(like)
SELECT name FROM sandbank_facts WHERE name LIKE :like;

-- name: remove_facts(like)!
DELETE FROM sandbank_facts WHERE name LIKE :like;

-- name: move_generation()!
-- Text, as every fact is; the cast keeps the arithmetic in one statement, so two writers cannot both read the old one.
INSERT INTO sandbank_facts (name, value) VALUES ('generation', '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(sandbank_facts.value AS INTEGER) + 1 AS TEXT);

-- name: add_client(provider, id, name, secret, created_at, require_jws, require_mtls, token_format, rate_limit, sca, check_callbacks)!
INSERT INTO sandbank_clients (provider, id, name, secret, created_at, require_jws, require_mtls, token_format, rate_limit,
    sca, check_callbacks)
VALUES (:provider, :id, :name, :secret, :created_at, :require_jws, :require_mtls,
    :token_format, :rate_limit, :sca, :check_callbacks)
ON CONFLICT DO NOTHING;

-- name: clients(provider)
SELECT provider, id, name, secret, created_at, require_jws, require_mtls, token_format, rate_limit, sca,
    check_callbacks
FROM sandbank_clients
WHERE provider = :provider ORDER BY created_at, name;

-- name: client_by_id(provider, id)^
SELECT provider, id, name, secret, created_at, require_jws, require_mtls, token_format, rate_limit, sca,
    check_callbacks
FROM sandbank_clients
WHERE provider = :provider AND id = :id;

-- name: client_by_name(provider, name)^
SELECT provider, id, name, secret, created_at, require_jws, require_mtls, token_format, rate_limit, sca,
    check_callbacks
FROM sandbank_clients
WHERE provider = :provider AND name = :name;

-- name: update_client(provider, id, secret, require_jws, require_mtls, token_format, rate_limit, sca, check_callbacks)!
UPDATE sandbank_clients SET secret = :secret, require_jws = :require_jws, require_mtls = :require_mtls,
    token_format = :token_format, rate_limit = :rate_limit, sca = :sca,
    check_callbacks = :check_callbacks
WHERE provider = :provider AND id = :id;

-- name: remove_client(provider, id)!
DELETE FROM sandbank_clients WHERE provider = :provider AND id = :id;

-- name: add_token(digest, provider, client, kind, scope, issued_at, expires_at, id, requested_by, resource)!
INSERT INTO sandbank_tokens (digest, provider, client, kind, scope, issued_at, expires_at, id, requested_by, resource)
VALUES (:digest, :provider, :client, :kind, :scope, :issued_at, :expires_at, :id, :requested_by, :resource);

-- name: token(digest)^
SELECT digest, provider, client, kind, scope, issued_at, expires_at, id, requested_by, resource, revoked_at
FROM sandbank_tokens WHERE digest = :digest;

-- name: tokens_ending(after, before, limit)
SELECT digest, provider, client, kind, scope, issued_at, expires_at, id, requested_by, resource, revoked_at
FROM sandbank_tokens WHERE expires_at >= :after AND expires_at < :before AND revoked_at IS NULL
ORDER BY expires_at LIMIT :limit;

-- name: tokens_ended(before, limit)
SELECT digest, provider, client, kind, scope, issued_at, expires_at, id, requested_by, resource, revoked_at
FROM sandbank_tokens WHERE expires_at < :before AND revoked_at IS NULL ORDER BY expires_at DESC LIMIT :limit;

-- name: tokens_of(provider, client)
SELECT digest, provider, client, kind, scope, issued_at, expires_at, id, requested_by, resource, revoked_at
FROM sandbank_tokens WHERE provider = :provider AND client = :client ORDER BY issued_at, digest;

-- name: revoke_token(digest, revoked_at)!
UPDATE sandbank_tokens SET revoked_at = :revoked_at WHERE digest = :digest;

-- name: remove_tokens_of(provider, client)!
-- And those that it has asked for on another's behalf: its certificate opens the door to them.
DELETE FROM sandbank_tokens WHERE provider = :provider AND (client = :client OR requested_by = :client);

-- name: remove_tokens_before(expires_at)!
DELETE FROM sandbank_tokens WHERE expires_at < :expires_at;

-- name: add_client_key(id, provider, client, kid, algorithm, spki, active_from, expires_at, deleted_at, added_at)!
INSERT INTO sandbank_client_keys
    (id, provider, client, kid, algorithm, spki, active_from, expires_at, deleted_at, added_at)
VALUES (:id, :provider, :client, :kid, :algorithm, :spki, :active_from, :expires_at, :deleted_at, :added_at)
ON CONFLICT DO NOTHING;

-- name: client_keys(provider, client)
SELECT id, provider, client, kid, algorithm, spki, active_from, expires_at, deleted_at, added_at
FROM sandbank_client_keys WHERE provider = :provider AND client = :client ORDER BY added_at, id;

-- name: delete_client_key(id, deleted_at)!
UPDATE sandbank_client_keys SET deleted_at = :deleted_at WHERE id = :id;

-- name: remove_client_keys(provider, client)!
DELETE FROM sandbank_client_keys WHERE provider = :provider AND client = :client;

-- name: add_reply_key(provider, algorithm, version, id, key, made_at)!
INSERT INTO sandbank_reply_keys (provider, algorithm, version, id, key, made_at)
VALUES (:provider, :algorithm, :version, :id, :key, :made_at)
ON CONFLICT (provider, algorithm, version) DO NOTHING;

-- name: all_reply_keys()
SELECT provider, algorithm, version, key FROM sandbank_reply_keys ORDER BY provider, algorithm, version;

-- name: write_reply_key(provider, algorithm, version, key)!
UPDATE sandbank_reply_keys SET key = :key
WHERE provider = :provider AND algorithm = :algorithm AND version = :version;

-- name: reply_keys(provider, algorithm)
SELECT version, id, key FROM sandbank_reply_keys
WHERE provider = :provider AND algorithm = :algorithm ORDER BY version;

-- name: put_resource(provider, client, kind, id, body)!
-- Touches no index of a row that is there already.
INSERT INTO sandbank_resources (provider, client, kind, id, body) VALUES (:provider, :client, :kind, :id, :body)
ON CONFLICT (provider, client, kind, id) DO UPDATE SET body = excluded.body;

-- name: change_resource(provider, client, kind, id, body)^
-- Of a row that is there: most changes leave its place as it is, and then this is all that is written.
UPDATE sandbank_resources SET body = :body
WHERE provider = :provider AND client = :client AND kind = :kind AND id = :id
RETURNING position, keys;

-- name: change_known(provider, client, kind, id, body, position, keys, known)!
-- Of a row whose place was read in this transaction. It stays where it is; its index values may change. Changes nothing
-- where the place is another by now. Quicker than RETURNING, for which SQLite makes a table.
UPDATE sandbank_resources SET body = :body, keys = :keys
WHERE provider = :provider AND client = :client AND kind = :kind AND id = :id
  AND position = :position AND keys = :known;

-- name: add_resource(provider, client, kind, id, body, position, keys)!
INSERT INTO sandbank_resources (provider, client, kind, id, body, position, keys)
VALUES (:provider, :client, :kind, :id, :body, :position, :keys);

-- name: place_resource(provider, client, kind, id, position, keys)!
UPDATE sandbank_resources SET position = :position, keys = :keys
WHERE provider = :provider AND client = :client AND kind = :kind AND id = :id;

-- name: resource_place(provider, client, kind, id)
SELECT position, keys FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind AND id = :id;

-- name: add_resource_key(provider, client, kind, id, name, value)!
INSERT INTO sandbank_resource_keys (provider, client, kind, id, name, value)
VALUES (:provider, :client, :kind, :id, :name, :value);

-- name: move_resource_key(provider, client, kind, id, name, old, new)!
UPDATE sandbank_resource_keys SET value = :new
WHERE provider = :provider AND client = :client AND kind = :kind AND name = :name AND value = :old AND id = :id;

-- name: remove_resource_key(provider, client, kind, id, name, value)!
DELETE FROM sandbank_resource_keys
WHERE provider = :provider AND client = :client AND kind = :kind
  AND name = :name AND value = :value AND id = :id;

-- name: resource(provider, client, kind, id)$
SELECT body FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind AND id = :id;

-- name: resource_with_place(provider, client, kind, id)
SELECT body, position, keys FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind AND id = :id;

-- name: resources(provider, client, kind)
SELECT id, body, position, keys FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind ORDER BY id;

-- name: rows_of_kind(provider, client, kind)
SELECT id, body FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind;

-- name: beyond(provider, client, kind, most)$
-- Looks at the index only, and no further than it has to.
SELECT 1 FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind LIMIT 1 OFFSET :most;

-- name: count_of_kind(provider, client, kind)$
SELECT COUNT(*) FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind;

-- name: with_key(provider, client, kind, name_n)$
-- Joined to the two queries above, once for each condition; one of the next four takes the place of "fits".
AND id IN (
    SELECT id FROM sandbank_resource_keys
    WHERE provider = :provider AND client = :client AND kind = :kind AND name = :name_n AND (fits)
);

-- name: key_in(value_n)$
value = :value_n;

-- name: key_from(value_n)$
value >= :value_n;

-- name: key_until(value_n)$
value <= :value_n;

-- name: key_has(value_n)$
-- True where taking the part out changes the value: every database does this alike, and tells upper from lower case.
REPLACE(value, :value_n, '') <> value;

-- name: newest_first(size, start)$
ORDER BY position DESC, id DESC LIMIT :size OFFSET :start;

-- name: oldest_first(size, start)$
ORDER BY position, id LIMIT :size OFFSET :start;

-- name: remove_resource(provider, client, kind, id)!
DELETE FROM sandbank_resources
WHERE provider = :provider AND client = :client AND kind = :kind AND id = :id;

-- name: remove_resources(provider, client)!
DELETE FROM sandbank_resources WHERE provider = :provider AND client = :client;

-- name: remove_all_resource_keys(provider, client)!
DELETE FROM sandbank_resource_keys WHERE provider = :provider AND client = :client;

-- name: resource_kinds(provider, client)
SELECT DISTINCT kind FROM sandbank_resources WHERE provider = :provider AND client = :client ORDER BY kind;

-- name: put_seeded_row(provider, client, kind, id, body)!
INSERT INTO sandbank_seeded_rows (provider, client, kind, id, body) VALUES (:provider, :client, :kind, :id, :body)
ON CONFLICT (provider, client, kind, id) DO UPDATE SET body = excluded.body;

-- name: seeded_rows(provider, client)
SELECT kind, id, body FROM sandbank_seeded_rows
WHERE provider = :provider AND client = :client ORDER BY kind, id;

-- name: remove_seeded_rows(provider, client)!
DELETE FROM sandbank_seeded_rows WHERE provider = :provider AND client = :client;
