"""How this folder keeps its resources: as Nuapay shows them, with the sandbox's own notes under one name beside.

The notes say in which order resources came, which is how lists are sorted, and what an account holds.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sandbox.providers.context import Body, Context, Row

NOTES = "sandbox"
ID_LENGTH = 10
"""As in all of Nuapay's examples."""


def milliseconds(at: datetime) -> int:
    """Since 1970: how Nuapay writes an instant."""
    return int(at.timestamp() * 1000)


def today(context: Context) -> str:
    """The date in UTC. In which zone Nuapay reckons is not published."""
    return f"{context.now.astimezone(UTC):%Y-%m-%d}"


def free_id(context: Context, kind: str) -> str:
    """An id that no row of that kind has: a seeded source of ids may say the same again."""
    while context.resources.get(kind, new := context.ids.base36(ID_LENGTH)) is not None:
        pass
    return new


def add(context: Context, kind: str, data: Body, **notes: object) -> Body:
    """Keep a new resource; what was kept."""
    body = {**data, NOTES: {"order": _next_order(context), **notes}}
    context.resources.put(kind, data["id"], body)
    return body


def change(context: Context, kind: str, body: Body, **changed: object) -> Body:
    """Keep it with some members changed; what was kept."""
    body = {**body, **changed}
    context.resources.put(kind, body["id"], body)
    return body


def shown(body: Body) -> Body:
    """The resource as Nuapay shows it."""
    return {name: value for name, value in body.items() if name != NOTES}


def newest_first(rows: Iterable[Row]) -> list[Body]:
    """ "Default 'id' in descending order", say the descriptions; Nuapay's ids are numbers encoded, and so count."""
    return sorted((row.body for row in rows), key=lambda body: (body[NOTES]["order"], body["id"]), reverse=True)


def _next_order(context: Context) -> int:
    """Later than every one before, and than the rows that people have put by now."""
    last = (context.resources.get("counter", "order") or {"last": 0})["last"]
    order = max(int(last) + 1, milliseconds(context.now))
    context.resources.put("counter", "order", {"last": order})
    return order
