"""What every store must find among the same rows, held against the judgement in Python that has no database."""

from itertools import product
from typing import Any

from sandbox.providers.context import Row, Where
from sandbox.providers.kit.lists import found_in
from sandbox.storage import resources

NAMES = ("ann", "Ann", "Bo", "Åse_%", "O'Neil", "")
BODIES = [{"name": name, "day": f"2026-11-{number + 1:02d}"} for number, name in enumerate(NAMES * 3)]
CONDITIONS = (
    Where(key="name", how="in", values=("Ann", "Bo")),
    Where(key="name", how="in", values=()),
    Where(key="name", how="has", values=("n",)),
    Where(key="name", how="has", values=("_%",)),
    Where(key="name", how="has", values=("'",)),
    Where(key="day", how="from", values=("2026-11-05",)),
    Where(key="day", how="until", values=("2026-11-12",)),
    Where(key="nobody's", how="in", values=("x",)),
)


def keys(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [("name", body["name"]), ("day", body["day"])]


def check_finding(store) -> None:
    """Each pair of conditions, both orders, every page."""
    rows = [Row(kind="k", id=f"{number:02d}", body=body) for number, body in enumerate(BODIES)]
    with store.write() as work:
        for position, row in enumerate(rows):
            resources.put(work, "p", "c", "k", row.id, row.body, position=position // 2, keys=keys(row.body))
        # Another client's and another kind's rows are never found, and a row that was put again has its new keys only.
        for client, kind in (("d", "k"), ("c", "other")):
            resources.put(work, "p", client, kind, "99", BODIES[0], position=99, keys=keys(BODIES[0]))
        resources.put(work, "p", "c", "k", "00", BODIES[1], position=0, keys=keys(BODIES[1]))
        resources.put(work, "p", "c", "k", "00", BODIES[0], position=0, keys=keys(BODIES[0]))
    with store.read() as work:
        for where, oldest_first, (start, size) in product(
            [(), *((one,) for one in CONDITIONS), *product(CONDITIONS, CONDITIONS)],
            (False, True),
            ((0, None), (0, 4), (4, 4), (400, 4)),
        ):
            ordered = rows if oldest_first else rows[::-1]
            expected = found_in(ordered, keys, where, start=start, size=size)
            found, total = resources.find(work, "p", "c", "k", where, start=start, size=size, oldest_first=oldest_first)
            assert [key for key, _ in found] == [row.id for row in expected.rows], (where, oldest_first, start)
            assert total == expected.total
            if not oldest_first and size is None:
                assert tuple(resources.stream(work, "p", "c", "k", where)) == found
