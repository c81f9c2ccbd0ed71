"""What a store says of itself: its tables, single facts by name, the generation, the clock, where its doors are.

The tables are made once and all together: ca's, then ours. Nothing was released yet, so that there are no steps from
one version of them to the next: a store of another version is refused."""

import re
from datetime import datetime, timedelta
from functools import cache
from threading import Lock

from ca.clock import Setting, SystemClock, read_time, write_time
from ca.store.store import SCHEMA as CA_SCHEMA
from ca.store.store import UnitOfWork
from sandbox.errors import StateNewer, StateOlder
from sandbox.storage.work import Store, Work, load, text

VERSION = 3
"""Raise it with every change of the tables or of what their rows mean: an older store is then refused in clear words,
instead of failing at some query."""
_VERSION_FACT = "schema"
SCHEMA = (*CA_SCHEMA, text("schema"), text("webhooks_schema"))


def get(work: UnitOfWork, name: str) -> str | None:
    # Each call that writes asks for the generation: without aiosql's own way, which takes twice as long as the query.
    row = work.connection.execute(_query("fact", work.driver), {"name": name}).fetchone()
    return None if row is None else str(row[0])


@cache
def _query(name: str, driver: str) -> str:
    sql: str = getattr(load("queries", driver), name).sql
    return sql


def get_here(work: Work, name: str) -> str | None:
    """A fact of this machine alone, such as its ports."""
    return get(work, _here(work, name))


def put_here(work: Work, name: str, value: str) -> None:
    put(work, _here(work, name), value)


def machines(work: Work) -> int:
    """How many machines have joined the state in this database; each has facts of its own."""
    names = load("queries", work.driver).names_like(work.connection, like="%@%")
    return len({str(name).rpartition("@")[2] for (name,) in names})


def forget_here(work: Work) -> None:
    """Remove the facts of this machine."""
    load("queries", work.driver).remove_facts(work.connection, like=f"%@{work.machine}")


def _here(work: Work, name: str) -> str:
    return f"{name}@{work.machine}" if work.machine else name


def put(work: UnitOfWork, name: str, value: str) -> None:
    load("queries", work.driver).set_fact(work.connection, name=name, value=value)


def move_generation(work: Work) -> None:
    """Say, in the transaction that makes the change, that whoever remembers things must read them again."""
    load("queries", work.driver).move_generation(work.connection)
    if work.remembering:
        work.remembering.generation = None
    work.tell_of_change()


def read_generation(work: Work) -> int:
    """Once in a transaction for all calls that share it: nobody else writes before its end."""
    shared = work.remembering
    if shared is None:
        return int(get(work, "generation") or 0)
    if shared.generation is None:
        shared.generation = int(get(work, "generation") or 0)
    return shared.generation


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


_CLOCK = "clock.setting"
"""One fact, not two: readers outside a transaction see the newest commit with each statement."""


def read_clock(work: Work) -> Setting:
    """The setting as it was last written; real time in a state whose clock was never moved."""
    kind, _, value = (get(work, _CLOCK) or "ahead 0").partition(" ")
    if kind == "stands":
        return Setting(stands=read_time(value))
    return Setting(ahead=timedelta(microseconds=int(value)))


def write_clock(work: Work, setting: Setting) -> None:
    if setting.stands is not None:
        put(work, _CLOCK, f"stands {write_time(setting.stands)}")
    else:
        put(work, _CLOCK, f"ahead {setting.ahead // timedelta(microseconds=1)}")


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


# --- its tables ---


def make_tables(store: Store) -> None:
    """Make the tables of a new store, in one transaction. Raises StateNewer, StateOlder."""
    with store.read() as work:
        if _made(work):
            return
    with store.write() as work:
        if _made(work):  # by another process meanwhile
            return
        for statement in _statements():
            # Text sorts by its bytes in every database: a page of a list begins where the last one ended.
            written = re.sub(r"\bTEXT\b", work.text_type, statement)
            work.connection.execute(written.replace("WITHOUT ROWID", work.by_key))
        put(work, _VERSION_FACT, str(VERSION))


