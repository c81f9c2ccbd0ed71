"""What tests of several rooms share: a PostgreSQL server for a session, a database for a test."""

from collections.abc import Iterator

import pytest

from tests.postgresql import Server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def database(postgresql: Server) -> str:
    """The URL of an empty database."""
    return postgresql.new_database()
