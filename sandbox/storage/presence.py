"""Which servers run over a shared database: each holds a lock that says so as long as it follows the database.

Behind a pooler it holds none, for there it would outlive the server. SQLite's one server is asked at its control door.
"""

from typing import Any

from sandbox.errors import StateLocked
from sandbox.storage.queries import load
from sandbox.storage.work import Work

PRESENCE = int.from_bytes(b"sandserv")


def announce(connection: Any) -> None:
    """Be present from now on until that connection to PostgreSQL ends."""
    load("catalogue_psycopg", "psycopg").be_present(connection, presence=PRESENCE)


def nobody_else(work: Work) -> None:
    """Nothing, where no server runs over this database as far as can be known, and then none can begin to before this
    transaction ends. Raises StateLocked."""
    if work.driver != "psycopg":
        return
    queries = load("catalogue_psycopg", work.driver)
    if not queries.be_alone(work.connection, presence=PRESENCE):
        count = int(queries.present(work.connection, presence=PRESENCE))
        there = f"{count} servers run over that database" if count > 1 else "a server runs over that database"
        raise StateLocked(
            f"{there}, perhaps on another machine", next_step="stop it first, then give the command again"
        )
