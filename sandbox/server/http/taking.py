"""Whether a peer takes what waits for it. Pure: how much that is, and when, is told."""


class Taking:
    """Of one connection, looked at now and then."""

    __slots__ = ("_passed", "_since", "_written")

    def __init__(self, now: float) -> None:
        self._since = now
        self._passed = self._written = 0

    def deaf_for(self, now: float, *, windows: int, passed: int, transport: int, written: int) -> float:
        """For how many seconds it has taken nothing, while something waited at each look.

        *windows* bytes of answers wait for the peer's HTTP/2 windows, *passed* have come through; *transport* bytes
        wait in the transport, of all that were *written* there. A peer that answers PINGs and opens no window is deaf;
        one that takes an answer drop by drop is not.
        """
        taken = written - transport  # less what TLS adds, so that it may seem to shrink: only more is a sign of life
        if not (windows or transport) or passed > self._passed or (transport and taken > self._written):
            self._since = now
        self._passed, self._written = passed, max(taken, self._written)
        return now - self._since
