"""A client's rows: what its provider's calls work on. Put, listed, shown."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sandbox.errors import Misuse, NotThere
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.providers.context import Row
from sandbox.providers.known import in_command
from sandbox.services.postbox import Postbox
from sandbox.services.rows import find_client, keep
from sandbox.services.state import State
from sandbox.storage import resources
from sandbox.storage.work import Work
from sandbox.webhooks.event import RowChange


def put_resource(state: State, provider: str, client: str, kind: str, id: str, given: Mapping[str, Any]) -> Row:
    """Keep a row, completed by the provider. Raises Misuse for a kind that cannot be put, or a value that is none."""
    now = state.clock.now()
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        row = completed(provider, kind, id, given, now)
        tell_of(state, work, owner, row, now)
        keep(work, provider, owner.id, row)
    return row


def tell_of(state: State, work: Work, owner: ClientRecord, row: Row, now: datetime) -> None:
    """Queue the provider's webhooks for a row that is put: so a person can cause events that no call causes."""
    sends = named(owner.provider).sending
    if sends is None or row.kind not in sends.watched:
        return
    before = resources.get(work, owner.provider, owner.id, row.kind, row.id)
    change = RowChange(kind=row.kind, id=row.id, before=before, after=row.body, client=owner.id, at=now)
    Postbox(work=work, vault=state.vault, client=owner, ids=state.ids, now=now).tell((change,))


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
        raise Misuse(
            f"{provider} has no rows of kind {kind[:40]!r} that can be put; there are: {there}",
            next_step="name one of these kinds",
        )
    if fault := _not_unicode(given):
        raise Misuse(fault, next_step="write the text in Unicode, without lone surrogates")
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


def rows_of_kind(state: State, provider: str, client: str, kind: str) -> tuple[Row, ...]:
    """The same for a kind that a person wrote: a slip of the pen is not taken for no rows. Raises NotThere."""
    found = list_resources(state, provider, client, kind)
    if not found:
        _know(provider, kind)
    return found


def _know(provider: str, kind: str) -> None:
    there = named(provider).chapters().kinds
    if kind not in there:
        raise NotThere(
            f"{provider} has no rows of kind {kind[:40]!r}; there are: {', '.join(sorted(there))}",
            next_step=f"how many there are of each kind: sandbank resource list{in_command(provider)}",
        )


def show_resource(state: State, provider: str, client: str, kind: str, id: str) -> Row:
    """One row. Raises NotThere."""
    with state.store.read() as work:
        owner = find_client(work, provider, client)
        body = resources.get(work, provider, owner.id, kind, id)
    if body is not None:
        return Row(kind=kind, id=id, body=body)
    _know(provider, kind)
    which = f"{kind[:40]} --client {owner.name}{in_command(provider)}"
    raise NotThere(
        f"{owner.name} has no {kind[:40]} {id[:40]!r}",
        next_step=f"sandbank resource list {which} shows which it has",
    )
