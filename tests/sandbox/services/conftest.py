import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ca.clock import MovableClock, SystemClock
from sandbox.services.state import State, open_state
from sandbox.settings import Database
from tests.founded import FoundedDatabase
from tests.postgresql import PASSWORD, Server


@pytest.fixture(scope="session")
def founded_database(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> FoundedDatabase:
    return FoundedDatabase(postgresql.new_database(), tmp_path_factory.mktemp("machine") / "state")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(SystemClock().now())


@pytest.fixture(params=["sqlite", "postgresql"])
def state(
    request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[State]:
    """A new state with its demo client, by a clock that stands still; in each database that there may be."""
    database = None
    if request.param == "postgresql":
        founded: FoundedDatabase = request.getfixturevalue("founded_database")
        founded.copy(tmp_path / "state")
        database = Database(founded.url)
        monkeypatch.setenv("PGPASSWORD", PASSWORD)  # for whoever opens the folder again: it keeps none
    else:
        shutil.copytree(request.getfixturevalue("founded"), tmp_path / "state")
    state = open_state(tmp_path / "state", database=database, clock=clock)
    yield state
    state.close()
