-- An earlier development version kept them in another form.
DROP TABLE IF EXISTS journal;

CREATE TABLE IF NOT EXISTS entries (
    number   INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    provider TEXT,
    client   TEXT,
    door     TEXT NOT NULL,
    path     TEXT,
    refused  INTEGER NOT NULL,
    -- The codes of its reasons, a blank before each: " tls.certificate_missing".
    causes   TEXT NOT NULL,
    entry    TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS entries_by_id ON entries (id);
-- All that a view asks by: whichever it is, no entry is read that is not in it.
CREATE INDEX IF NOT EXISTS entries_in_view ON entries (number, provider, client, door, refused, causes, path);
