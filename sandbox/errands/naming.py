"""The names by which clients reach the servers over a state, beside those that every server has: of all its machines.

One certificate and one server CA are for all of them, so that no machine takes another's names away."""

from sandbox.storage import facts
from sandbox.storage.work import Work

FACT = "server.names"


def server_names(work: Work) -> tuple[str, ...]:
    """In the order in which they were first asked for."""
    return tuple((facts.get(work, FACT) or "").split())


def keep_server_names(work: Work, names: tuple[str, ...]) -> None:
    facts.put(work, FACT, " ".join(names))
