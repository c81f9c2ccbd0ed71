-- Tokens that a provider's calls name, ask for on another's behalf, bind to one resource, and revoke.
ALTER TABLE sandbank_tokens ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE sandbank_tokens ADD COLUMN requested_by TEXT NOT NULL DEFAULT '';
ALTER TABLE sandbank_tokens ADD COLUMN resource TEXT NOT NULL DEFAULT '';
ALTER TABLE sandbank_tokens ADD COLUMN revoked_at TEXT;
