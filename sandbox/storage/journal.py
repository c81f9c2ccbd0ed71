"""The journal in its own SQLite file, written behind the calls' backs.

Its own file, because its commits would move the store's data_version.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ca.clock import read_time, write_time
from sandbox.errors import Refusal, StateRemoved, Surroundings
from sandbox.journal.entry import Entry, Stage, View
from sandbox.storage import texts
from sandbox.storage.files import Complaints
from sandbox.storage.sqlite import SqliteStore
from sandbox.storage.work import load, text

FLUSH_SECONDS = 0.1
"""How long an entry may wait in memory: short enough for a person who watches, long enough to write many at once."""
KEPT_ENTRIES = 100_000
"""About 100 MB of entries: weeks of work by hand, minutes of a load test, and a bounded file."""
NO_END = 2**63 - 1
"""The largest number that a row can have (sqlite.org/autoinc.html)."""
TRIM_EVERY = 1_000
"""Trimming after each batch would cost a delete each; after this many entries it costs nothing that one notices."""

LAST_TRIES = 3
"""At the end, each waits half a second for the file. What is then not written is lost: a service that succeeded must
not be reported as failed because of its entry."""
TOLD_AFTER = 3
"""Failures in a row after which the file's trouble is told: another process that holds it for a moment is none."""
Listener = Callable[[Sequence[Entry]], None]
Complaint = Callable[[str], None]


class Journal:
    """Entries are appended to memory and written by a thread; a read in the same process writes first."""

    def __init__(self, path: Path) -> None:
        self._store = SqliteStore(path)
        self._waiting: deque[Entry] = deque()
        self.lost = 0
        """Entries that will never be in the file: they waited behind too many others, or it was closed before."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._since_trim = 0
        self._listeners: list[Listener] = []
        self._complaints: list[Complaint] = []
        try:
            with Complaints(path):
                self._store.connection().executescript(text("journal_schema"))
        except Surroundings:
            self._store.close()
            raise

    def append(self, entry: Entry) -> None:
        """Costs an append to a list; never waits for the disk."""
        self._waiting.append(entry)

    def tell(self, listener: Listener) -> None:
        """Have *listener* called, in the writing thread, with each batch of entries in their order."""
        self._listeners.append(listener)

    def complain(self, complaint: Complaint) -> None:
        """Have *complaint* called, in the writing thread, with a sentence when the file cannot be written for a while,
        and when it can again: what of it was lost."""
        self._complaints.append(complaint)

    def require_in_place(self) -> None:
        """Whether its file is the one at its path still. Raises StateRemoved."""
        self._store.require_in_place()

    def start(self) -> None:
        """Begin to write in the background."""
        self._thread = threading.Thread(target=self._run, name="sandbank-journal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what waits and let go of the file; `lost` says what could not be written."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        try:
            for _ in range(LAST_TRIES):
                with suppress(Surroundings):
                    self.flush()
                    break
            self.lost += len(self._waiting)
            self._waiting.clear()
        finally:
            self._store.close()

    def flush(self) -> None:
        """Write what waits. Raises StateLocked or StateUnusable, and then it goes on waiting."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if not batch:
                return
            try:
                self._write(batch)
            except BaseException:
                self._waiting.extendleft(reversed(batch))
                # Bounded like the file, and the newest are worth more than the oldest.
                while len(self._waiting) > KEPT_ENTRIES:
                    self._waiting.popleft()
                    self.lost += 1
                raise
            for listener in self._listeners:
                listener(batch)

    def _write(self, batch: Sequence[Entry]) -> None:
        with self._store.write() as work:
            load("journal_queries", work.driver).append(work.connection, map(_row, batch))
            self._since_trim += len(batch)
            if self._since_trim >= TRIM_EVERY:
                load("journal_queries", work.driver).trim(work.connection, keep=KEPT_ENTRIES)
                self._since_trim = 0

    def read(self, view: View) -> tuple[tuple[int, Entry], ...]:
        """The entries that *view* asks for, oldest first, each with its number in the file.

        The newest ones; or, after a number, those that came next, so that a follower misses none. Raises StateRemoved
        where nothing more will come.
        """
        self.require_in_place()
        self.flush()
        with self._store.read() as work:
            queries = load("journal_queries", work.driver)
            rows = (queries.next if view.after else queries.last)(
                work.connection,
                **_asked(view),
                since=_since(view),
                after=view.after,
                before=view.before or NO_END,
                limit=view.limit,
            )
            return tuple(map(_numbered, rows))

    def nth(self, view: View, nth: int) -> int | None:
        """The number of the entry that has *nth* newer ones in the view; None where there are not so many."""
        self.flush()
        with self._store.read() as work:
            found = load("journal_queries", work.driver).nth(
                work.connection, nth=min(nth, KEPT_ENTRIES), since=_since(view), **_asked(view)
            )
        return None if found is None else int(found)

    def older(self, view: View, number: int) -> int:
        """How many entries of the view are older than the one with that number."""
        self.flush()
        with self._store.read() as work:
            return int(load("journal_queries", work.driver).older(work.connection, before=number, **_asked(view)))

    def begun(self, beginning: str, limit: int) -> tuple[str, ...]:
        """The ids of entries that begin so."""
        if not beginning.isascii():
            return ()  # no id has another character, and after the last of all there is none to end at
        self.flush()
        ending = beginning[:-1] + chr(ord(beginning[-1]) + 1)
        with self._store.read() as work:
            queries = load("journal_queries", work.driver)
            rows = queries.begun(work.connection, beginning=beginning, ending=ending, limit=limit)
            return tuple(found for (found,) in rows)

    def causes(self, view: View) -> tuple[tuple[Sequence[str], str | None, int, int], ...]:
        """Of the refusals that *view* asks for, for each set of causes and each client: how many, and the number of
        the newest."""
        self.flush()
        with self._store.read() as work:
            rows = load("journal_queries", work.driver).causes(work.connection, **_asked(view))
            return tuple((codes.split(), client, times, newest) for codes, client, times, newest in rows)

    def numbered(self, number: int) -> Entry | None:
        with self._store.read() as work:
            row = load("journal_queries", work.driver).by_number(work.connection, number=number)
        return None if row is None else _numbered(row)[1]

    def find(self, entry_id: str) -> Entry | None:
        self.flush()
        with self._store.read() as work:
            row = load("journal_queries", work.driver).by_id(work.connection, id=entry_id)
        return None if row is None else _numbered(row)[1]

    def newest(self) -> int:
        """The number of the newest entry, 0 for an empty journal; what a follower starts from."""
        self.flush()
        with self._store.read() as work:
            return int(load("journal_queries", work.driver).newest(work.connection))

    def _run(self) -> None:
        failures = 0
        while not self._stop.wait(FLUSH_SECONDS):
            if not self._waiting and not failures:
                continue
            try:
                self.flush()
            except Surroundings as error:
                # Locked, or no room on the disk: what waits is tried again in a moment, and calls go on being answered.
                failures += 1
                if failures == TOLD_AFTER and not isinstance(error, StateRemoved):  # of which the server tells
                    self.complaint(f"the journal cannot be written, its entries wait in memory: {error.detail}")
                continue
            if failures >= TOLD_AFTER:
                lost = f"{self.lost} of its entries are lost" if self.lost else "none of its entries is lost"
                self.complaint(f"the journal is written again; {lost}")
            failures = 0

    def complaint(self, sentence: str) -> None:
        """Tell *sentence* to those who hear of the file's trouble."""
        for complaint in self._complaints:
            complaint(sentence)


