-- name: facts_there()$
SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('sandbank_facts');
