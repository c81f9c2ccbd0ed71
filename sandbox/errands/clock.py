"""The sandbox's clock: showing it, moving it, freezing it. What lives by it, and what by real time, is others' to say.

Client certificates, tokens, keys and the journal's times follow it; server certificates go by real time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ca.clock import FIRST_YEAR, LAST_YEAR, Setting, SystemClock, running_from, standing_at, write_time
from sandbox.errands.state import State
from sandbox.errors import Misuse
from sandbox.storage import clock, generation
from sandbox.storage.clock import KeptClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the clock shows at an instant, and how that differs from the computer's."""

    now: datetime
    real: bool
    runs: bool
    ahead: timedelta
    """Of real time at that instant; negative is behind it."""

    def words(self) -> str:
        """How it goes, for a person: ``runs 400d ahead of real time``."""
        if self.real:
            return "runs with real time"
        from sandbox.errands.durations import write_duration

        far = f"{write_duration(self.ahead)} {'behind' if self.ahead < timedelta() else 'ahead of'} real time"
        return f"runs {far}" if self.runs else f"stands, at this moment {far}"

    def as_json(self) -> dict[str, Any]:
        """As JSON types: the same on the command line and at the control door."""
        return {
            "now": write_time(self.now),
            "real": self.real,
            "runs": self.runs,
            "ahead_seconds": round(self.ahead.total_seconds()),
        }


def follow(state: State) -> None:
    """Go by the state's clock as it is set now, perhaps by another process. A clock of the caller's is left alone."""
    if isinstance(state.clock, KeptClock):
        state.clock.follow(state.store)


def follower(state: State) -> Callable[[], None]:
    """The same for one thread of a server, which asks all the time: the clock is read when something was changed."""
    watch, due = generation.Watch(state.store), False

    def follow_changes() -> None:
        nonlocal due
        due |= watch.moved()
        if due:
            follow(state)
            due = False  # not before: where the store did not answer, it is asked again

    return follow_changes


def show_clock(state: State) -> Shown:
    """Raises Misuse, as all of these do, when whoever opened the state has brought a clock of their own."""
    _kept(state).follow(state.store)
    with state.store.read() as work:
        return _shown(clock.read(work), SystemClock().now())


def move_clock(state: State, delta: timedelta = timedelta(), *, months: int = 0) -> Shown:
    """So many calendar months and then so much time later, or earlier; a clock that stands goes on standing there."""
    return _change(state, lambda setting, system: setting.moved(delta, system, months=months))


def move_clock_to(state: State, at: datetime) -> Shown:
    """To an instant, from which it runs on."""
    return _change(state, lambda setting, system: running_from(at, system))


def freeze_clock(state: State, at: datetime | None = None) -> Shown:
    """Let it stand still: at that instant, or at what it shows now."""
    return _change(state, lambda setting, system: standing_at(at or setting.shows(system)))


def run_clock(state: State) -> Shown:
    """Let it go on from where it stands."""
    return _change(state, lambda setting, system: running_from(setting.shows(system), system))


def reset_clock(state: State) -> Shown:
    """Real time again."""
    return _change(state, lambda setting, system: Setting())


def _change(state: State, change: Callable[[Setting, datetime], Setting]) -> Shown:
    kept = _kept(state)
    with state.store.write() as work:
        system = SystemClock().now()
        try:
            setting = change(clock.read(work), system)
        except OverflowError:
            raise Misuse(f"the clock can be moved to the years {FIRST_YEAR} to {LAST_YEAR}, not beyond") from None
        clock.write(work, setting)
        generation.move(work)
    kept.follow(state.store)
    return _shown(setting, system)


def _kept(state: State) -> KeptClock:
    if not isinstance(state.clock, KeptClock):
        raise Misuse(
            "this sandbox goes by a clock that was handed to it, not by its state's own",
            next_step="move that one, or open the sandbox without clock=",
        )
    return state.clock


def _shown(setting: Setting, system: datetime) -> Shown:
    now = setting.shows(system)
    return Shown(now=now, real=setting.real, runs=setting.stands is None, ahead=now - system)
