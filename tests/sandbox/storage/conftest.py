import pytest

from sandbox.storage.schema import bring_up_to_date
from sandbox.storage.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path):
    """A store with all its tables."""
    store = SqliteStore(tmp_path / "sandbank.sqlite")
    bring_up_to_date(store)
    yield store
    store.close()
