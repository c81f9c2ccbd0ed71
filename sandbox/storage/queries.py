"""The named queries of the .sql files beside this one, loaded once.

Each has one typed function in its table's module.
"""

from functools import cache
from importlib.resources import files

from ca.queries import Queries


@cache
def load(name: str, driver: str) -> Queries:
    """The queries of ``sql/<name>.sql`` for *driver*."""
    return Queries(text(name), driver)


def text(name: str) -> str:
    return (files("sandbox.storage") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
