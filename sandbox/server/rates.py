"""How often each client has called lately, for providers that limit it. Each process counts for itself."""

from collections import OrderedDict, deque
from datetime import datetime
from time import monotonic

from sandbox.providers.declare import RateLimit

Caller = tuple[str, str, str]
"""Provider, client and environment."""
REMEMBERED = 1_000
"""Callers whose calls are counted, the latest: each costs some kilobytes."""


class CallRates:
    """The calls of the last while, by caller."""

    def __init__(self) -> None:
        self._calls: OrderedDict[Caller, deque[tuple[float, datetime]]] = OrderedDict()

    def admit(self, caller: Caller, limit: RateLimit, now: datetime) -> bool:
        """Whether the call is within the limit; only then it counts.

        A call is forgotten when the time has passed by either clock: a sandbox whose clock stands still must not refuse
        for ever, and one whose clock is moved on need not be waited for."""
        calls = self._calls.setdefault(caller, deque())
        self._calls.move_to_end(caller)
        if len(self._calls) > REMEMBERED:
            self._calls.popitem(last=False)
        running = monotonic()
        while calls and (running - calls[0][0] >= limit.per.total_seconds() or abs(now - calls[0][1]) >= limit.per):
            calls.popleft()
        if len(calls) >= limit.calls:
            return False
        calls.append((running, now))
        return True
