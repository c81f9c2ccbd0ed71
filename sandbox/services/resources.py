"""A client's rows: what its provider's calls work on. Put, listed, shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.errors import Misuse, NotThere
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.providers.context import Body, Found, Row, Where
from sandbox.providers.declare import RowKind
from sandbox.services.clients import find_client
from sandbox.services.state import State
from sandbox.storage import resources
from sandbox.storage.work import Work


def keep(work: Work, provider: str, client_id: str, row: Row) -> None:
    """Keep a row in place of the one with its id."""
    kind = named(provider).chapters().kinds.get(row.kind)
    position, keys = (kind.position(row.body), kind.keys(row.body)) if kind else (None, None)
    resources.put(work, provider, client_id, row.kind, row.id, row.body, position=position, keys=keys)


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

    def get(self, kind: str, id: str) -> Body | None:
        return resources.get(self.work, self.client.provider, self.client.id, kind, id)

    def all_of(self, kind: str) -> Sequence[Row]:
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
        wanted = [resources.Condition(key=one.key, how=one.how, values=one.values) for one in where]
        of = self.client.provider, self.client.id, kind
        found, total = resources.find(self.work, *of, wanted, start=start, size=size, oldest_first=oldest_first)
        return Found(rows=tuple(Row(kind=kind, id=key, body=body) for key, body in found), total=total)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRows(ReadClientRows):
    """The rows of one client."""

    def put(self, kind: str, id: str, body: Body) -> None:
        keep(self.work, self.client.provider, self.client.id, Row(kind=kind, id=id, body=body))

    def remove(self, kind: str, id: str) -> None:
        resources.remove(self.work, self.client.provider, self.client.id, kind, id)

    def remove_where(self, kind: str, where: Where) -> None:
        for row in self.find(kind, (where,)).rows:
            self.remove(kind, row.id)


def put_resource(state: State, provider: str, client: str, kind: str, id: str, given: Mapping[str, Any]) -> Row:
    """Keep a row, completed by the provider. Raises Misuse for a kind that cannot be put, or a value that is none."""
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        return put(work, provider, owner.id, kind, id, given, state.clock.now())


def put(work: Work, provider: str, client_id: str, kind: str, id: str, given: Mapping[str, Any], now: datetime) -> Row:
    """The same within an open unit of work."""
    row = completed(provider, kind, id, given, now)
    keep(work, provider, client_id, row)
    return row


def completed(provider: str, kind: str, id: str, given: Mapping[str, Any], now: datetime) -> Row:
    """The row that the provider makes of what is given. Raises Misuse."""
    chapters = named(provider).chapters()
    if kind not in chapters.puttable:
        there = ", ".join(sorted(chapters.puttable)) or "none"
        raise Misuse(f"{provider} has no rows of kind {kind[:40]!r} that can be put; there are: {there}")
    if fault := _not_unicode(given):
        raise Misuse(fault)
    return Row(kind=kind, id=id, body=chapters.kinds[kind].complete(id, dict(given), now))


def row_faults(provider: str, kind: str, id: str, given: Mapping[str, Any], now: datetime) -> Sequence[str]:
    """Everything that is wrong with what is given for a row of a kind that can be put."""
    if fault := _not_unicode(given):
        return (fault,)
    return named(provider).chapters().kinds[kind].faults(id, dict(given), now)


def _not_unicode(given: Mapping[str, Any]) -> str:
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone \ud800 in JSON, or an argument that is not UTF-8
        return "a text in the row is not Unicode: half a surrogate pair"
    return ""


def row_as_json(row: Row) -> dict[str, Any]:
    """A row as JSON types: the same on the command line and at the control door."""
    return {"kind": row.kind, "id": row.id, "body": row.body}


def kinds_of(state: State, provider: str, client: str) -> tuple[str, ...]:
    """The kinds of which the client has rows, and those of which it could."""
    with state.store.read() as work:
        owner = find_client(work, provider, client)
        return tuple(sorted({*named(provider).chapters().puttable, *resources.kinds_of(work, provider, owner.id)}))


def list_resources(state: State, provider: str, client: str, kind: str) -> tuple[Row, ...]:
    """The client's rows of that kind, by id."""
    with state.store.read() as work:
        owner = find_client(work, provider, client)
        found = resources.all_of(work, provider, owner.id, kind)
    return tuple(Row(kind=kind, id=key, body=body) for key, body in found)


def show_resource(state: State, provider: str, client: str, kind: str, id: str) -> Row:
    """One row. Raises NotThere."""
    with state.store.read() as work:
        owner = find_client(work, provider, client)
        body = resources.get(work, provider, owner.id, kind, id)
    if body is not None:
        return Row(kind=kind, id=id, body=body)
    raise NotThere(
        f"{client} has no {kind[:40]} {id[:40]!r}",
        next_step=f"sandbank resource list {kind[:40]} shows those there are",
    )
