"""What tests of several rooms share: a PostgreSQL server for a session, a database for a test, a state to copy."""

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.services.state import open_state
from tests.postgresql import Server


def pytest_collection_finish() -> None:
    """What was collected lives until the end: who looks for garbage, as many tests do, need not look through it.

    With all tests there are 700,000 objects, which take a third of a second each time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _width_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are folded where COLUMNS is set, as pytest-xdist sets it for its workers."""
    monkeypatch.delenv("COLUMNS", raising=False)


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
