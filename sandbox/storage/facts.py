"""Single facts about the state by name: schema numbers, ports once taken, server names, the generation."""

from ca.store import Work
from sandbox.storage.queries import load


def get(work: Work, name: str) -> str | None:
    value = load("queries", work.driver).fact(work.connection, name=name)
    return None if value is None else str(value)


def put(work: Work, name: str, value: str) -> None:
    load("queries", work.driver).set_fact(work.connection, name=name, value=value)
