from pathlib import Path

import click
import pytest

from tests.sandbox.cli.running import sandbank


@pytest.mark.parametrize(("words", "answer"), [(("--yes",), ""), ((), "y\n")])
def test_reset_removes_the_state(here: Path, words: tuple[str, ...], answer: str) -> None:
    """After a yes, in one way or the other."""
    said = sandbank("state", "reset", *words, stdin=answer)
    assert said.code == 0 and said.text == ".sandbank was removed\n"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("answer", ["\n", "n\n", ""])
def test_without_a_yes_nothing_is_removed(here: Path, answer: str) -> None:
    """Nor when there is nobody to answer."""
    said = sandbank("state", "reset", stdin=answer)
    assert said.code == 1 and said.err.splitlines()[-1] == "next: to reset without a question: --yes"
    assert (here / ".sandbank" / "sandbank.sqlite").exists()


def test_an_interrupted_question_is_an_interruption(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """130, and nothing is removed."""

    def interrupt(*_: object, **__: object) -> bool:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise click.Abort from None

    monkeypatch.setattr(click, "confirm", interrupt)
    assert sandbank("state", "reset").code == 130
    assert (here / ".sandbank").exists()


def test_what_is_not_there_is_not_asked_about(nowhere: Path) -> None:
    """Exit code 1, without a question."""
    said = sandbank("state", "reset")
    assert said.code == 1 and "[y/N]" not in said.err


def test_a_state_that_cannot_be_read_can_be_removed(here: Path) -> None:
    """It is the way out."""
    (here / ".sandbank" / "sandbank.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert sandbank("client", "list").code == 3
    assert sandbank("state", "reset", "--yes", "--json").json == {"removed": ".sandbank"}


def test_a_folder_that_is_not_ours_is_not_removed(nowhere: Path) -> None:
    """Whatever --state says."""
    (nowhere / "mine").mkdir()
    (nowhere / "mine" / "notes").write_text("mine")
    assert sandbank("state", "reset", "--yes", "--state", "mine").code == 1
    assert (nowhere / "mine" / "notes").exists()
