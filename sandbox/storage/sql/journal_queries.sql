-- name: append(id, provider, client, door, path, refused, causes, entry)*!
INSERT INTO entries (id, provider, client, door, path, refused, causes, entry)
VALUES (:id, :provider, :client, :door, :path, :refused, :causes, :entry);

-- name: trim(keep)!
DELETE FROM entries WHERE number <= (SELECT COALESCE(MAX(number), 0) FROM entries) - :keep;

-- name: last(after, before, client, provider, door, path, refused, accepted, cause, limit)
-- The newest of a view. A client's view also has the entries of which it never became clear whose they were.
SELECT number, entry FROM entries WHERE number IN (
    SELECT number FROM entries INDEXED BY entries_in_view
    WHERE number > :after AND number < :before
      AND (:client IS NULL OR client = :client OR client IS NULL)
      AND (:provider IS NULL OR provider = :provider)
      AND (:door IS NULL OR door = :door)
      AND (:path IS NULL OR path = :path)
      AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
      AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0)
    ORDER BY number DESC LIMIT :limit
) ORDER BY number;

-- name: next(after, before, client, provider, door, path, refused, accepted, cause, limit)
-- The oldest of a view after a number: whoever follows loses nothing, however much came since.
SELECT number, entry FROM entries WHERE number IN (
    SELECT number FROM entries INDEXED BY entries_in_view
    WHERE number > :after AND number < :before
      AND (:client IS NULL OR client = :client OR client IS NULL)
      AND (:provider IS NULL OR provider = :provider)
      AND (:door IS NULL OR door = :door)
      AND (:path IS NULL OR path = :path)
      AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
      AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0)
    ORDER BY number LIMIT :limit
) ORDER BY number;

-- name: causes(client, provider, door, path, refused, accepted, cause)
-- What was refused, counted for each client.
SELECT causes, client, COUNT(*), MAX(number) FROM entries INDEXED BY entries_in_view
WHERE number > 0 AND refused = 1
  AND (:client IS NULL OR client = :client OR client IS NULL)
  AND (:provider IS NULL OR provider = :provider)
  AND (:door IS NULL OR door = :door)
  AND (:path IS NULL OR path = :path)
  AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
  AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0)
GROUP BY causes, client;

-- name: by_number(number)^
SELECT number, entry FROM entries WHERE number = :number;

-- name: by_id(id)^
SELECT number, entry FROM entries WHERE id = :id ORDER BY number DESC LIMIT 1;

-- name: newest()$
SELECT COALESCE(MAX(number), 0) FROM entries;
