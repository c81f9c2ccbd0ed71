"""Opening the state of a sandbox, or founding a new one. The other services work on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from ca.authority import Authority
from ca.clock import Clock, SystemClock, write_time
from ca.errors import NotFounded
from ca.records import random_serial
from ca.x509 import bundle
from sandbox.errors import Misuse, StateMissing, StateUnusable, Surroundings
from sandbox.ids import Ids
from sandbox.providers.known import PROVIDERS
from sandbox.storage import facts
from sandbox.storage.facts import KeptClock, has_tables, make_tables
from sandbox.storage.folder import (
    MAKE_ONE,
    Belonging,
    Folder,
    Hold,
    hold_alone,
    hold_as_server,
    read_belonging,
    write_belonging,
    write_private,
)
from sandbox.storage.journal import Journal
from sandbox.storage.keys import StoreVault
from sandbox.storage.sqlite import SqliteStore
from sandbox.storage.work import LOCK_WAIT_SECONDS, Store, Work

if TYPE_CHECKING:
    from sandbox.providers.declare import Provider
    from sandbox.settings import Database

WAIT_SECONDS = LOCK_WAIT_SECONDS
"""How long a writer waits for others where nobody has more patience."""
IDENTITY = "identity"
"""The fact by which a folder knows again the state in a shared database."""
JOINED = "joined"
"""The fact that each machine has in a shared database from its beginning: since when."""
PASSPHRASE = "SANDBANK_PASSPHRASE"
"""The variable of the environment by whose value private keys are encrypted in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """An open state: everything that a service works on."""

    folder: Folder
    store: Store
    authority: Authority
    vault: StoreVault
    journal: Journal
    clock: Clock
    ids: Ids

    def close(self) -> None:
        try:
            self.journal.close()
        finally:
            self.store.close()


