-- name: fact(name)$
SELECT value FROM sandbank_facts WHERE name = :name;

-- name: set_fact(name, value)!
INSERT INTO sandbank_facts (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: move_generation()!
-- Text, as every fact is; the cast keeps the arithmetic in one statement, so two writers cannot both read the old one.
INSERT INTO sandbank_facts (name, value) VALUES ('generation', '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(sandbank_facts.value AS INTEGER) + 1 AS TEXT);

-- name: add_client(provider, id, name, secret, created_at)!
INSERT INTO sandbank_clients (provider, id, name, secret, created_at)
VALUES (:provider, :id, :name, :secret, :created_at);

-- name: clients(provider)
SELECT provider, id, name, secret, created_at FROM sandbank_clients
WHERE provider = :provider ORDER BY created_at, name;

-- name: client_by_id(provider, id)^
SELECT provider, id, name, secret, created_at FROM sandbank_clients WHERE provider = :provider AND id = :id;

-- name: client_by_name(provider, name)^
SELECT provider, id, name, secret, created_at FROM sandbank_clients WHERE provider = :provider AND name = :name;

-- name: remove_client(provider, id)!
DELETE FROM sandbank_clients WHERE provider = :provider AND id = :id;

-- name: add_token(digest, provider, client, kind, scope, issued_at, expires_at)!
INSERT INTO sandbank_tokens (digest, provider, client, kind, scope, issued_at, expires_at)
VALUES (:digest, :provider, :client, :kind, :scope, :issued_at, :expires_at);

-- name: token(digest)^
SELECT digest, provider, client, kind, scope, issued_at, expires_at FROM sandbank_tokens WHERE digest = :digest;

-- name: remove_tokens_of(provider, client)!
DELETE FROM sandbank_tokens WHERE provider = :provider AND client = :client;

-- name: remove_tokens_before(expires_at)!
DELETE FROM sandbank_tokens WHERE expires_at < :expires_at;
