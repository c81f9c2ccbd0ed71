import pytest

from sandbox.storage.facts import make_tables
from sandbox.storage.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path):
    """A store with all its tables."""
    store = SqliteStore(tmp_path / "sandbank.sqlite")
    make_tables(store)
    yield store
    store.close()
