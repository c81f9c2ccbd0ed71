"""Long lists are read and written page by page; what comes out is what all of it at once would be."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.cli import output
from sandbox.cli.output import put_json_list, put_table, table
from sandbox.services import certificates
from sandbox.services.certificates import MAX_PAGE, list_certificates
from sandbox.services.clients import remove_client
from sandbox.services.state import opened
from scripts.measure.filler import fill
from tests.sandbox.cli.running import sandbank

MANY = 2 * MAX_PAGE + 10


@pytest.fixture(scope="module")
def filled(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state with more certificates than two pages hold, to be copied."""
    state = shutil.copytree(founded, tmp_path_factory.mktemp("filled") / "state")
    fill(state, MANY)
    return state


@pytest.fixture
def many(here: Path, filled: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """More certificates than two pages hold, and how many each page had that was read since."""
    shutil.copytree(filled, here / ".sandbank", dirs_exist_ok=True)
    sizes: list[int] = []
    read = certificates.store.page

    def counted(*words: Any, **named: Any) -> Any:
        page = read(*words, **named)
        sizes.append(len(page))
        return page

    monkeypatch.setattr(certificates.store, "page", counted)
    return sizes


def test_the_list_for_programs_is_one_document(here: Path, many: list[int]) -> None:
    """On one line, as it would be dumped whole: every certificate once, the oldest first."""
    said = sandbank("certificate", "list", "--json")
    assert said.code == 0 and said.err == "" and many == [MAX_PAGE, MAX_PAGE, 10]
    assert said.text == json.dumps(said.json, ensure_ascii=False) + "\n" and list(said.json) == ["certificates"]
    with opened(here / ".sandbank") as state:
        assert [one["id"] for one in said.json["certificates"]] == [one.id for one in list_certificates(state, "wise")]
    assert len(said.json["certificates"]) == MANY


def test_the_list_for_people_has_one_heading_and_every_row(here: Path, many: list[int]) -> None:
    """The columns stand where the heading's words stand; a client that is gone has no name any more."""
    with opened(here / ".sandbank") as state:
        remove_client(state, "wise", "filled-200")
    said = sandbank("certificate", "list")
    assert said.code == 0 and many == [MAX_PAGE, MAX_PAGE, 10]
    heading, *rows = said.text.splitlines()
    assert heading.split() == ["NAME", "CLIENT", "FOR", "STATUS", "UNTIL", "SERIAL"] and len(rows) == MANY
    at = heading.index("STATUS")
    assert {row[at:].split()[0] for row in rows} == {"active", "revoked"}
    assert sum("(removed)" in row for row in rows) == 10 and sum("filled-0 " in row for row in rows) == 10


def test_of_one_client_only_its_own_are_read(here: Path, many: list[int]) -> None:
    """And whom nobody knows gets no half of a document."""
    assert len(sandbank("certificate", "list", "--client", "filled-1", "--json").json["certificates"]) == 10
    assert many == [10]
    said = sandbank("certificate", "list", "--client", "nobody", "--json")
    assert said.code == 1 and said.out == b"" and "nobody" in said.err


def test_a_list_that_takes_its_time_says_how_far_it_is(
    here: Path, many: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On standard error and between pages; programs that asked for JSON, and lists that are quick, hear nothing."""
    monkeypatch.setattr(output, "PATIENCE_SECONDS", 0.0)
    slow = sandbank("certificate", "list")
    assert slow.err.splitlines() == [f"{count} so far ..." for count in (MAX_PAGE, 2 * MAX_PAGE)]
    assert sandbank("certificate", "list", "--json").err == ""
    monkeypatch.setattr(output, "PATIENCE_SECONDS", float("inf"))
    quick = sandbank("certificate", "list")
    assert quick.err == "" and quick.out == slow.out


def test_a_page_is_out_before_the_next_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """So that no more than one is in memory, and `| head` ends it early. Columns get wider, never narrower."""
    seen = []

    def rows() -> Iterator[list[tuple[str, str]]]:
        yield [("a", "1"), ("bb", "2")]
        seen.append(capsys.readouterr().out)
        yield [("longer than before", "3")]
        yield [("c", "4")]

    assert put_table(("X", "Y"), rows())
    seen.append(capsys.readouterr().out)
    assert seen == ["X   Y\na   1\nbb  2\n", "longer than before  3\nc                   4\n"]
    assert seen[0].splitlines() == table([("X", "Y"), ("a", "1"), ("bb", "2")])

    def numbers() -> Iterator[list[int]]:
        yield [1, 2]
        assert capsys.readouterr().out == '{"n": [1, 2'
        yield [3]

    put_json_list("n", numbers())
    assert capsys.readouterr().out == ", 3]}\n"


def test_a_list_of_nothing_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty document, and no heading with nothing below it."""
    put_json_list("n", [])
    assert not put_table(("X",), [])
    assert capsys.readouterr().out == '{"n": []}\n'
