"""Single facts about the state by name: schema numbers, ports once taken, server names, the generation."""

from ca.store import Work
from sandbox.storage.queries import load
from sandbox.storage.work import Work as SharedWork


def get(work: Work, name: str) -> str | None:
    value = load("queries", work.driver).fact(work.connection, name=name)
    return None if value is None else str(value)


def get_here(work: SharedWork, name: str) -> str | None:
    """A fact of this machine alone, such as its ports."""
    return get(work, _here(work, name))


def put_here(work: SharedWork, name: str, value: str) -> None:
    put(work, _here(work, name), value)


def machines(work: SharedWork) -> int:
    """How many machines have joined the state in this database; each has facts of its own."""
    names = load("queries", work.driver).names_like(work.connection, like="%@%")
    return len({str(name).rpartition("@")[2] for (name,) in names})


def forget_here(work: SharedWork) -> None:
    """Remove the facts of this machine."""
    load("queries", work.driver).remove_facts(work.connection, like=f"%@{work.machine}")


def _here(work: SharedWork, name: str) -> str:
    return f"{name}@{work.machine}" if work.machine else name


def put(work: Work, name: str, value: str) -> None:
    load("queries", work.driver).set_fact(work.connection, name=name, value=value)
