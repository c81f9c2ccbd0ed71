ALTER TABLE sandbank_clients ADD COLUMN require_mtls INTEGER NOT NULL DEFAULT 0;

-- Where a row stands in lists: the highest is the newest.
ALTER TABLE sandbank_resources ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
-- The row's index values as JSON, so that a change of the row finds those that have to go; empty where it has none.
ALTER TABLE sandbank_resources ADD COLUMN keys TEXT NOT NULL DEFAULT '';
CREATE INDEX sandbank_resources_in_order ON sandbank_resources (provider, client, kind, position, id);

-- The index values that the kind of a row declares: lists and lookups ask here and not every body.
CREATE TABLE sandbank_resource_keys (
    provider TEXT NOT NULL,
    client   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    id       TEXT NOT NULL,
    PRIMARY KEY (provider, client, kind, name, value, id)
);
