"""The number that every change of trust, clients, keys, clock or settings moves, and who watches it."""

from sandbox.storage import facts
from sandbox.storage.queries import load
from sandbox.storage.work import Store, Work


def move(work: Work) -> None:
    """Say, in the transaction that makes the change, that whoever remembers things must read them again."""
    load("queries", work.driver).move_generation(work.connection)
    work.tell_of_change()


def read(work: Work) -> int:
    return int(facts.get(work, "generation") or 0)


class Watch:
    """Tells a server whether anything changed since it last asked, for five microseconds where nothing did."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1
        self._generation = -1

    def moved(self) -> bool:
        """True once for each change, also at the very first question. What it raises, Surroundings, is not counted."""
        version = self._store.data_version()
        if version == self._version:
            return False
        with self._store.read() as work:
            generation = read(work)
        self._version = version  # not before: where the store did not answer, it is asked again
        if generation == self._generation:
            return False
        self._generation = generation
        return True
