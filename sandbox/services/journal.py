"""Reading the journal, and keeping faults of our own where their finder can send them from."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ca.clock import SystemClock, write_time
from sandbox.errors import (
    Misuse,
    NotThere,
    Refused,
    StateLocked,
    StateRemoved,
    StateUncertain,
    StateUnreachable,
    Surroundings,
    refuse,
)
from sandbox.journal.entry import KINDS, Entry, View
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
    if isinstance(error, StateRemoved):
        return refuse("provider.state_removed", seen="other files, or none", expected="those that the server has open")
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
    return state.journal.read(replace(named_view(state, view), limit=max(1, min(view.limit, MAX_ENTRIES))))


def named_view(state: State, view: View) -> View:
    """The same view with the ids of those whom its client's name means. Raises NotThere, Misuse."""
    if view.kind is not None and view.kind not in KINDS:  # Python lets a typing error come so far
        raise Misuse(f"no entry is of the kind {str(view.kind)[:40]!r}", next_step=f"one of: {', '.join(KINDS)}")
    if view.client is None or view.among:
        return view
    from sandbox.services.rows import find_clients

    with state.store.read() as work:
        return replace(view, among=tuple(one.id for one in find_clients(work, view.provider, view.client)))


def newest(state: State, view: View, many: int | None) -> Iterator[tuple[int, Entry]]:
    """So *many* of the newest entries of the view, oldest first, or all that are kept. Raises NotThere."""
    view = named_view(state, view)
    begins = None if many is None else state.journal.nth(view, many - 1)
    # Numbers begin at 1; after 0 would not ask for what came next, but for the newest.
    after = -1 if begins is None else begins - 1 or -1
    while page := read_journal(state, replace(view, after=after, limit=MAX_ENTRIES)):
        yield from page
        after = page[-1][0]
        if len(page) < MAX_ENTRIES:
            return


def older(state: State, view: View, number: int) -> int:
    """How many entries of the view, whenever they came, are older than the one with that number."""
    return state.journal.older(named_view(state, view), number)


SHORTEST = 4
"""Characters of the beginning of an id that stand for it: fewer are a slip of the finger."""
MOST_NAMED = 5


@dataclass(slots=True, kw_only=True)
class CauseCount:
    """How often something was refused for one cause."""

    code: str
    times: int = 0
    clients: set[str] = field(default_factory=set)
    """Ids of those that are known."""
    newest: int = 0
    """The number of the newest entry."""


def count_causes(state: State, view: View) -> tuple[tuple[CauseCount, Entry], ...]:
    """What was refused in a view, over all that is kept: each cause with its newest entry, the most frequent first.
    The client may be a name, as in `read_journal`. Raises NotThere."""
    counts: dict[str, CauseCount] = {}
    for codes, client, times, newest in state.journal.causes(named_view(state, view)):
        for code in dict.fromkeys(codes):
            count = counts.setdefault(code, CauseCount(code=code))
            count.times, count.newest = count.times + times, max(count.newest, newest)
            count.clients |= {client} if client else set()
    told = ((count, state.journal.numbered(count.newest)) for count in counts.values())
    return tuple(sorted(((count, entry) for count, entry in told if entry), key=lambda one: -one[0].times))


def find_entry(state: State, entry_id: str) -> Entry:
    """The entry with that id (a reply's ``x-trace-id``), or the one whose id begins so. Raises NotThere, Misuse."""
    entry = state.journal.find(entry_id)
    if entry is None and len(entry_id) >= SHORTEST:
        begun = state.journal.begun(entry_id.lower(), MOST_NAMED + 1)
        if len(begun) > 1:
            there = ", ".join(begun[:MOST_NAMED]) + (", …" if len(begun) > MOST_NAMED else "")
            raise Misuse(f"several entries begin with {entry_id[:40]!r}: {there}", next_step="give more of the id")
        entry = state.journal.find(begun[0]) if begun else None
    if entry is None:
        short = f"; a beginning has {SHORTEST} characters or more" if len(entry_id) < SHORTEST else ""
        raise NotThere(
            f"the journal has no entry {entry_id[:40]!r}{short}", next_step="the newest entries: sandbank journal"
        )
    return entry
