"""Handles for the journal and the webhooks of a running sandbox."""

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sandbox.errors import NotThere
from sandbox.journal.entry import Entry, View
from sandbox.journal.expecting import Expectation
from sandbox.services import clock, webhooks
from sandbox.services.journal import MAX_ENTRIES, find_entry, read_journal
from sandbox.services.state import State
from sandbox.webhooks.event import Delivery

if TYPE_CHECKING:
    from sandbox.embed.advice import Speaker


class JournalHandle:
    """What happened, for assertions and for people."""

    def __init__(self, state: State, *, since: int = 0, speaker: "Speaker | None" = None) -> None:
        self._state = state
        self._since = since
        self._speaker = speaker

    def _told(self, entry: Entry) -> Entry:
        """The entry with next steps for whoever reads it here."""
        return self._speaker.entry(entry) if self._speaker else entry

    def entries(self, **view: object) -> tuple[Entry, ...]:
        """Entries, oldest first. Keywords are those of :class:`View`: client, provider, kind, path, refused, limit."""
        return self._newest(View(**view))  # type: ignore[arg-type]

    def last(self, **view: object) -> Entry:
        """The newest entry of the view; ``.explain()`` says it in words. Raises LookupError when there is none."""
        found = self.entries(**{**view, "limit": 1})
        if not found:
            raise LookupError("the journal has no such entry yet")
        return found[-1]

    def find(self, entry_id: str) -> Entry:
        """The entry with that id: a reply's ``x-trace-id``. Raises :class:`sandbox.errors.NotThere`."""
        return self._told(find_entry(self._state, entry_id))

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
        return tuple(self._told(entry) for _, entry in read_journal(self._state, view))

    def _all(self, view: View) -> tuple[Entry, ...]:
        """All that came, page by page."""
        found: list[Entry] = []
        after = self._since or -1  # numbers begin at 1; 0 would not ask for what came after, but for the newest
        while page := read_journal(self._state, replace(view, after=after, limit=MAX_ENTRIES)):
            found += (self._told(entry) for _, entry in page)
            after = page[-1][0]
        return tuple(found)


class OwnJournal(JournalHandle):
    """The journal as one test sees it: since the test began, of its own clients, and of nobody.

    Of nobody are handshakes and calls that never got as far as a client; they may be the very ones that are looked for.
    """

    def __init__(self, state: State, *, since: int, owners: Collection[str], speaker: "Speaker") -> None:
        super().__init__(state, since=since, speaker=speaker)
        self._owners = owners

    def find(self, entry_id: str) -> Entry:
        for entry in self._all(View()):
            if entry.id == entry_id:
                return entry
        raise NotThere(
            f"since this test began, the journal has no entry {entry_id[:40]!r} of its clients",
            next_step="look through those that it has: sandbank.journal.entries()",
        )

    def _newest(self, view: View) -> tuple[Entry, ...]:
        return self._all(view)[-view.limit :]

    def _all(self, view: View) -> tuple[Entry, ...]:
        return tuple(entry for entry in super()._all(view) if entry.client is None or entry.client in self._owners)


T = TypeVar("T")

POLL_SECONDS = 0.01
"""Between two looks at the store, of some microseconds each."""


def wait_for_webhook(
    state: State, provider: str, client: str, seen: set[str], *, event: str, timeout: float
) -> Delivery:
    """The first delivered webhook that is not in *seen*. Raises AssertionError, which says what came instead."""
    __tracebackhide__ = True  # pytest then ends its traceback at the line that waits

    def come() -> Delivery | None:
        wanted = event or None
        for one in webhooks.list_deliveries(state, provider=provider, client=client, event=wanted, status="delivered"):
            if one.id not in seen:
                return one
        return None

    found = _until(come, timeout)
    if found is None:
        came = webhooks.list_deliveries(state, provider=provider, client=client)
        raise AssertionError(_missed(event, timeout, [one for one in came if one.id not in seen]))
    seen.add(found.id)
    return found


class WebhooksHandle:
    """What providers send to their clients, of all of them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(
        self,
        *,
        provider: str | None = None,
        client: str | None = None,
        event: str | None = None,
        status: str | None = None,
    ) -> tuple[Delivery, ...]:
        """Deliveries with their attempts, oldest first: all, or those that are so."""
        return webhooks.list_deliveries(self._state, provider=provider, client=client, event=event, status=status)

    def drain(self, timeout: float = 30.0) -> None:
        """Wait until nothing is due any more by the sandbox's clock. Raises TimeoutError, which says what is open."""
        clock.follow(self._state)
        at = self._state.clock.now()
        if _until(lambda: not webhooks.open_deliveries(self._state, at), timeout) is None:
            left = [one for one in webhooks.list_deliveries(self._state, status="waiting") if one.due_at <= at]
            raise TimeoutError(f"still due after {timeout:g} seconds:\n" + "\n".join(map(told, left)))

    def resend(self, delivery: Delivery | str, *, as_new: bool = False) -> Delivery:
        """Queue one again, under its own id unless *as_new*."""
        return webhooks.resend(self._state, delivery if isinstance(delivery, str) else delivery.id, as_new=as_new)


def told(delivery: Delivery) -> str:
    """A delivery and how its last attempt went, for a person."""
    if not delivery.attempts:
        return f"  {delivery.event} to {delivery.url}: {delivery.status}, not tried yet"
    tries = len(delivery.attempts)
    went = [f"{delivery.status} after {tries} attempt{'s' if tries > 1 else ''}"]
    went += [f"{one.code}: {one.seen}" for one in delivery.attempts[-1].outcome.reasons]
    return f"  {delivery.event} to {delivery.url}: {'; '.join(went)}"


def _missed(event: str, timeout: float, came: list[Delivery]) -> str:
    lines = [f"no webhook {event!r} was delivered within {timeout:g} seconds" if event else
             f"no webhook was delivered within {timeout:g} seconds"]  # fmt: skip
    lines += ["there are:", *map(told, came)] if came else ["none was queued: is there an active subscription to it?"]
    return "\n".join(lines)


def _until(look: Callable[[], T | None], timeout: float) -> T | None:
    """What *look* finds in time; None when it finds nothing."""
    ends = time.monotonic() + timeout
    while not (found := look()):
        if time.monotonic() > ends:
            return None
        time.sleep(POLL_SECONDS)
    return found
