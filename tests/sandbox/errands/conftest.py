import pytest

from ca.clock import MovableClock, SystemClock
from sandbox.errands.state import open_state


@pytest.fixture
def clock():
    return MovableClock(SystemClock().now())


@pytest.fixture
def state(tmp_path, clock):
    """A new state with its demo client, by a clock that stands still."""
    state = open_state(tmp_path / "state", clock=clock)
    yield state
    state.close()
