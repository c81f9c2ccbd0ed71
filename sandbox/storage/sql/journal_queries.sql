-- name: append(id, at, kind, provider, client, door, peer, certificate, title, status, outcome, microseconds, stages, refused, causes, reasons, path, extra)*!
INSERT INTO journal_entries (
    id, at, kind, provider, client, door, peer, certificate, title, status, outcome, microseconds, stages, refused,
    causes, reasons, path, extra
) VALUES (
    :id, :at, :kind, :provider, :client, :door, :peer, :certificate, :title, :status, :outcome, :microseconds, :stages,
    :refused, :causes, :reasons, :path, :extra
);

-- name: trim(keep)!
DELETE FROM journal_entries WHERE number <= (SELECT COALESCE(MAX(number), 0) FROM journal_entries) - :keep;

-- name: last(after, before, clients, provider, kind, door, path, since, refused, accepted, cause, limit)
-- The newest of a view. A client's view also has the entries of which it never became clear whose they were.
SELECT * FROM journal_entries WHERE number IN (
    SELECT number FROM journal_entries INDEXED BY entries_in_view
    WHERE number > :after AND number < :before
      AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
      AND (:provider IS NULL OR provider = :provider)
      AND (:kind IS NULL OR kind = :kind)
      AND (:door IS NULL OR door = :door)
      AND (:path IS NULL OR path = :path)
      AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
      AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0)
      AND (:since IS NULL OR at >= :since)
    ORDER BY number DESC LIMIT :limit
) ORDER BY number;

-- name: next(after, before, clients, provider, kind, door, path, since, refused, accepted, cause, limit)
-- The oldest of a view after a number: whoever follows loses nothing, however much came since.
SELECT * FROM journal_entries WHERE number IN (
    SELECT number FROM journal_entries INDEXED BY entries_in_view
    WHERE number > :after AND number < :before
      AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
      AND (:provider IS NULL OR provider = :provider)
      AND (:kind IS NULL OR kind = :kind)
      AND (:door IS NULL OR door = :door)
      AND (:path IS NULL OR path = :path)
      AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
      AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0)
      AND (:since IS NULL OR at >= :since)
    ORDER BY number LIMIT :limit
) ORDER BY number;

-- name: nth(clients, provider, kind, door, path, since, refused, accepted, cause, nth)$
-- The number of the entry that has so many newer ones in a view; none where the view has fewer.
SELECT number FROM journal_entries INDEXED BY entries_in_view
WHERE number > 0
  AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
  AND (:provider IS NULL OR provider = :provider)
  AND (:kind IS NULL OR kind = :kind)
  AND (:door IS NULL OR door = :door)
  AND (:path IS NULL OR path = :path)
  AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
  AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0)
  AND (:since IS NULL OR at >= :since)
ORDER BY number DESC LIMIT 1 OFFSET :nth;

-- name: older(before, clients, provider, kind, door, path, refused, accepted, cause)$
-- How many entries of a view there are before a number, whenever they came.
SELECT COUNT(*) FROM journal_entries INDEXED BY entries_in_view
WHERE number < :before
  AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
  AND (:provider IS NULL OR provider = :provider)
  AND (:kind IS NULL OR kind = :kind)
  AND (:door IS NULL OR door = :door)
  AND (:path IS NULL OR path = :path)
  AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
  AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0);

-- name: causes(clients, provider, kind, door, path, refused, accepted, cause)
-- What was refused, counted for each client.
SELECT causes, client, COUNT(*), MAX(number) FROM journal_entries INDEXED BY entries_in_view
WHERE number > 0 AND refused = 1
  AND (:clients IS NULL OR client IS NULL OR client IN (SELECT value FROM json_each(:clients)))
  AND (:provider IS NULL OR provider = :provider)
  AND (:kind IS NULL OR kind = :kind)
  AND (:door IS NULL OR door = :door)
  AND (:path IS NULL OR path = :path)
  AND (:refused = 0 OR refused = 1) AND (:accepted = 0 OR refused = 0)
  AND (:cause IS NULL OR instr(causes, ' ' || :cause) > 0)
GROUP BY causes, client;

-- name: by_number(number)^
SELECT * FROM journal_entries WHERE number = :number;

-- name: begun(beginning, ending, limit)
-- The ids that begin so: all that stand between the beginning and the first that does not.
SELECT DISTINCT id FROM journal_entries INDEXED BY entries_in_view
WHERE number > 0 AND id >= :beginning AND id < :ending ORDER BY id LIMIT :limit;

-- name: by_id(id)^
SELECT * FROM journal_entries WHERE number = (
    SELECT MAX(number) FROM journal_entries INDEXED BY entries_in_view WHERE number > 0 AND id = :id
);

-- name: newest()$
SELECT COALESCE(MAX(number), 0) FROM journal_entries;
