-- name: facts_there()$
SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('sandbank_facts');

-- name: tell_of_change()$
-- Told at the commit, and not if there is none.
SELECT pg_notify('sandbank', '');

-- name: be_present(presence)$
-- Until the connection ends, however it ends.
SELECT pg_advisory_lock_shared(:presence);

-- name: be_alone(presence)$
-- Until the end of the transaction; false where somebody is present.
SELECT pg_try_advisory_xact_lock(:presence);

-- name: present(presence)$
SELECT COUNT(*) FROM pg_catalog.pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND ((CAST(classid AS BIGINT) << 32) | CAST(objid AS BIGINT)) = :presence;

-- name: take_lead(lead)$
-- Until the connection ends; false where another has it.
SELECT pg_try_advisory_lock(:lead);
