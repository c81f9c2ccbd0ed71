"""What tests of several rooms share: a PostgreSQL server for a session, a database for a test, a state to copy."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.services.state import open_state
from tests.postgresql import Server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def database(postgresql: Server) -> Iterator[str]:
    """The URL of an empty database."""
    url = postgresql.empty_database()
    yield url
    with contextlib.suppress(psycopg.Error):  # what cannot be emptied is not used again
        postgresql.take_back(url)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a new state with its demo clients, to be copied: that takes an eighth of the time of founding."""
    path = tmp_path_factory.mktemp("founded") / "state"
    open_state(path).close()
    return path
