-- The rows that a seed file gave a client, as they were on the day it was added: a reset brings them back.
CREATE TABLE sandbank_seeded_rows (
    provider TEXT NOT NULL,
    client   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (provider, client, kind, id)
);
