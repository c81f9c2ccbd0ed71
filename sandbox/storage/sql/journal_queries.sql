-- name: append(id, provider, client, path, refused, entry)*!
INSERT INTO journal (id, provider, client, path, refused, entry)
VALUES (:id, :provider, :client, :path, :refused, :entry);

-- name: trim(keep)!
DELETE FROM journal WHERE number <= (SELECT COALESCE(MAX(number), 0) FROM journal) - :keep;

-- name: last(after, clients, provider, path, since, refused, limit)
-- The newest of a view. A client's view also has the entries of which it never became clear whose they were.
SELECT number, entry FROM (
    SELECT number, entry FROM journal
    WHERE number > :after
      AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
      AND (:provider IS NULL OR provider = :provider)
      AND (:path IS NULL OR path = :path)
      AND (:since IS NULL OR json_extract(entry, '$.at') >= :since)
      AND (:refused = 0 OR refused = 1)
    ORDER BY number DESC LIMIT :limit
) AS newest ORDER BY number;

-- name: next(after, clients, provider, path, since, refused, limit)
-- The oldest of a view after a number: whoever follows loses nothing, however much came since.
SELECT number, entry FROM journal
WHERE number > :after
  AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
  AND (:provider IS NULL OR provider = :provider)
  AND (:path IS NULL OR path = :path)
  AND (:since IS NULL OR json_extract(entry, '$.at') >= :since)
  AND (:refused = 0 OR refused = 1)
ORDER BY number LIMIT :limit;

-- name: nth(clients, provider, path, since, refused, nth)$
-- The number of the entry that has so many newer ones in a view; none where the view has fewer.
SELECT number FROM journal
WHERE (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
  AND (:provider IS NULL OR provider = :provider)
  AND (:path IS NULL OR path = :path)
  AND (:since IS NULL OR json_extract(entry, '$.at') >= :since)
  AND (:refused = 0 OR refused = 1)
ORDER BY number DESC LIMIT 1 OFFSET :nth;

-- name: older(before, clients, provider, path, refused)$
-- How many entries of a view there are before a number, whenever they came.
SELECT COUNT(*) FROM journal
WHERE number < :before
  AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
  AND (:provider IS NULL OR provider = :provider)
  AND (:path IS NULL OR path = :path)
  AND (:refused = 0 OR refused = 1);

-- name: begun(beginning, ending, limit)
-- The ids that begin so: all that stand between the beginning and the first that does not.
SELECT DISTINCT id FROM journal WHERE id >= :beginning AND id < :ending ORDER BY id LIMIT :limit;

-- name: by_id(id)^
SELECT number, entry FROM journal WHERE id = :id ORDER BY number DESC LIMIT 1;

-- name: newest()$
SELECT COALESCE(MAX(number), 0) FROM journal;
