-- name: facts_there()$
SELECT COUNT(*) FROM sqlite_master WHERE name = 'sandbank_facts';
