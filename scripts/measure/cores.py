"""Which core serves and which one calls, where the system lets us choose."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """A core for the servers and another for the client; None where there is no choice."""

    server: int | None
    client: int | None


def choose() -> Cores:
    """The first and the last core that we may use; on a single core, or where nobody asks us, none."""
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(allowed) < 2:
        return Cores(server=None, client=None)
    return Cores(server=allowed[0], client=allowed[-1])


@contextmanager
def on(core: int | None) -> Iterator[None]:
    """Work, and start processes, on that core: they stay on it for good."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
