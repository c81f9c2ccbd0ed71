-- name: newest_number()$
SELECT COALESCE(MAX(number), 0) FROM sandbank_deliveries;

-- name: add_delivery(id, number, provider, client, subscription, event, url, mtls, test, body, headers, queued_at, status, due_at, lasting)!
INSERT INTO sandbank_deliveries (id, number, provider, client, subscription, event, url, mtls, test, body, headers,
    queued_at, status, due_at, tries, lasting)
VALUES (:id, :number, :provider, :client, :subscription, :event, :url, :mtls, :test, :body, :headers, :queued_at,
    :status, :due_at, 0, :lasting);

-- name: due(at, real, limit)
SELECT id, number, provider, client, subscription, event, url, mtls, test, body, headers, queued_at, status, due_at, tries,
    first_at, lasting
FROM sandbank_deliveries
WHERE status = 'waiting' AND due_at <= :at AND claimed_until < :real
ORDER BY due_at, number LIMIT :limit;

-- name: anything_due(at, real)$
SELECT COUNT(*) FROM (
    SELECT 1 FROM sandbank_deliveries
    WHERE status = 'waiting' AND due_at <= :at AND claimed_until < :real LIMIT 1) AS due;

-- name: open_until(at, provider, client)$
SELECT COUNT(*) FROM sandbank_deliveries
WHERE status = 'waiting' AND due_at <= :at
  AND (CAST(:provider AS TEXT) IS NULL OR provider = :provider) AND (CAST(:client AS TEXT) IS NULL OR client = :client);

-- name: claim(id, claimed_by, claimed_until)!
UPDATE sandbank_deliveries SET claimed_by = :claimed_by, claimed_until = :claimed_until WHERE id = :id;

-- name: release_claims(but)!
UPDATE sandbank_deliveries SET claimed_by = '', claimed_until = '' WHERE claimed_by NOT IN ('', :but);

-- name: release_own(claimed_by)!
UPDATE sandbank_deliveries SET claimed_by = '', claimed_until = '' WHERE claimed_by = :claimed_by;

-- name: settle(id, claimed_by, status, due_at, tries, first_at)!
UPDATE sandbank_deliveries
SET status = :status, due_at = :due_at, tries = :tries, first_at = :first_at, claimed_by = '', claimed_until = ''
WHERE id = :id AND claimed_by = :claimed_by;

-- name: send_again(id, due_at)!
-- Counted anew: whoever sends again by hand gives it a whole schedule. The numbers of its attempts go on.
UPDATE sandbank_deliveries SET status = 'waiting', due_at = :due_at, tries = 0, first_at = NULL WHERE id = :id;

-- name: point_to(id, url, mtls)!
UPDATE sandbank_deliveries SET url = :url, mtls = :mtls WHERE id = :id;

-- name: end_waiting(provider, client, subscription)!
UPDATE sandbank_deliveries SET status = 'dead'
WHERE provider = :provider AND client = :client AND subscription = :subscription AND status = 'waiting'
  AND claimed_by = '';

-- name: add_attempt(delivery, number, attempt)!
INSERT INTO sandbank_attempts (delivery, number, attempt) VALUES (:delivery, :number, :attempt);

-- name: attempts(delivery)
SELECT attempt FROM sandbank_attempts WHERE delivery = :delivery ORDER BY number;

-- name: newest_attempt(delivery)$
SELECT COALESCE(MAX(number), 0) FROM sandbank_attempts WHERE delivery = :delivery;

-- name: delivery(id)^
SELECT id, number, provider, client, subscription, event, url, mtls, test, body, headers, queued_at, status, due_at, tries,
    first_at, lasting
FROM sandbank_deliveries WHERE id = :id;

-- name: begun(id, limit)
-- The ids that begin so: hexadecimal digits and hyphens, with no wildcard but the one at the end.
SELECT id FROM sandbank_deliveries WHERE id LIKE :id ORDER BY number DESC LIMIT :limit;

-- name: deliveries(provider, client, event, status, after, before, limit)
SELECT id, number, provider, client, subscription, event, url, mtls, test, body, headers, queued_at, status, due_at, tries,
    first_at, lasting
FROM sandbank_deliveries
WHERE (CAST(:provider AS TEXT) IS NULL OR provider = :provider) AND (CAST(:client AS TEXT) IS NULL OR client = :client)
  AND (CAST(:event AS TEXT) IS NULL OR event = :event) AND (CAST(:status AS TEXT) IS NULL OR status = :status)
  AND number > :after AND number < :before
ORDER BY number DESC LIMIT :limit;

-- name: last_ended(provider, client, subscription)$
SELECT status FROM sandbank_deliveries
WHERE provider = :provider AND client = :client AND subscription = :subscription AND status <> 'waiting' AND tries > 0
ORDER BY due_at DESC, number DESC LIMIT 1;

-- name: trim_attempts(number)!
DELETE FROM sandbank_attempts
WHERE delivery IN (SELECT id FROM sandbank_deliveries WHERE number <= :number AND status <> 'waiting');

-- name: trim_deliveries(number)!
DELETE FROM sandbank_deliveries WHERE number <= :number AND status <> 'waiting';

-- name: remove_attempts_of(provider, client)!
DELETE FROM sandbank_attempts
WHERE delivery IN (SELECT id FROM sandbank_deliveries WHERE provider = :provider AND client = :client);

-- name: remove_deliveries_of(provider, client)!
DELETE FROM sandbank_deliveries WHERE provider = :provider AND client = :client;

-- name: settings(provider, client)^
SELECT mtls, ca, certificate FROM sandbank_webhook_settings WHERE provider = :provider AND client = :client;

-- name: put_settings(provider, client, mtls, ca, certificate)!
INSERT INTO sandbank_webhook_settings (provider, client, mtls, ca, certificate)
VALUES (:provider, :client, :mtls, :ca, :certificate)
ON CONFLICT (provider, client) DO UPDATE
SET mtls = excluded.mtls, ca = excluded.ca, certificate = excluded.certificate;

-- name: remove_settings_of(provider, client)!
DELETE FROM sandbank_webhook_settings WHERE provider = :provider AND client = :client;
