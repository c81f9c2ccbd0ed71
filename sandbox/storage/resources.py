"""The rows of clients, by kind and id, and those that a seed file gave. What is in them is the provider's business."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sandbox.storage import texts
from sandbox.storage.work import Work, load

if TYPE_CHECKING:
    from sandbox.providers.context import Where

Body = dict[str, Any]
Keys = set[tuple[str, str]]
"""Names and values of a row's index."""
Place = tuple[int, str]
"""Where a row stands in lists, and its index values as they are kept."""
NOWHERE: Place = (0, "")
"""Of a row whose kind is listed by id and has no index."""
LONGEST_VALUE = 255
"""Characters of an index value: longer texts are found by their beginning. PostgreSQL takes no index entry above a
third of a page."""
ALL = 2**62
"""A LIMIT that is none, spelled alike for every database."""


def put(
    work: Work,
    provider: str,
    client: str,
    kind: str,
    id: str,
    body: Body,
    *,
    position: int | None = None,
    keys: Sequence[tuple[str, str]] | None = None,
    new: bool = False,
    known: Place | None = None,
) -> Place:
    """Keep *body* under its id, in place of what was there. *position* is None for a kind that is listed by id, *keys*
    for one without an index. *new*: the caller knows that none is there. *known*: the place of the one that is there,
    as the caller has read it in this transaction. The place that the row has now."""
    row: dict[str, Any] = {"provider": provider, "client": client, "kind": kind, "id": id, "body": texts.write(body)}
    if position is None and keys is None:
        row["position"], row["keys"] = NOWHERE
        if known != NOWHERE or not _changed(work, row, NOWHERE, NOWHERE):
            work.connection.execute(_sql("put_resource", work.driver), row)
        return NOWHERE
    wanted = sorted({(name, value[:LONGEST_VALUE]) for name, value in keys or ()})
    place = position or 0, texts.write(wanted) if wanted else ""
    row["position"], row["keys"] = place
    there = known if known and _changed(work, row, place, known) else None
    if there is None and not new:
        there = _change(work, row, place)
    if there is None:
        work.connection.execute(_sql("add_resource", work.driver), row)
        _put_keys(work, row, set(), set(wanted))
    elif there[1] != place[1]:
        _put_keys(work, row, _keys(there[1]), set(wanted))
    return place


def _changed(work: Work, row: dict[str, Any], place: Place, known: Place) -> bool:
    """Whether one statement could change the row, as it is still in its known place."""
    if known[0] != place[0]:
        return False
    changed = work.connection.execute(_sql("change_known", work.driver), {**row, "known": known[1]})
    return bool(changed.rowcount)


def _change(work: Work, row: dict[str, Any], place: Place) -> Place | None:
    """Change a row, and then its place where that was another; the place before, None where there is no such row."""
    # All rows are fetched, or SQLite would not have ended the statement.
    found = work.connection.execute(_sql("change_resource", work.driver), row).fetchall()
    if not found:
        return None
    there: Place = tuple(found[0])
    if there != place:
        work.connection.execute(_sql("place_resource", work.driver), row)
    return there


def get(work: Work, provider: str, client: str, kind: str, id: str) -> Body | None:
    wanted = {"provider": provider, "client": client, "kind": kind, "id": id}
    row = work.connection.execute(_sql("resource", work.driver), wanted).fetchone()
    return None if row is None else texts.read(row[0])


def get_placed(work: Work, provider: str, client: str, kind: str, id: str) -> tuple[Body, Place] | None:
    """The same with its place, for who may change it."""
    wanted = {"provider": provider, "client": client, "kind": kind, "id": id}
    row = work.connection.execute(_sql("resource_with_place", work.driver), wanted).fetchone()
    return None if row is None else (texts.read(row[0]), (row[1], row[2]))


def remove(work: Work, provider: str, client: str, kind: str, id: str) -> None:
    row: dict[str, Any] = {"provider": provider, "client": client, "kind": kind, "id": id}
    there = work.connection.execute(_sql("resource_place", work.driver), row).fetchone()
    _put_keys(work, row, _keys(there[1] if there else ""), set())
    work.connection.execute(_sql("remove_resource", work.driver), row)


def all_of(work: Work, provider: str, client: str, kind: str) -> tuple[tuple[str, Body], ...]:
    """Ids and bodies, by id."""
    return tuple([(key, body) for key, body, _ in all_placed(work, provider, client, kind)])


def all_placed(work: Work, provider: str, client: str, kind: str) -> Sequence[tuple[str, Body, Place]]:
    """The same with their places, for who may change them."""
    wanted = {"provider": provider, "client": client, "kind": kind}
    rows = work.connection.execute(_sql("resources", work.driver), wanted).fetchall()
    bodies = texts.read_all([text for _, text, _, _ in rows]) if rows else ()
    return [(key, body, (position, keys)) for (key, _, position, keys), body in zip(rows, bodies, strict=True)]


def more_than(work: Work, provider: str, client: str, kind: str, most: int) -> bool:
    """Whether the client has more rows of the kind than that."""
    wanted = {"provider": provider, "client": client, "kind": kind, "most": most}
    return work.connection.execute(_sql("beyond", work.driver), wanted).fetchone() is not None


