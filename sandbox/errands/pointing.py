"""Where the authority's door is, as the pointers in client certificates have it."""

from sandbox.errands.doors import AUTHORITY_OFFSET, known_host, known_port
from sandbox.errands.state import State
from sandbox.storage import facts
from sandbox.storage.work import Work

AUTHORITY = "authority"
_SET = "authority_url"
_HERE = "authority_door"
"""What follows from it on this machine: one question for each certificate instead of three."""


def keep_authority_url(state: State, url: str) -> None:
    """Note how the authority's door is reached, now that it listens; "" is by its own address."""
    with state.store.write() as work:
        facts.put(work, _SET, url)
        facts.put_here(work, _HERE, url or _door(work))


def authority_url(work: Work) -> str:
    """Where certificates say that their CRL is: as it was set, else the authority's door as it last listened here. A
    machine on which none listened yet goes by what was set for another."""
    return facts.get_here(work, _HERE) or facts.get(work, _SET) or _door(work)


def _door(work: Work) -> str:
    return f"http://{known_host(work, AUTHORITY)}:{known_port(work, AUTHORITY, AUTHORITY_OFFSET)}"
