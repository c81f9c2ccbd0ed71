from collections.abc import Iterator

import pytest

from ca.authority import Authority
from tests.ca.making import MemoryWork, empty_work, founded


@pytest.fixture
def work() -> Iterator[MemoryWork]:
    """A store with the tables of ca and nothing in them."""
    work = empty_work()
    yield work
    work.connection.close()


@pytest.fixture
def home() -> Iterator[tuple[Authority, MemoryWork]]:
    """An authority founded in a store of its own, for Wise."""
    authority, work = founded()
    yield authority, work
    work.connection.close()