def find(
    work: Work,
    provider: str,
    client: str,
    kind: str,
    conditions: Sequence["Where"] = (),
    *,
    start: int = 0,
    size: int | None = None,
    oldest_first: bool = False,
) -> tuple[tuple[tuple[str, Body], ...], int]:
    """One page of the rows that fit every condition, the newest first, and how many fit in all."""
    wanted = _wanted(provider, client, kind, conditions)
    page, count = _finding(work.driver, tuple((one.how, len(one.values)) for one in conditions), oldest_first)
    cut = {**wanted, "size": ALL if size is None else size, "start": start}
    found = tuple([(key, texts.read(text)) for key, text in work.connection.execute(page, cut)])
    if size is None and not start:
        return found, len(found)
    return found, int(work.connection.execute(count, wanted).fetchone()[0])


def stream(
    work: Work, provider: str, client: str, kind: str, conditions: Sequence["Where"] = ()
) -> Iterator[tuple[str, Body]]:
    """All rows that fit every condition, the newest first, as one statement sees them. Each is read when it is asked
    for, so that a hundred thousand take no more memory than one."""
    page, _ = _finding(work.driver, tuple((one.how, len(one.values)) for one in conditions), oldest_first=False)
    whole = {**_wanted(provider, client, kind, conditions), "size": ALL, "start": 0}
    with closing(work.connection.execute(page, whole)) as rows:
        for key, text in rows:
            yield key, texts.read(text)


def _wanted(provider: str, client: str, kind: str, conditions: Sequence["Where"]) -> dict[str, Any]:
    wanted: dict[str, Any] = {"provider": provider, "client": client, "kind": kind}
    for number, one in enumerate(conditions):
        wanted[f"name_{number}"] = one.key
        wanted.update({f"value_{number}_{at}": value[:LONGEST_VALUE] for at, value in enumerate(one.values)})
    return wanted


def kinds_of(work: Work, provider: str, client: str) -> tuple[str, ...]:
    """The kinds of which the client has a row."""
    rows = load("queries", work.driver).resource_kinds(work.connection, provider=provider, client=client)
    return tuple(kind for (kind,) in rows)


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_resources(work.connection, provider=provider, client=client)
    load("queries", work.driver).remove_all_resource_keys(work.connection, provider=provider, client=client)


def _keys(text: str) -> Keys:
    return {(name, value) for name, value in texts.read(text)} if text else set()


def _put_keys(work: Work, row: dict[str, Any], there: Keys, wanted: Keys) -> None:
    gone, new = sorted(there - wanted), sorted(wanted - there)
    if gone and [name for name, _ in gone] == [name for name, _ in new] and len(dict(gone)) == len(gone):
        # Most changes are of single values: one statement moves each, where two would remove it and add the other.
        pairs = zip(gone, new, strict=True)
        moved = [{**row, "name": name, "old": old, "new": value} for (name, old), (_, value) in pairs]
        work.connection.cursor().executemany(_sql("move_resource_key", work.driver), moved)
        return
    # One row in each statement: for one that might fail in its middle SQLite first makes a journal.
    for query, keys in (("remove_resource_key", gone), ("add_resource_key", new)):
        if keys:
            rows = [{**row, "name": name, "value": value} for name, value in keys]
            work.connection.cursor().executemany(_sql(query, work.driver), rows)


@lru_cache(maxsize=256)
def _finding(driver: str, shape: tuple[tuple[str, int], ...], oldest_first: bool) -> tuple[str, str]:
    """The SQL of a page and of the count: for each condition its kind and how many values it has. A value of a caller's
    never becomes SQL."""
    narrowed = "".join(f" {_narrowed(driver, number, *one)}" for number, one in enumerate(shape))
    order = _sql("oldest_first" if oldest_first else "newest_first", driver)
    return f"{_sql('rows_of_kind', driver)}{narrowed} {order}", f"{_sql('count_of_kind', driver)}{narrowed}"


def _narrowed(driver: str, number: int, how: str, values: int) -> str:
    fits = [_sql(f"key_{how}", driver).replace("value_n", f"value_{number}_{at}") for at in range(values)]
    text = _sql("with_key", driver).replace("name_n", f"name_{number}")
    return text.replace("(fits)", f"({' OR '.join(fits) or '1 = 0'})")


@cache
def _sql(query: str, driver: str) -> str:
    sql: str = getattr(load("queries", driver), query).sql
    return sql.rstrip().removesuffix(";")


def put_seeded(work: Work, provider: str, client: str, kind: str, id: str, body: Body) -> None:
    """Keep *body* under its kind and id, in place of what was there."""
    text = texts.write(body)
    load("queries", work.driver).put_seeded_row(
        work.connection, provider=provider, client=client, kind=kind, id=id, body=text
    )


def seeded_of(work: Work, provider: str, client: str) -> dict[tuple[str, str], Body]:
    """Bodies by kind and id."""
    rows = load("queries", work.driver).seeded_rows(work.connection, provider=provider, client=client)
    return {(kind, key): texts.read(text) for kind, key, text in rows}


def remove_seeded_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_seeded_rows(work.connection, provider=provider, client=client)
