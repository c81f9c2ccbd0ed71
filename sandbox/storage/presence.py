"""Which servers run over a database in PostgreSQL: each holds a lock that says so as long as it follows the database.

Behind a pooler it holds none, for there it would outlive the server.
"""

from typing import Any

from sandbox.errors import StateLocked
from sandbox.storage.queries import load

PRESENCE = int.from_bytes(b"sandserv")


def announce(connection: Any) -> None:
    """Be present from now on until that connection ends."""
    load("catalogue_psycopg", "psycopg").be_present(connection, presence=PRESENCE)


def nobody_else(connection: Any) -> None:
    """As `Work.nobody_else`, for the transaction of that connection. Raises StateLocked."""
    queries = load("catalogue_psycopg", "psycopg")
    if not queries.be_alone(connection, presence=PRESENCE):
        count = int(queries.present(connection, presence=PRESENCE))
        there = f"{count} servers run over that database" if count > 1 else "a server runs over that database"
        raise StateLocked(
            f"{there}, perhaps on another machine", next_step="stop it first, then give the command again"
        )
