"""Whatever a provider's calls make and move, by client, kind and id; what is in it is the provider's business."""

import json
from typing import Any

from sandbox.storage.queries import load
from sandbox.storage.work import Work

Body = dict[str, Any]
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def put(work: Work, provider: str, client: str, kind: str, id: str, body: Body) -> None:
    """Keep *body* under its id, in place of what was there."""
    text = _json(body)
    load("queries", work.driver).put_resource(
        work.connection, provider=provider, client=client, kind=kind, id=id, body=text
    )


def get(work: Work, provider: str, client: str, kind: str, id: str) -> Body | None:
    text = load("queries", work.driver).resource(work.connection, provider=provider, client=client, kind=kind, id=id)
    return None if text is None else json.loads(text)


def remove(work: Work, provider: str, client: str, kind: str, id: str) -> None:
    load("queries", work.driver).remove_resource(work.connection, provider=provider, client=client, kind=kind, id=id)


def all_of(work: Work, provider: str, client: str, kind: str) -> tuple[tuple[str, Body], ...]:
    """Ids and bodies, by id."""
    rows = load("queries", work.driver).resources(work.connection, provider=provider, client=client, kind=kind)
    return tuple((key, json.loads(text)) for key, text in rows)


def kinds_of(work: Work, provider: str, client: str) -> tuple[str, ...]:
    """The kinds of which the client has a row."""
    rows = load("queries", work.driver).resource_kinds(work.connection, provider=provider, client=client)
    return tuple(kind for (kind,) in rows)


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_resources(work.connection, provider=provider, client=client)
