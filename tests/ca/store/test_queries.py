"""Named queries: each is what aiosql makes of the whole file, and none is made before somebody asks for it."""

from pathlib import Path

import aiosql
import pytest

import ca
import sandbox.storage
from ca.store.store import Queries

FILES = [
    file
    for package in (ca, sandbox.storage)
    for file in sorted((Path(package.__path__[0]) / "sql").glob("*.sql"))
    if "-- name: " in file.read_text("utf-8")
]


@pytest.mark.parametrize("driver", ["sqlite3", "psycopg"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_each_is_what_aiosql_makes_of_the_whole_file(file: Path, driver: str) -> None:
    """Text, kind and parameters; and there are no more and no fewer of them."""
    text = file.read_text("utf-8")
    ours, whole = Queries(text, driver), aiosql.from_str(text, driver)
    there = {name.removesuffix("_cursor") for name in whole.available_queries}  # of a SELECT aiosql makes two functions
    assert sorted(ours.names) == sorted(there)
    for name in ours.names:
        made, meant = getattr(ours, name), getattr(whole, name)
        assert (made.sql, made.operation, made.parameters) == (meant.sql, meant.operation, meant.parameters), name


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_aiosql_has_nothing_to_remark(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It warns on standard error of a query that is called a SELECT by its name and is none."""
    aiosql.from_str(file.read_text("utf-8"), "sqlite3")
    assert caplog.messages == []
    aiosql.from_str("-- name: part()\nORDER BY id;\n", "sqlite3")
    assert ["may not be a select" in said for said in caplog.messages] == [True]


def test_one_is_made_when_it_is_asked_for_and_once() -> None:
    """The others are texts; one that is not there is told by its name."""
    queries = Queries("-- name: one()$\nSELECT 1;\n-- name: two()$\nSELECT 2;\n", "sqlite3")
    assert "one" not in vars(queries)
    assert queries.one is queries.one and "two" not in vars(queries)
    with pytest.raises(AttributeError, match="there is no query 'three'"):
        _ = queries.three