def open_state(
    path: Path,
    *,
    database: "Database | None" = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    make_new: bool = True,
    server_names: tuple[str, ...] = (),
    passphrase: str | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> State:
    """Open the state in the folder *path*, and make it first where there is none.

    With a *database* its tables are there, and the folder keeps what is this machine's; a folder that belongs to one
    finds it again without being told. Without a *clock* it uses its own, which is kept in it (`services.clock` moves
    it). A new state's authority can speak for *server_names* from the start, and its private keys are encrypted where
    there is a *passphrase*: without one it is that of the environment, which no list of processes shows as it does the
    words of a command. A writer of it waits *wait_seconds* for others at most; in PostgreSQL the server says how long.
    Raises StateMissing (none there and *make_new* is false), StateUnusable, StateOlder, StateNewer, StateLocked.
    """
    kept, vault = KeptClock(), StoreVault(os.environ.get(PASSPHRASE, "") if passphrase is None else passphrase)
    clock, ids = clock or kept, ids or Ids()
    folder = folder_of(path)
    if not folder.made:
        if not make_new and not (database and _founded(database)):
            raise StateMissing(f"there is no sandbox in {path}", next_step=MAKE_ONE)
        from sandbox.storage.lifetime import make

        make(folder, lambda making: _found(making, database, clock, ids, vault, server_names))
    state = State(
        folder=folder,
        store=_store_of(folder, database, wait_seconds),
        authority=_authority(ids, vault),
        vault=vault,
        journal=Journal(folder.journal),
        clock=clock,
        ids=ids,
    )
    try:
        belonging = read_belonging(folder)
        if belonging:
            _still_there(state)
        make_tables(state.store)
        kept.follow(state.store)
        if belonging:
            _still_the_same(state, belonging, database)
        _welcome_providers(state)
        if belonging or not folder.ca_file.exists():
            write_ca_file(state)  # another machine may have made the root anew
    except Exception:
        state.close()
        raise
    return state


def folder_of(path: Path) -> Folder:
    """The state's folder, whether there is a state in it or not."""
    return Folder(path=path.absolute())


@contextmanager
def opened(path: Path, *, database: "Database | None" = None, make_new: bool = True) -> Iterator[State]:
    """An open state for the length of one service."""
    state = open_state(path, database=database, make_new=make_new)
    try:
        yield state
    finally:
        state.close()


@contextmanager
def served_alone(state: State) -> Iterator[None]:
    """While the block runs, no other server is started over the folder. Raises StateLocked where there is one."""
    hold = hold_as_server(state.folder)
    try:
        yield
    finally:
        hold.let_go()


@contextmanager
def unserved(path: Path) -> Iterator[None]:
    """While the block runs, nobody serves the state in the folder *path*, if there is one. Raises StateLocked."""
    folder = folder_of(path)
    hold = hold_alone(folder) if folder.made else Hold()
    try:
        yield
    finally:
        hold.let_go()


def write_ca_file(state: State) -> None:
    """Put the certificate that clients trust where the ready file and ``client env`` point to."""
    with state.store.read() as work:
        root = state.authority.server_root(work)
    write_private(state.folder.ca_file, bundle.pem((root,)).encode())


def _authority(ids: Ids, vault: StoreVault) -> Authority:
    """Its serials are from the same source as every other id, so that a seed gives the same ones."""
    return Authority(serials=partial(random_serial, random_bits=ids.bits), vault=vault)


def _store_of(folder: Folder, database: "Database | None", wait_seconds: float) -> Store:
    """The store of an existing folder. Raises Misuse if it is not the one that was asked for."""
    belonging = read_belonging(folder)
    if belonging is None:
        if database is not None:
            there = f"{folder.path} holds a state of its own, not one in {database.shown}"
            raise Misuse(there, next_step="use another --state DIR with --database, or leave --database out")
        return SqliteStore(folder.store, wait_seconds=wait_seconds)
    from sandbox.settings import Database

    return _postgresql(database or Database(belonging.url), belonging.machine)


def _postgresql(database: "Database", machine: str) -> Store:
    try:
        from sandbox.storage.postgresql import PostgresqlStore
    except ImportError:
        lacks = "a state in PostgreSQL needs psycopg, which is not installed here"
        raise Surroundings(lacks, next_step="pip install 'sandbank[postgresql]'") from None
    return PostgresqlStore(database, machine)


def _still_there(state: State) -> None:
    """Before tables are made: whether there are any. Raises StateUnusable."""
    with state.store.read() as work:
        if not has_tables(work):
            there = f"the state that {state.folder.path} belongs to is no longer in its database"
            raise StateUnusable(there, next_step="remove the folder, then make a new state: sandbank state reset")


def _still_the_same(state: State, belonging: Belonging, database: "Database | None") -> None:
    """Whether the database still holds the state of which the folder has certificates. Raises StateUnusable."""
    with state.store.read() as work:
        identity = facts.get(work, IDENTITY)
    if identity != belonging.identity:
        there = f"{state.folder.path} belongs to another state than the one in that database"
        raise StateUnusable(there, next_step="use another --state DIR, or the database that it was made for")
    if database is not None and database.shown != belonging.url:
        url = database.shown  # the same database by another way
        write_belonging(state.folder, Belonging(url=url, machine=belonging.machine, identity=identity))


def _welcome_providers(state: State) -> None:
    """Found what a state that an older version made lacks: that of each provider that is new since."""
    with state.store.read() as work:
        if not any(_is_new(state.authority, work, provider) for provider in PROVIDERS):
            return
    from sandbox.services.founding import welcome

    with state.store.write() as work:
        for provider in PROVIDERS:
            if _is_new(state.authority, work, provider):  # no other process was faster
                welcome(work, state.authority, provider, state.clock.now(), state.ids)


def _is_new(authority: Authority, work: Work, provider: "Provider") -> bool:
    try:
        authority.issuing(work, provider.name)
    except NotFounded:
        return True
    return False


def _founded(database: "Database") -> bool:
    """Whether there is a state in that database, which this machine may join."""
    store = _postgresql(database, "")
    try:
        with store.read() as work:
            return has_tables(work) and facts.get(work, IDENTITY) is not None
    finally:
        store.close()


def _found(
    folder: Folder,
    database: "Database | None",
    clock: Clock,
    ids: Ids,
    vault: StoreVault,
    server_names: tuple[str, ...],
) -> None:
    """Found the state, or join the one that another machine founded in the database."""
    from sandbox.services.founding import populate

    # By chance and not from *ids*, which a seed makes alike on every machine.
    machine = uuid4().hex[:12]
    store = _postgresql(database, machine) if database else SqliteStore(folder.store)
    try:
        make_tables(store)
        with store.write() as work:
            identity = facts.get(work, IDENTITY)
            if identity is None:
                identity = uuid4().hex
                facts.put(work, IDENTITY, identity)
                if vault.has_passphrase:
                    vault.begin(work)
                populate(
                    work,
                    _authority(ids, vault),
                    clock.now(),
                    ids,
                    server_names,
                )
            if database:
                facts.put_here(work, JOINED, write_time(SystemClock().now()))
        if database:
            write_belonging(folder, Belonging(url=database.shown, machine=machine, identity=identity))
    finally:
        store.close()
