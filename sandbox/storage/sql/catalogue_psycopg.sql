-- name: facts_there()$
SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('sandbank_facts');

-- name: tell_of_change()$
-- Told at the commit, and not if there is none.
SELECT pg_notify('sandbank', '');
