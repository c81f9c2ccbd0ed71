CREATE TABLE IF NOT EXISTS journal (
    number   INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    provider TEXT,
    client   TEXT,
    path     TEXT,
    refused  INTEGER NOT NULL,
    entry    TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS journal_by_id ON journal (id);
CREATE INDEX IF NOT EXISTS journal_by_client ON journal (client, number);
