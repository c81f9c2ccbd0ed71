"""The rows of clients, by kind and id, and those that a seed file gave. What is in them is the provider's business."""

import json
from functools import cache
from typing import Any

from sandbox.storage.work import Work, load

Body = dict[str, Any]
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def put(work: Work, provider: str, client: str, kind: str, id: str, body: Body) -> None:
    """Keep *body* under its id, in place of what was there."""
    row = {"provider": provider, "client": client, "kind": kind, "id": id, "body": _json(body)}
    work.connection.execute(_sql("put_resource", work.driver), row)


def get(work: Work, provider: str, client: str, kind: str, id: str) -> Body | None:
    wanted = {"provider": provider, "client": client, "kind": kind, "id": id}
    row = work.connection.execute(_sql("resource", work.driver), wanted).fetchone()
    return None if row is None else json.loads(row[0])


def remove(work: Work, provider: str, client: str, kind: str, id: str) -> None:
    load("queries", work.driver).remove_resource(work.connection, provider=provider, client=client, kind=kind, id=id)


def all_of(work: Work, provider: str, client: str, kind: str) -> tuple[tuple[str, Body], ...]:
    """Ids and bodies, by id."""
    wanted = {"provider": provider, "client": client, "kind": kind}
    rows = work.connection.execute(_sql("resources", work.driver), wanted)
    return tuple([(key, json.loads(text)) for key, text in rows])


def kinds_of(work: Work, provider: str, client: str) -> tuple[str, ...]:
    """The kinds of which the client has a row."""
    rows = load("queries", work.driver).resource_kinds(work.connection, provider=provider, client=client)
    return tuple(kind for (kind,) in rows)


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_resources(work.connection, provider=provider, client=client)


@cache
def _sql(query: str, driver: str) -> str:
    sql: str = getattr(load("queries", driver), query).sql
    return sql


def put_seeded(work: Work, provider: str, client: str, kind: str, id: str, body: Body) -> None:
    """Keep *body* under its kind and id, in place of what was there."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    load("queries", work.driver).put_seeded_row(
        work.connection, provider=provider, client=client, kind=kind, id=id, body=text
    )


def seeded_of(work: Work, provider: str, client: str) -> dict[tuple[str, str], Body]:
    """Bodies by kind and id."""
    rows = load("queries", work.driver).seeded_rows(work.connection, provider=provider, client=client)
    return {(kind, key): json.loads(text) for kind, key, text in rows}


def remove_seeded_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_seeded_rows(work.connection, provider=provider, client=client)
