"""The sandbox's own clock: its setting is kept in the store, so that every process over a state has the same time.

Moving it is an errand (`errands.clock`)."""

from datetime import datetime, timedelta
from threading import Lock

from ca.clock import Setting, SystemClock, read_time, write_time
from sandbox.storage import facts
from sandbox.storage.work import Store, Work

FACT = "clock.setting"
"""One fact, not two: readers outside a transaction see the newest commit with each statement."""


def read(work: Work) -> Setting:
    """The setting as it was last written; real time in a state whose clock was never moved."""
    kind, _, value = (facts.get(work, FACT) or "ahead 0").partition(" ")
    if kind == "stands":
        return Setting(stands=read_time(value))
    return Setting(ahead=timedelta(microseconds=int(value)))


def write(work: Work, setting: Setting) -> None:
    if setting.stands is not None:
        facts.put(work, FACT, f"stands {write_time(setting.stands)}")
    else:
        facts.put(work, FACT, f"ahead {setting.ahead // timedelta(microseconds=1)}")


class KeptClock:
    """A clock that goes as the store says. It cannot be moved past it: whoever moves it writes there, and follows."""

    def __init__(self) -> None:
        self._setting = Setting()
        self._following = Lock()

    @property
    def real(self) -> bool:
        return self._setting.real

    def now(self) -> datetime:
        return self._setting.shows(SystemClock().now())

    def follow(self, store: Store) -> None:
        """Go as the store says now. One at a time, so that what was read first is not obeyed last."""
        with self._following, store.read() as work:
            self._setting = read(work)
