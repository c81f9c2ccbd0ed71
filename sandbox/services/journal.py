"""Reading the journal, and keeping faults of our own where their finder can send them from."""

import traceback
from dataclasses import replace
from pathlib import Path

from ca.clock import SystemClock, write_time
from sandbox.errors import NotThere, Refused, StateLocked, StateUncertain, StateUnreachable, Surroundings, refuse
from sandbox.journal.entry import Entry, View
from sandbox.services.state import State
from sandbox.storage.folder import Folder

MAX_FAULTS = 1024 * 1024
"""Bytes of the file; a fault in a loop must not fill the disk."""


def as_refusal(error: Exception, *, state: Path, doing: str) -> Refused:
    """What a call is told of *error*: that the store was busy, or that the fault is ours and nothing was changed."""
    if isinstance(error, StateLocked):
        return refuse("provider.busy", seen="the store held by another process", expected="half a second at most")
    if isinstance(error, StateUnreachable):
        return refuse(
            "provider.busy",
            seen="a database that does not answer",
            expected="the database of this state",
            next_step="start it, or look at the network to it; the sandbox finds it again by itself",
        )
    if isinstance(error, StateUncertain):
        return refuse("provider.uncertain", seen="no answer to the commit", expected="the database's word on it")
    if isinstance(error, Surroundings):
        # Without its own sentence, which names places of the file system.
        return refuse("provider.busy", seen="no room or no right to write the store", expected="a store to write to")
    keep(error, state=state, doing=doing)
    return refuse("provider.fault", seen=f"{type(error).__name__} while handling {doing}", expected="no fault")


def keep(error: BaseException, *, state: Path, doing: str) -> Path | None:
    """Write the traceback into the state's faults.log; the file, or None when that cannot be written (or is full)."""
    file = Folder(path=state.absolute()).faults
    text = "".join(traceback.format_exception(error))
    try:
        if file.exists() and file.stat().st_size > MAX_FAULTS:
            return None
        with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"--- {write_time(SystemClock().now())} {doing}\n{text}\n")
    except OSError:
        # The disk that failed may be the same that cannot take the note.
        return None
    return file


MAX_ENTRIES = 1_000
"""For one answer; to get more, ask again from the number of the last."""


def read_journal(state: State, view: View) -> tuple[tuple[int, Entry], ...]:
    """Entries with their numbers, oldest first. The client of *view* may be a name: without a provider it stands for
    the clients of that name at all of them. Raises NotThere."""
    view = replace(view, limit=max(1, min(view.limit, MAX_ENTRIES)))
    if view.client is None:
        return state.journal.read(view)
    from sandbox.services.clients import find_clients

    with state.store.read() as work:
        meant = find_clients(work, view.provider, view.client)
    read = (state.journal.read(replace(view, client=client.id)) for client in meant)
    entries = sorted({number: entry for part in read for number, entry in part}.items())
    # As the journal reads one: after a number those that came next, else the newest.
    return tuple(entries[: view.limit] if view.after else entries[-view.limit :])


def find_entry(state: State, entry_id: str) -> Entry:
    """The entry with that id (a reply's ``x-trace-id``). Raises NotThere."""
    entry = state.journal.find(entry_id)
    if entry is None:
        raise NotThere(
            f"the journal has no entry {entry_id[:40]!r}", next_step="sandbank journal shows the newest entries"
        )
    return entry
