"""Waiting for what is to become true, with a bound."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

T = TypeVar("T")


def until(claim: Callable[[], T], seconds: float) -> T:
    """What *claim* gives once that is true, within so many seconds."""
    ends = monotonic() + seconds
    while not (found := claim()):
        assert monotonic() < ends, "it did not become true"
        sleep(0.005)
    return found
