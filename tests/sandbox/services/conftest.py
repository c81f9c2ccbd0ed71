import pytest

from ca.clock import MovableClock, SystemClock
from sandbox.services.state import open_state
from sandbox.settings import Database
from tests.postgresql import PASSWORD


@pytest.fixture
def clock():
    return MovableClock(SystemClock().now())


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request, tmp_path, clock, monkeypatch):
    """A new state with its demo client, by a clock that stands still; in each database that there may be."""
    database = None
    if request.param == "postgresql":
        database = Database(request.getfixturevalue("database"))
        monkeypatch.setenv("PGPASSWORD", PASSWORD)  # for whoever opens the folder again: it keeps none
    state = open_state(tmp_path / "state", database=database, clock=clock)
    yield state
    state.close()
