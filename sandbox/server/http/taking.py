"""Whether a peer takes what waits for it. Pure: how much that is, and when, is told."""

LATE_SECONDS = 5.0
"""A look that comes so much too late: the process was stopped, as by Ctrl-Z, and has sent nothing meanwhile."""


class Taking:
    """Of one connection, looked at now and then."""

    __slots__ = ("_looked", "_passed", "_period", "_since", "_written")

    def __init__(self, now: float, period: float) -> None:
        """It is looked at after each *period*."""
        self._since = self._looked = now
        self._period = period
        self._passed = self._written = 0

    def deaf_for(self, now: float, *, windows: int, passed: int, transport: int, written: int) -> float:
        """For how many seconds it has taken nothing, while something waited at each look.

        *windows* bytes of answers wait for the peer's HTTP/2 windows, *passed* have come through; *transport* bytes
        wait in the transport, of all that were *written* there. A peer that answers PINGs and opens no window is deaf;
        one that takes an answer drop by drop is not. Nor is one whose answers waited because we stood still.
        """
        stood_still = now - self._looked > self._period + LATE_SECONDS
        taken = written - transport  # less what TLS adds, so that it may seem to shrink: only more is a sign of life
        if stood_still or not (windows or transport) or passed > self._passed or (transport and taken > self._written):
            self._since = now
        self._looked = now
        self._passed, self._written = passed, max(taken, self._written)
        return now - self._since
