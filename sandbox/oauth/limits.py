"""How often a client may call: what a person writes as its setting, read. Counting is left to the server."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

OFF, PUBLISHED = "off", "published"
"""Settings in words: as often as it likes; what the provider publishes, where that does not count from the start."""
MOST_CALLS = 100_000
"""In one span. Each call is remembered as long as it counts: more would be memory for a limit that nobody meets."""
FORM = "N/second, N/minute or N/hour (such as 300/minute), or off"
_SPANS = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_WRITTEN = re.compile(rf"([1-9][0-9]{{0,5}})/({'|'.join(_SPANS)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How often one client may call."""

    calls: int
    per: timedelta

    def __str__(self) -> str:
        for name, span in _SPANS.items():
            if self.per == span:
                return f"{self.calls}/{name}"
        return f"{self.calls} in {self.per.total_seconds():.0f} seconds"


@lru_cache(maxsize=256)  # asked for on every call
def read_limit(written: str) -> RateLimit | None:
    """The limit that is written as ``300/minute``; None where it is none of the form."""
    found = _WRITTEN.fullmatch(written)
    if found is None or int(found[1]) > MOST_CALLS:
        return None
    return RateLimit(calls=int(found[1]), per=_SPANS[found[2]])


def in_force(setting: str, published: RateLimit | None, *, counts: bool) -> RateLimit | None:
    """The limit of a client with that setting; None: there is none. *counts*: what is published counts where nothing is
    set."""
    if setting == OFF:
        return None
    if setting == PUBLISHED or (counts and not setting):
        return published
    return read_limit(setting)
