"""The journal in Python: all of it, or what belongs to one test."""

from collections.abc import Collection
from dataclasses import replace

from sandbox.errors import NotThere
from sandbox.journal.entry import Entry, View
from sandbox.journal.expecting import Expectation
from sandbox.services.journal import MAX_ENTRIES, find_entry, read_journal
from sandbox.services.state import State


class JournalHandle:
    """What happened, for assertions and for people."""

    def __init__(self, state: State, *, since: int = 0) -> None:
        self._state = state
        self._since = since

    def entries(self, **view: object) -> tuple[Entry, ...]:
        """Entries, oldest first. Keywords are those of :class:`View`: client, provider, path, refused, limit."""
        return self._newest(View(**view))  # type: ignore[arg-type]

    def last(self, **view: object) -> Entry:
        """The newest entry of the view; ``.explain()`` says it in words. Raises LookupError when there is none."""
        found = self.entries(**{**view, "limit": 1})
        if not found:
            raise LookupError("the journal has no such entry yet")
        return found[-1]

    def find(self, entry_id: str) -> Entry:
        """The entry with that id: a reply's ``x-trace-id``. Raises :class:`sandbox.errors.NotThere`."""
        return find_entry(self._state, entry_id)

    def expect(
        self, *, method: str = "", path: str = "", status: int = 0, cause: str = "", times: int | None = None
    ) -> tuple[Entry, ...]:
        """The entries that are so; with *times* there must be that many, else one at least.

        Raises AssertionError, which shows the nearest that came and why that was refused.
        """
        __tracebackhide__ = True  # pytest then ends its traceback at the line that expects
        wanted = Expectation(method=method, path=path, status=status, cause=cause, times=times)
        came = self._all(View())
        if said := wanted.miss(came):
            raise AssertionError(said)
        return wanted.found(came)

    def _newest(self, view: View) -> tuple[Entry, ...]:
        return tuple(entry for _, entry in read_journal(self._state, view))

    def _all(self, view: View) -> tuple[Entry, ...]:
        """All that came, page by page."""
        found: list[Entry] = []
        after = self._since or -1  # numbers begin at 1; 0 would not ask for what came after, but for the newest
        while page := read_journal(self._state, replace(view, after=after, limit=MAX_ENTRIES)):
            found += (entry for _, entry in page)
            after = page[-1][0]
        return tuple(found)


class OwnJournal(JournalHandle):
    """The journal as one test sees it: since the test began, of its own clients, and of nobody.

    Of nobody are handshakes and calls that never got as far as a client; they may be the very ones that are looked for.
    """

    def __init__(self, state: State, *, since: int, owners: Collection[str]) -> None:
        super().__init__(state, since=since)
        self._owners = owners

    def find(self, entry_id: str) -> Entry:
        for entry in self._all(View()):
            if entry.id == entry_id:
                return entry
        raise NotThere(f"since this test began, the journal has no entry {entry_id[:40]!r} of its clients")

    def _newest(self, view: View) -> tuple[Entry, ...]:
        return self._all(view)[-view.limit :]

    def _all(self, view: View) -> tuple[Entry, ...]:
        return tuple(entry for entry in super()._all(view) if entry.client is None or entry.client in self._owners)
