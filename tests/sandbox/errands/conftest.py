import pytest

from ca.clock import ManualClock, SystemClock
from sandbox.errands.state import open_state


@pytest.fixture
def clock():
    return ManualClock(SystemClock().now())


@pytest.fixture
def state(tmp_path, clock):
    """A new state with its demo client, by a clock that stands still."""
    state = open_state(tmp_path / "state", clock=clock)
    yield state
    state.close()
