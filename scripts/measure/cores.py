"""Which core serves and which ones call, where the system lets us choose."""

import os
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """One core for the servers and the others for the client; empty where there is no choice."""

    server: Set[int]
    client: Set[int]


def choose() -> Cores:
    """Of the cores that we may use; on a single one, or where the system takes no wishes, there is no choice."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(allowed) < 2:
        return Cores(server=frozenset(), client=frozenset())
    return Cores(server=frozenset(allowed[:1]), client=frozenset(allowed[1:]))


@contextmanager
def on(cores: Set[int]) -> Iterator[None]:
    """Work, and start processes, on these cores: such processes stay there for good."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
