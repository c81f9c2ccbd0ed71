-- Earlier development versions kept them in other forms.
DROP TABLE IF EXISTS journal;
DROP TABLE IF EXISTS entries;

CREATE TABLE IF NOT EXISTS journal_entries (
    number       INTEGER PRIMARY KEY,
    id           TEXT NOT NULL,
    at           TEXT NOT NULL,
    kind         TEXT NOT NULL,
    provider     TEXT,
    client       TEXT,
    door         TEXT NOT NULL,
    peer         TEXT NOT NULL,
    certificate  TEXT NOT NULL,
    title        TEXT NOT NULL,
    status       INTEGER NOT NULL,
    outcome      TEXT NOT NULL,
    microseconds INTEGER NOT NULL,
    -- A line each: + or -, its name, a tab, its note.
    stages       TEXT NOT NULL,
    refused      INTEGER NOT NULL,
    -- The codes of its reasons, a blank before each: " tls.certificate_missing"; and the reasons as JSON.
    causes       TEXT NOT NULL,
    reasons      TEXT,
    -- Of a call, without its query.
    path         TEXT,
    -- A line each: a name, a tab, what it is.
    extra        TEXT NOT NULL
);

-- All that a view asks by: whichever it is, no entry is read that is not in it. The one index, for ids are random: another
-- by them would write a page of its own for each entry, and to look through this one takes some milliseconds.
CREATE INDEX IF NOT EXISTS entries_in_view
    ON journal_entries (number, provider, client, door, refused, causes, path, kind, id);
