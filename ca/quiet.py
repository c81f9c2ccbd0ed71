"""The warnings of the library about what people send, kept from becoming warnings of ours.

What it warns of (a C that is not two letters, a CN of 65, a serial that is not positive) is judged elsewhere."""

import threading
import warnings
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_WARNINGS = threading.Lock()


def quietly(ask: Callable[[], T]) -> T:
    """What was asked for, without warnings: a program that turns them into errors must get the same answer.

    The filters are the process's own: one thread at a time."""
    with _WARNINGS, warnings.catch_warnings(action="ignore"):
        return ask()
