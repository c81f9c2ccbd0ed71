"""``serve --workers N``: which core each process of a server keeps to.

Its event loop and its writing thread take turns, for there is one interpreter. On one core the next finds in the cache
what the last had in hand: signing over the control door is a fifth faster than where the system spreads them."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice


def cores_for(processes: int) -> Sequence[int | None]:
    """The core of each; None where the system chooses, as it does if there are more cores than processes: then one may
    be taken by somebody else while another is free."""
    if sys.platform == "linux":
        cores = sorted(os.sched_getaffinity(0))
        if processes >= len(cores):
            return tuple(islice(cycle(cores), processes))
    return (None,) * processes


def keep_to(core: int | None) -> None:
    """This thread, and those that it starts from now on. It only saves time, and a container may forbid it."""
    if sys.platform == "linux" and core is not None:
        with suppress(OSError):
            os.sched_setaffinity(0, {core})
