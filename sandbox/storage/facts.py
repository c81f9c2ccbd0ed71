"""Single facts about the state, by name; the generation, which every change moves; the sandbox's clock."""

from datetime import datetime, timedelta
from threading import Lock

from ca.clock import Setting, SystemClock, read_time, write_time
from ca.store.store import UnitOfWork
from sandbox.storage.work import Store, Work, load
from sandbox.storage.work import Work as SharedWork


def get(work: UnitOfWork, name: str) -> str | None:
    value = load("queries", work.driver).fact(work.connection, name=name)
    return None if value is None else str(value)


def get_here(work: SharedWork, name: str) -> str | None:
    """A fact of this machine alone, such as its ports."""
    return get(work, _here(work, name))


def put_here(work: SharedWork, name: str, value: str) -> None:
    put(work, _here(work, name), value)


def machines(work: SharedWork) -> int:
    """How many machines have joined the state in this database; each has facts of its own."""
    names = load("queries", work.driver).names_like(work.connection, like="%@%")
    return len({str(name).rpartition("@")[2] for (name,) in names})


def forget_here(work: SharedWork) -> None:
    """Remove the facts of this machine."""
    load("queries", work.driver).remove_facts(work.connection, like=f"%@{work.machine}")


def _here(work: SharedWork, name: str) -> str:
    return f"{name}@{work.machine}" if work.machine else name


def put(work: UnitOfWork, name: str, value: str) -> None:
    load("queries", work.driver).set_fact(work.connection, name=name, value=value)


def move_generation(work: Work) -> None:
    """Say, in the transaction that makes the change, that whoever remembers things must read them again."""
    load("queries", work.driver).move_generation(work.connection)
    work.tell_of_change()


def read_generation(work: Work) -> int:
    return int(get(work, "generation") or 0)


class Watch:
    """Tells a server whether anything changed since it last asked, for five microseconds where nothing did."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1
        self._generation = -1

    @property
    def generation(self) -> int:
        """As it was at the last question; -1 before the first."""
        return self._generation

    def moved(self) -> bool:
        """True once for each change, also at the very first question. What it raises, Surroundings, is not counted."""
        version = self._store.data_version()
        if version == self._version:
            return False
        with self._store.read() as work:
            generation = read_generation(work)
        self._version = version  # not before: where the store did not answer, it is asked again
        if generation == self._generation:
            return False
        self._generation = generation
        return True


FACT = "clock.setting"
"""One fact, not two: readers outside a transaction see the newest commit with each statement."""


def read_clock(work: Work) -> Setting:
    """The setting as it was last written; real time in a state whose clock was never moved."""
    kind, _, value = (get(work, FACT) or "ahead 0").partition(" ")
    if kind == "stands":
        return Setting(stands=read_time(value))
    return Setting(ahead=timedelta(microseconds=int(value)))


def write_clock(work: Work, setting: Setting) -> None:
    if setting.stands is not None:
        put(work, FACT, f"stands {write_time(setting.stands)}")
    else:
        put(work, FACT, f"ahead {setting.ahead // timedelta(microseconds=1)}")


class KeptClock:
    """A clock that goes as the store says. It cannot be moved past it: whoever moves it writes there, and follows."""

    def __init__(self) -> None:
        self._setting = Setting()
        self._following = Lock()

    @property
    def setting(self) -> Setting:
        """As the store had it when it was last followed."""
        return self._setting

    @property
    def real(self) -> bool:
        return self._setting.real

    def now(self) -> datetime:
        return self._setting.shows(SystemClock().now())

    def follow(self, store: Store) -> None:
        """Go as the store says now. One at a time, so that what was read first is not obeyed last."""
        with self._following, store.read() as work:
            self._setting = read_clock(work)