def _asked(view: View) -> dict[str, Any]:
    """What a view keeps to, beside the time."""
    clients = view.among or ((view.client,) if view.client is not None else ())
    return {
        "clients": texts.write(clients) if clients else None,
        "provider": view.provider,
        "kind": view.kind,
        "door": view.door,
        "path": view.path,
        "refused": int(view.refused),
        "accepted": int(view.accepted),
        "cause": view.cause,
    }


def _since(view: View) -> str | None:
    return None if view.since is None else write_time(view.since)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": write_time(entry.at),
        "kind": entry.kind,
        "provider": entry.provider,
        "client": entry.client,
        "door": entry.door,
        "peer": entry.peer,
        "certificate": entry.certificate,
        "title": entry.title,
        "status": entry.status,
        "outcome": entry.outcome,
        "microseconds": entry.microseconds,
        # Not as JSON, of which a call's entry took a third of its time: no text of an entry has a tab or a line end.
        "stages": "\n".join([f"{'+' if one.ok else '-'}{one.name}\t{one.note}" for one in entry.stages]),
        "refused": int(entry.refused),
        "causes": "".join([f" {one.code}" for one in entry.reasons]),
        "reasons": texts.write([(r.code, r.seen, r.expected, r.next) for r in entry.reasons])
        if entry.reasons
        else None,
        "path": entry.extra.get("path"),
        "extra": "\n".join([f"{name}\t{value}" for name, value in entry.extra.items()]),
    }


def _reason(reason: Refusal) -> tuple[str, ...]:
    return reason.code, reason.seen, reason.expected, reason.next


_COLUMNS = (
    *("number", "id", "at", "kind", "provider", "client", "door", "peer", "certificate", "title", "status", "outcome"),
    *("microseconds", "stages", "refused", "causes", "reasons", "path", "extra"),
)


def _numbered(values: Sequence[Any]) -> tuple[int, Entry]:
    """The entry that `_row` wrote, with its number in the file."""
    row = dict(zip(_COLUMNS, values, strict=True))
    return row["number"], Entry(
        id=row["id"],
        at=read_time(row["at"]),
        kind=row["kind"],
        provider=row["provider"],
        client=row["client"],
        door=row["door"],
        peer=row["peer"],
        certificate=row["certificate"],
        title=row["title"],
        status=row["status"],
        outcome=row["outcome"],
        microseconds=row["microseconds"],
        stages=tuple(Stage(name=head[1:], ok=head[0] == "+", note=note) for head, note in _lines(row["stages"])),
        reasons=tuple(
            Refusal(code=code, seen=seen, expected=expected, next=following)
            for code, seen, expected, following in texts.read(row["reasons"] or "[]")
        ),
        extra=dict(_lines(row["extra"])),
    )


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Two parts of each line, before its tab and after it."""
    for line in text.split("\n") if text else ():
        before, _, after = line.partition("\t")
        yield before, after
