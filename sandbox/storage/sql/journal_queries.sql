-- name: append(id, provider, client, path, refused, entry)*!
INSERT INTO journal (id, provider, client, path, refused, entry)
VALUES (:id, :provider, :client, :path, :refused, :entry);

-- name: trim(keep)!
DELETE FROM journal WHERE number <= (SELECT COALESCE(MAX(number), 0) FROM journal) - :keep;

-- name: last(after, client, provider, path, refused, limit)
-- The newest of a view. A client's view also has the entries of which it never became clear whose they were.
SELECT number, entry FROM (
    SELECT number, entry FROM journal
    WHERE number > :after
      AND (:client IS NULL OR client = :client OR client IS NULL)
      AND (:provider IS NULL OR provider = :provider)
      AND (:path IS NULL OR path = :path)
      AND (:refused = 0 OR refused = 1)
    ORDER BY number DESC LIMIT :limit
) AS newest ORDER BY number;

-- name: next(after, client, provider, path, refused, limit)
-- The oldest of a view after a number: whoever follows loses nothing, however much came since.
SELECT number, entry FROM journal
WHERE number > :after
  AND (:client IS NULL OR client = :client OR client IS NULL)
  AND (:provider IS NULL OR provider = :provider)
  AND (:path IS NULL OR path = :path)
  AND (:refused = 0 OR refused = 1)
ORDER BY number LIMIT :limit;

-- name: by_id(id)^
SELECT number, entry FROM journal WHERE id = :id ORDER BY number DESC LIMIT 1;

-- name: newest()$
SELECT COALESCE(MAX(number), 0) FROM journal;