def drop_tables(work: Work) -> None:
    """Remove our tables, and nothing else. Only in a database that is shared."""
    made = re.findall(r"^CREATE TABLE (\w+)", "\n".join(SCHEMA), re.MULTILINE)
    work.connection.execute(f"DROP TABLE IF EXISTS {', '.join(dict.fromkeys(made))}")


def has_tables(work: Work) -> bool:
    """Whether there is a state in this database, of whichever version."""
    return bool(load(f"catalogue_{work.driver}", work.driver).facts_there(work.connection))


def _made(work: Work) -> bool:
    """Whether the tables of this version are there. Raises StateNewer, StateOlder."""
    if not has_tables(work):
        return False
    version = int(get(work, _VERSION_FACT) or 0)
    if version > VERSION:
        raise StateNewer(
            "this state was made by a newer version of Sandbank than the one that you run",
            next_step="pip install --upgrade sandbank, or use another folder with --state DIR",
        )
    if version < VERSION:
        raise StateOlder(
            "this state was made by an earlier development version of Sandbank, with other tables",
            next_step="use another --database URL, or drop the tables of the old state"
            if work.machine
            else "sandbank state reset removes it, and then sandbank serve makes a new one",
        )
    return True


def _statements() -> list[str]:
    """The statements of the schema. Comments go first: a semicolon in one ends nothing."""
    lines = (line for part in SCHEMA for line in [*part.splitlines(), ";"])
    code = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    return [statement for statement in code.split(";") if statement.strip()]


# --- where its doors are ---

CONTROL_OFFSET = 0
AUTHORITY_OFFSET = 1
AUTHORITY = "authority"
_URL_SET = "authority_url"
_URL_HERE = "authority_door"
"""What follows from it on this machine: one question for each certificate instead of three."""
_SERVER_NAMES = "server.names"


def known_port(work: Work, door: str, offset: int) -> int:
    """The port that *door* (``wise.mtls``, ``control``) had when it last listened, or has by the plan."""
    from sandbox.settings import PORT_BASE

    return int(get_here(work, f"port.{door}") or PORT_BASE + offset)


def ever_open(work: Work, door: str) -> bool:
    """Whether *door* ever listened; else a port by the plan may be that of another sandbox."""
    return get_here(work, f"port.{door}") is not None


def free_port(work: Work, door: str) -> int:
    """The free port that was once taken for *door* with ``--port-base 0``; 0 when none was."""
    return int(get_here(work, f"free_port.{door}") or 0)


def known_host(work: Work, door: str) -> str:
    """The address by which *door* is reached from this machine, as it stands in a URL."""
    return get_here(work, f"host.{door}") or "127.0.0.1"


def keep_port(work: Work, door: str, host: str, port: int, *, free: bool) -> None:
    """Note where *door* listens. Whoever listens on all addresses is reached by loopback."""
    put_here(work, f"host.{door}", reached(host))
    put_here(work, f"port.{door}", str(port))
    if free:
        put_here(work, f"free_port.{door}", str(port))


def reached(host: str) -> str:
    """The address by which a listener on *host* is reached from this machine, as it stands in a URL."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host) or (f"[{host}]" if ":" in host else host)


def keep_authority_url(work: Work, url: str) -> None:
    """Note how the authority's door is reached, now that it listens; "" is by its own address."""
    put(work, _URL_SET, url)
    put_here(work, _URL_HERE, url or _door(work))


def authority_url(work: Work) -> str:
    """Where certificates say that their CRL is: as it was set, else the authority's door as it last listened here. A
    machine on which none listened yet goes by what was set for another."""
    return get_here(work, _URL_HERE) or get(work, _URL_SET) or _door(work)


def _door(work: Work) -> str:
    return f"http://{known_host(work, AUTHORITY)}:{known_port(work, AUTHORITY, AUTHORITY_OFFSET)}"


def server_names(work: Work) -> tuple[str, ...]:
    """More names that the doors have, in the order in which they were first asked for."""
    return tuple((get(work, _SERVER_NAMES) or "").split())


def keep_server_names(work: Work, names: tuple[str, ...]) -> None:
    put(work, _SERVER_NAMES, " ".join(names))
