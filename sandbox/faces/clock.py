"""The sandbox's clock in Python."""

from datetime import datetime, timedelta

from sandbox.errands import clock
from sandbox.errands.instants import in_utc
from sandbox.errands.state import State


class ClockFace:
    """The sandbox's clock. Client certificates, tokens, keys and the journal's times follow it; server certificates go
    by real time.

    Times without a zone are UTC. What cannot be done raises :class:`sandbox.errors.Misuse`.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def now(self) -> datetime:
        """What it shows."""
        clock.follow(self._state)
        return self._state.clock.now()

    def move(self, delta: timedelta = timedelta(), *, months: int = 0) -> None:
        """So much later, or earlier: ``move(timedelta(days=400))``, ``move(months=13)``.

        A month later is the same day of the next month, or its last day. A clock that stands goes on standing there.
        """
        clock.move_clock(self._state, delta, months=months)

    def move_to(self, at: datetime) -> None:
        """To an instant, from which it runs on."""
        clock.move_clock_to(self._state, in_utc(at))

    def freeze(self, at: datetime | None = None) -> None:
        """Let it stand still: at that instant, or at what it shows now."""
        clock.freeze_clock(self._state, None if at is None else in_utc(at))

    def run(self) -> None:
        """Let it go on from where it stands."""
        clock.run_clock(self._state)

    def reset(self) -> None:
        """Real time again."""
        clock.reset_clock(self._state)
