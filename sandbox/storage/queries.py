"""The named queries of the .sql files beside this one, loaded once.

Each has one typed function in its table's module.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import aiosql


@cache
def load(name: str, driver: str) -> Any:
    """The queries of ``sql/<name>.sql`` for *driver*."""
    return aiosql.from_str(text(name), driver)


def text(name: str) -> str:
    return (files("sandbox.storage") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
