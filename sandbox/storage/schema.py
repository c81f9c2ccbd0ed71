"""The tables of a store, made once and all together: ca's, then ours. A store of another version is refused.

Nothing was released yet, so that there are no steps from one version of the tables to the next.
"""

import re

from ca.store.store import SCHEMA as CA_SCHEMA
from sandbox.errors import StateNewer, StateOlder
from sandbox.storage import facts
from sandbox.storage.work import Store, Work, load, text

VERSION = 2
"""Raise it with every change of the tables or of what their rows mean: an older store is then refused in clear words,
instead of failing at some query."""
_VERSION_FACT = "schema"
SCHEMA = (*CA_SCHEMA, text("schema"), text("webhooks_schema"))


def make_tables(store: Store) -> None:
    """Make the tables of a new store, in one transaction. Raises StateNewer, StateOlder."""
    with store.read() as work:
        if _made(work):
            return
    with store.write() as work:
        if _made(work):  # by another process meanwhile
            return
        for statement in _statements():
            # Text sorts by its bytes in every database: a page of a list begins where the last one ended.
            written = re.sub(r"\bTEXT\b", work.text_type, statement)
            work.connection.execute(written.replace("WITHOUT ROWID", work.by_key))
        facts.put(work, _VERSION_FACT, str(VERSION))


def drop(work: Work) -> None:
    """Remove our tables, and nothing else. Only in a database that is shared."""
    made = re.findall(r"^CREATE TABLE (\w+)", "\n".join(SCHEMA), re.MULTILINE)
    work.connection.execute(f"DROP TABLE IF EXISTS {', '.join(dict.fromkeys(made))}")


def has_tables(work: Work) -> bool:
    """Whether there is a state in this database, of whichever version."""
    return bool(load(f"catalogue_{work.driver}", work.driver).facts_there(work.connection))


def _made(work: Work) -> bool:
    """Whether the tables of this version are there. Raises StateNewer, StateOlder."""
    if not has_tables(work):
        return False
    version = int(facts.get(work, _VERSION_FACT) or 0)
    if version > VERSION:
        raise StateNewer(
            "this state was made by a newer version of Sandbank than the one that you run",
            next_step="pip install --upgrade sandbank, or use another folder with --state DIR",
        )
    if version < VERSION:
        raise StateOlder(
            "this state was made by an earlier development version of Sandbank, with other tables",
            next_step="use another --database URL, or drop the tables of the old state"
            if work.machine
            else "sandbank state reset removes it, and then sandbank serve makes a new one",
        )
    return True


def _statements() -> list[str]:
    """The statements of the schema. Comments go first: a semicolon in one ends nothing."""
    lines = (line for part in SCHEMA for line in [*part.splitlines(), ";"])
    code = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    return [statement for statement in code.split(";") if statement.strip()]
