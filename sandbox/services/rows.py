"""The client that is meant, and its rows as a provider's functions may see them, within an open unit of work."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ca.errors import visible
from sandbox.errors import NotThere
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.context import Body, Found, ManyRows, Row, Where
from sandbox.providers.declare import RowKind
from sandbox.providers.known import PROVIDERS, in_command, named
from sandbox.storage import clients, resources
from sandbox.storage.resources import Place
from sandbox.storage.work import Work

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
"""Of a client."""
MOST_NAMED = 20
"""Clients in an answer that did not find one: enough to see a slip of the pen, and no megabyte where there are many."""
SHORTEST = 6
"""Characters of the beginning of an id that stand for it: fewer are too easily a word that was meant as a name."""
_MADE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id that was made here. Nobody types one whole; of a chosen id the beginning may be another client's whole one."""


def find_client(work: Work, provider: str, client: str) -> ClientRecord:
    """The client of that name or id, or the one whose id begins so. Raises NotThere, listing those that are, or some of
    them."""
    named(provider)
    found = _found(work, provider, client)
    if found is None:
        there = _some([one.name for one in clients.all_of(work, provider)])
        raise NotThere(
            f"{provider} has no client {visible(client, 64)!r}; there are: {there}",
            next_step=f"add it: sandbank client add {client}{in_command(provider)}"
            if NAME.match(client)
            else f"those that there are: sandbank client list{in_command(provider)}",
        )
    return found


def _found(work: Work, provider: str, client: str) -> ClientRecord | None:
    """By name, by id, or by the beginning of an id that was made here, if it is the only one that begins so."""
    if found := clients.by_name(work, provider, client) or clients.by_id(work, provider, client):
        return found
    if len(client) < SHORTEST:
        return None
    begun = [one for one in clients.all_of(work, provider) if one.id.startswith(client) and _MADE.fullmatch(one.id)]
    return begun[0] if len(begun) == 1 else None


def find_clients(work: Work, provider: str | None, client: str) -> tuple[ClientRecord, ...]:
    """The client of that name or id at its provider; without one, of each provider that has such a client.

    Raises NotThere where there is none.
    """
    if provider:
        return (find_client(work, provider, client),)
    there = [_found(work, one.name, client) for one in PROVIDERS]
    found = tuple(one for one in there if one is not None)
    if not found:
        raise NotThere(
            f"no provider has a client {visible(client, 64)!r}",
            next_step="those of each provider are listed by: "
            + "; ".join(f"sandbank client list --provider {one.name}" for one in PROVIDERS),
        )
    return found


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (", ".join(names[:MOST_NAMED]) or "none") + more


def keep(work: Work, provider: str, client_id: str, row: Row, *, new: bool = False) -> None:
    """Keep a row in place of the one with its id; *new*: the caller knows that there is none."""
    kind = named(provider).chapters().kinds.get(row.kind)
    position, keys = (kind.position(row.body), kind.keys(row.body)) if kind else (None, None)
    resources.put(work, provider, client_id, row.kind, row.id, row.body, position=position, keys=keys, new=new)


def require_index(of: RowKind | None, kind: str, where: Sequence[Where]) -> None:
    """Raises LookupError for a condition by which nothing could ever be found: a fault of the declaration."""
    for one in where:
        if one.values and not (of and of.has_index(one.key)):
            raise LookupError(
                f"rows of kind {kind!r} have no index {one.key!r}: name it in the resource's `index`, and the resource "
                "among those of the provider's chapters"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadClientRows:
    """The rows of one client, to look at."""

    work: Work
    client: ClientRecord
    most: int | None = None
    """Of a kind with more rows nothing is looked for: ManyRows is raised. None: however many there are."""

    def get(self, kind: str, id: str) -> Body | None:
        return resources.get(self.work, self.client.provider, self.client.id, kind, id)

    def all_of(self, kind: str) -> Sequence[Row]:
        self._require_few(kind)
        found = resources.all_of(self.work, self.client.provider, self.client.id, kind)
        return tuple(Row(kind=kind, id=key, body=body) for key, body in found)

    def find(
        self,
        kind: str,
        where: Sequence[Where] = (),
        *,
        start: int = 0,
        size: int | None = None,
        oldest_first: bool = False,
    ) -> Found:
        require_index(named(self.client.provider).chapters().kinds.get(kind), kind, where)
        self._require_few(kind)
        of = self.client.provider, self.client.id, kind
        found, total = resources.find(self.work, *of, where, start=start, size=size, oldest_first=oldest_first)
        return Found(rows=tuple(Row(kind=kind, id=key, body=body) for key, body in found), total=total)

    def stream(self, kind: str, where: Sequence[Where] = ()) -> Iterator[Row]:
        require_index(named(self.client.provider).chapters().kinds.get(kind), kind, where)
        self._require_few(kind)
        found = resources.stream(self.work, self.client.provider, self.client.id, kind, where)
        return (Row(kind=kind, id=key, body=body) for key, body in found)

    def _require_few(self, kind: str) -> None:
        of = self.client.provider, self.client.id, kind
        if self.most is not None and resources.more_than(self.work, *of, self.most):
            raise ManyRows


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRows(ReadClientRows):
    """The rows of one client. Those that were looked at are changed by one statement: what it was is known then."""

    places: dict[tuple[str, str], Place | None] = field(default_factory=dict)
    """By kind and id, as this transaction has read or written them last; None of a row that is not there."""

    def get(self, kind: str, id: str) -> Body | None:
        found = resources.get_placed(self.work, self.client.provider, self.client.id, kind, id)
        body, self.places[kind, id] = found or (None, None)
        return body

    def all_of(self, kind: str) -> Sequence[Row]:
        self._require_few(kind)
        rows = []
        for key, body, place in resources.all_placed(self.work, self.client.provider, self.client.id, kind):
            self.places[kind, key] = place
            rows.append(Row(kind=kind, id=key, body=body))
        return tuple(rows)

    def put(self, kind: str, id: str, body: Body) -> None:
        self.place(kind, id, body, new=self.places.get((kind, id), resources.NOWHERE) is None)

    def add(self, kind: str, id: str, body: Body) -> None:
        self.place(kind, id, body, new=True)

    def place(self, kind: str, id: str, body: Body, *, new: bool) -> None:
        """Keep a row; *new*: there is none."""
        client = self.client
        of = named(client.provider).chapters().kinds.get(kind)
        position, keys = (of.position(body), of.keys(body)) if of else (None, None)
        known = self.places.get((kind, id))
        whose = client.provider, client.id, kind, id
        self.places[kind, id] = resources.put(
            self.work, *whose, body, position=position, keys=keys, new=new, known=known
        )

    def remove(self, kind: str, id: str) -> None:
        resources.remove(self.work, self.client.provider, self.client.id, kind, id)
        self.places[kind, id] = None

    def remove_where(self, kind: str, where: Where) -> None:
        for row in self.find(kind, (where,)).rows:
            self.remove(kind, row.id)
