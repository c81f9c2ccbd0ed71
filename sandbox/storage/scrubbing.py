"""Leaving nothing in the files of a store that was overwritten or deleted there; when that is due, a fact remembers."""

from contextlib import suppress

from sandbox.errors import Surroundings
from sandbox.storage import facts
from sandbox.storage.work import Store, Work

DUE = "scrub.due"


def make_due(work: Work) -> None:
    """Say, in the transaction that overwrites something, that old pages still have it: also whoever is killed right
    after the commit finds them swept up by the next that opens the store."""
    facts.put(work, DUE, "1")


def scrub_if_due(store: Store) -> None:
    """Once after each transaction that asked for it. Where it cannot be done (another process reads, the disk is full)
    it stays due, for nobody who opens the store asked for it."""
    with store.read() as work:
        if not facts.get(work, DUE):
            return
    with suppress(Surroundings):
        if store.scrub():
            with store.write() as work:
                facts.put(work, DUE, "")
