"""Entries of the journal as the hub shows them: chosen by filters, named by their clients, counted by cause."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sandbox.errors import Refused
from sandbox.hub.page import Broken, broken_rules
from sandbox.journal.entry import KINDS, Entry, View
from sandbox.providers import PROVIDERS
from sandbox.services.clients import client_names
from sandbox.services.journal import MAX_ENTRIES, CauseCount, count_causes, read_journal
from sandbox.services.state import State

SHOWN = 100
"""Rows of one page: a screen or three."""
MOST_AT_ONCE = 50
"""Rows of one event of a live list; a load test makes a thousand a second, of which nobody reads more."""
MOST_LOOKED_THROUGH = 300
"""Entries that one look of a live list goes through for those that its filters want: reading one costs 30 µs."""
OUTCOMES = ("accepted", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which entries a page is about. An empty text asks nothing."""

    provider: str = ""
    client: str = ""
    kind: str = ""
    door: str = ""
    outcome: str = ""
    cause: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Filters":
        return cls(**{name: query.get(name, "").strip() for name in cls.__dataclass_fields__})

    @property
    def any(self) -> bool:
        return bool(self.query)

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return urlencode({name: value for name, value in said.items() if value})

    def with_cause(self, code: str) -> str:
        """The query of the same about one cause."""
        return replace(self, cause=code).query

    def view(self, *, after: int = 0, before: int = 0, limit: int = MAX_ENTRIES) -> View:
        """The same as the journal is asked."""
        return View(
            client=self.client or None,
            provider=self.provider or None,
            kind=next((one for one in KINDS if one == self.kind), None),
            door=self.door or None,
            refused=self.outcome == "refused",
            accepted=self.outcome == "accepted",
            cause=self.cause or None,
            after=after,
            before=before,
            limit=limit,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry with what a person wants to read beside it."""

    entry: Entry
    client: str
    """The name of the client, or its id where it is gone; empty where nobody knows whose it was."""
    broken: tuple[Broken, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntries:
    """Entries, the newest first."""

    rows: tuple[Line, ...]
    newest: int
    """The number of the newest entry of all: what a live list goes on from."""
    left_out: int = 0
    oldest: int = 0
    """The number of the oldest of these, where there are older ones; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseLine:
    """A cause for which something was refused, how often, and when last."""

    broken: Broken
    count: CauseCount
    newest: Entry


def recent(state: State, filters: Filters, *, before: int = 0, most: int) -> FoundEntries:
    """The newest entries that the filters let through, or those before an older one; of all that are kept."""
    newest = state.journal.newest()
    found = read_journal(state, filters.view(before=before, limit=most + 1))
    shown = found[-most:]
    return FoundEntries(
        rows=lines(state, (entry for _, entry in reversed(shown))),
        newest=newest,
        oldest=shown[0][0] if len(found) > most else 0,
    )


def newer(state: State, filters: Filters, after: int) -> FoundEntries:
    """What came after an entry; of very many the newest few, with how many were left out."""
    newest = state.journal.newest()
    if newest == after:
        return FoundEntries(rows=(), newest=newest)
    first = max(after, newest - (MOST_LOOKED_THROUGH if filters.any else MOST_AT_ONCE))
    entries = read_journal(state, filters.view(after=first))
    shown = entries[-MOST_AT_ONCE:]
    # What was written between the two questions is shown now, and is not asked for again.
    last = max([newest, *(number for number, _ in entries)])
    left_out = len(entries) - len(shown) if filters.any else last - after - len(shown)
    return FoundEntries(rows=lines(state, (entry for _, entry in reversed(shown))), newest=last, left_out=left_out)


def by_cause(state: State, filters: Filters) -> tuple[CauseLine, ...]:
    """What was refused, for each cause, the most frequent first."""
    found = tuple(count_causes(state, filters.view()))
    names = names_of(state, [entry for _, entry in found])
    return tuple(
        CauseLine(
            broken=next(one for one in broken_of(entry, _name(entry, names)) if one.code == count.code),
            count=count,
            newest=entry,
        )
        for count, entry in found
    )


def lines(state: State, entries: Iterable[Entry]) -> tuple[Line, ...]:
    """The entries with the names of their clients."""
    listed = tuple(entries)
    names = names_of(state, listed)
    return tuple(
        Line(entry=entry, client=_name(entry, names), broken=broken_of(entry, _name(entry, names))) for entry in listed
    )


def broken_of(entry: Entry, client: str = "") -> tuple[Broken, ...]:
    """Why it was refused, each reason explained."""
    if not entry.reasons:
        return ()
    return broken_rules(Refused(*entry.reasons), client=client or entry.client or "")


def names_of(state: State, entries: Sequence[Entry]) -> Mapping[tuple[str, str], str]:
    """The names of their clients, by provider and id."""
    ids: dict[str, set[str]] = {}
    for entry in entries:
        if entry.provider and entry.client:
            ids.setdefault(entry.provider, set()).add(entry.client)
    found = {provider: client_names(state, provider, wanted) for provider, wanted in ids.items()}
    return {(provider, one): name for provider, names in found.items() for one, name in names.items()}


def doors() -> tuple[str, ...]:
    """Every door that an entry may name."""
    providers = (f"{provider.name}.{door.name}" for provider in PROVIDERS for door in provider.doors)
    return (*providers, "webhook", "control", "errand")


def _name(entry: Entry, names: Mapping[tuple[str, str], str]) -> str:
    return names.get((entry.provider or "", entry.client or ""), entry.client or "")
