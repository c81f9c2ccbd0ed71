import shutil

import pytest

from sandbox.services.state import open_state


@pytest.fixture
def state(tmp_path, founded):
    """A new state with its demo clients."""
    shutil.copytree(founded, tmp_path / "state")
    state = open_state(tmp_path / "state")
    yield state
    state.close()
