"""The rows of clients, by kind and id, and those that a seed file gave. What is in them is the provider's business."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sandbox.storage.work import Work, load

Body = dict[str, Any]
LONGEST_VALUE = 255
"""Characters of an index value: longer texts are found by their beginning. PostgreSQL takes no index entry above a
third of a page."""
ALL = 2**62
"""A LIMIT that is none, spelled alike for every database."""
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What an index value of a row must be: one of the ``values``, or ``from``, ``until`` or ``has`` the only one."""

    key: str
    how: str
    values: tuple[str, ...]


def put(
    work: Work,
    provider: str,
    client: str,
    kind: str,
    id: str,
    body: Body,
    *,
    position: int = 0,
    keys: Sequence[tuple[str, str]] | None = None,
) -> None:
    """Keep *body* under its id, in place of what was there; *keys* is None for a kind without an index."""
    row = {"provider": provider, "client": client, "kind": kind, "id": id}
    execute = work.connection.execute
    execute(_sql("put_resource", work.driver), {**row, "body": _json(body), "position": position})
    if keys is not None:
        _put_keys(work, row, {(name, value[:LONGEST_VALUE]) for name, value in keys})


def get(work: Work, provider: str, client: str, kind: str, id: str) -> Body | None:
    wanted = {"provider": provider, "client": client, "kind": kind, "id": id}
    row = work.connection.execute(_sql("resource", work.driver), wanted).fetchone()
    return None if row is None else json.loads(row[0])


def remove(work: Work, provider: str, client: str, kind: str, id: str) -> None:
    row = {"provider": provider, "client": client, "kind": kind, "id": id}
    work.connection.execute(_sql("remove_resource", work.driver), row)
    work.connection.execute(_sql("remove_resource_keys", work.driver), row)


def all_of(work: Work, provider: str, client: str, kind: str) -> tuple[tuple[str, Body], ...]:
    """Ids and bodies, by id."""
    wanted = {"provider": provider, "client": client, "kind": kind}
    rows = work.connection.execute(_sql("resources", work.driver), wanted)
    return tuple([(key, json.loads(text)) for key, text in rows])


def find(
    work: Work,
    provider: str,
    client: str,
    kind: str,
    conditions: Sequence[Condition] = (),
    *,
    start: int = 0,
    size: int | None = None,
    oldest_first: bool = False,
) -> tuple[tuple[tuple[str, Body], ...], int]:
    """One page of the rows that fit every condition, the newest first, and how many fit in all."""
    wanted: dict[str, Any] = {"provider": provider, "client": client, "kind": kind}
    narrowed = "".join(f" {_narrowed(work.driver, number, one, wanted)}" for number, one in enumerate(conditions))
    order = _sql("oldest_first" if oldest_first else "newest_first", work.driver)
    page = {**wanted, "size": ALL if size is None else size, "start": start}
    rows = work.connection.execute(f"{_sql('rows_of_kind', work.driver)}{narrowed} {order}", page).fetchall()
    found = tuple([(key, json.loads(text)) for key, text in rows])
    if size is None and not start:
        return found, len(found)
    counted = work.connection.execute(f"{_sql('count_of_kind', work.driver)}{narrowed}", wanted).fetchone()
    return found, int(counted[0])


def kinds_of(work: Work, provider: str, client: str) -> tuple[str, ...]:
    """The kinds of which the client has a row."""
    rows = load("queries", work.driver).resource_kinds(work.connection, provider=provider, client=client)
    return tuple(kind for (kind,) in rows)


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_resources(work.connection, provider=provider, client=client)
    load("queries", work.driver).remove_all_resource_keys(work.connection, provider=provider, client=client)


def _put_keys(work: Work, row: dict[str, Any], keys: set[tuple[str, str]]) -> None:
    """Most changes of a row leave its index values as they are: then nothing is written."""
    execute = work.connection.execute
    there = {(name, value) for name, value in execute(_sql("resource_keys", work.driver), row)}
    if there - keys:
        execute(_sql("remove_resource_keys", work.driver), row)
        there = set()
    for name, value in sorted(keys - there):
        execute(_sql("add_resource_key", work.driver), {**row, "name": name, "value": value})


def _narrowed(driver: str, number: int, one: Condition, wanted: dict[str, Any]) -> str:
    """The SQL of one condition; its values are added to *wanted*. Text of a caller never becomes SQL."""
    fits = []
    for at, value in enumerate(one.values):
        wanted[f"value_{number}_{at}"] = value[:LONGEST_VALUE]
        fits.append(_sql(f"key_{one.how}", driver).replace("value_n", f"value_{number}_{at}"))
    wanted[f"name_{number}"] = one.key
    text = _sql("with_key", driver).replace("name_n", f"name_{number}")
    return text.replace("(fits)", f"({' OR '.join(fits) or '1 = 0'})")


@cache
def _sql(query: str, driver: str) -> str:
    sql: str = getattr(load("queries", driver), query).sql
    return sql.rstrip().removesuffix(";")


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
