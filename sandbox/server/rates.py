"""How often each client has called lately, for those whose calls are limited. Each process counts for itself."""

from collections import OrderedDict, deque
from datetime import datetime
from math import ceil
from time import monotonic

from sandbox.oauth.clients import MOST_CALLS, RateLimit

Caller = tuple[str, str, str]
"""Provider, client and environment."""
REMEMBERED = 1_000
"""Callers whose calls are counted, the latest."""
REMEMBERED_CALLS = MOST_CALLS
"""Calls that are counted, of all callers together: some 15 MB. It is enough for the largest limit of one."""


class CallRates:
    """The calls of the last while, by caller."""

    def __init__(self) -> None:
        self._calls: OrderedDict[Caller, deque[tuple[float, datetime]]] = OrderedDict()
        self._kept = 0

    def admit(self, caller: Caller, limit: RateLimit, now: datetime) -> int:
        """Zero where the call is within the limit; only then it counts. Otherwise the whole seconds until there is room
        for one.

        It counts real time. A call is also forgotten when the sandbox's clock was moved by the span, either way: who
        moves it on need not wait."""
        calls = self._calls.setdefault(caller, deque())
        self._calls.move_to_end(caller)
        running, span = monotonic(), limit.per.total_seconds()
        while calls and (running - calls[0][0] >= span or abs(now - calls[0][1]) >= limit.per):
            calls.popleft()
            self._kept -= 1
        if len(calls) >= limit.calls:
            # There may be more than the limit, where it was lowered a moment ago.
            return max(1, ceil(calls[len(calls) - limit.calls][0] + span - running))
        calls.append((running, now))
        self._kept += 1
        self._forget()
        return 0

    def _forget(self) -> None:
        """Those who have been away longest, where there is no more room."""
        while len(self._calls) > REMEMBERED or (self._kept > REMEMBERED_CALLS and len(self._calls) > 1):
            self._kept -= len(self._calls.popitem(last=False)[1])
