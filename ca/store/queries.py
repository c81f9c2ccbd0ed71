"""The named queries of an .sql file, each made into a function when it is first asked for.

aiosql makes functions of all at once: four milliseconds of every start for a file of which a start asks a few."""

import re
from typing import Any

import aiosql

_NAME = re.compile(r"^-- name: (\w+)", re.MULTILINE)


class Queries:
    """What aiosql makes of a text for one driver: for each query a function of that name."""

    def __init__(self, text: str, driver: str) -> None:
        begins = [(found[1], found.start()) for found in _NAME.finditer(text)]
        ends = [*(start for _, start in begins[1:]), len(text)]
        self._texts = {name: text[start:end] for (name, start), end in zip(begins, ends, strict=True)}
        self._driver = driver

    @property
    def names(self) -> tuple[str, ...]:
        """Of all queries, in the order of the file."""
        return tuple(self._texts)

    def __getattr__(self, name: str) -> Any:
        """The function, from now on without this way round. Raises AttributeError where there is no such query."""
        if name.startswith("_") or name not in self._texts:
            raise AttributeError(f"there is no query {name!r}")
        made = getattr(aiosql.from_str(self._texts[name], self._driver), name)
        setattr(self, name, made)
        return made
