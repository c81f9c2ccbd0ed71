import sqlite3
from pathlib import Path

import click
import pytest

from tests.sandbox.cli.running import sandbank, started


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
    assert (
        said.code == 1 and said.err.splitlines()[-1] == "next: to reset without a question: sandbank state reset --yes"
    )
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
    """Exit code 3, without a question."""
    said = sandbank("state", "reset")
    assert said.code == 3 and "[y/N]" not in said.err


def test_a_state_that_cannot_be_read_can_be_removed(here: Path) -> None:
    """It is the way out."""
    (here / ".sandbank" / "sandbank.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert sandbank("client", "list").code == 3
    assert sandbank("state", "reset", "--yes", "--json").json == {"removed": ".sandbank"}


def test_a_state_of_an_earlier_version_is_refused_with_the_way_out(here: Path) -> None:
    """The refusal says what it is and names the command that removes it, and that command works."""
    store = sqlite3.connect(here / ".sandbank" / "sandbank.sqlite", isolation_level=None)
    store.execute("DELETE FROM sandbank_facts WHERE name = 'schema'")
    store.execute("INSERT INTO sandbank_facts VALUES ('schema.sandbank', '5')")
    store.close()
    said = sandbank("client", "list")
    assert said.code == 3 and "earlier development version" in said.err and "sandbank state reset" in said.err
    assert sandbank("state", "reset", "--yes").code == 0
    assert list(here.iterdir()) == []


def test_a_folder_that_is_not_ours_is_not_removed(nowhere: Path) -> None:
    """Whatever --state says."""
    (nowhere / "mine").mkdir()
    (nowhere / "mine" / "notes").write_text("mine")
    assert sandbank("state", "reset", "--yes", "--state", "mine").code == 3
    assert (nowhere / "mine" / "notes").exists()


WORD = "correct horse battery staple"


def test_encrypt_and_decrypt(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the passphrase of the environment; that it is set and not used is said by every command before."""
    monkeypatch.setenv("SANDBANK_PASSPHRASE", WORD)
    assert "are not encrypted, though a passphrase is set" in sandbank("client", "list").err
    assert sandbank("state", "encrypt").text == "the private keys in .sandbank are encrypted\n"
    assert sandbank("client", "list").err == ""
    assert sandbank("state", "encrypt", "--json").json == {"encrypted": False}
    assert sandbank("certificate", "new", "--key", "ec-p256", "--out", "made").code == 0
    assert sandbank("state", "decrypt", "--json").json == {"decrypted": True}
    monkeypatch.delenv("SANDBANK_PASSPHRASE")
    assert sandbank("certificate", "new", "--key", "ec-p256", "--out", "more").code == 0


@pytest.mark.parametrize("passphrase", ["", "another"])
def test_without_its_passphrase_only_what_needs_no_key_works(
    here: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str
) -> None:
    """Exit code 3 in two lines for the rest, a server among them, and neither passphrase is repeated anywhere."""
    monkeypatch.setenv("SANDBANK_PASSPHRASE", WORD)
    assert sandbank("state", "encrypt").code == 0
    monkeypatch.setenv("SANDBANK_PASSPHRASE", passphrase)
    for words in (("journal",), ("client", "list"), ("certificate", "list"), ("ca",), ("client", "env", "demo")):
        assert sandbank(*words).code == 0, words
    for words in (
        ("certificate", "new", "--key", "ec-p256", "--out", "made"),
        ("serve", "--port-base", "0"),
        ("state", "decrypt"),
        ("state", "encrypt"),
    ):
        said = sandbank(*words)
        assert said.code == 3 and len(said.err.splitlines()) == 2 and "SANDBANK_PASSPHRASE" in said.err, said.err
        assert WORD not in said.err and "another" not in said.err
        code = sandbank(*words, "--json").error["error"]["code"]
        assert code == ("sandbank.passphrase_wrong" if passphrase else "sandbank.passphrase_missing")
    assert not [file for file in here.rglob("*") if file.is_file() and WORD.encode() in file.read_bytes()]
    assert sandbank("state", "reset", "--yes").code == 0


def test_a_server_with_a_passphrase_tells_nobody(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It founds a sealed state and signs; the passphrase is in no file, no output and not among the process's words."""
    monkeypatch.setenv("SANDBANK_PASSPHRASE", WORD)
    with Path("out.txt").open("wb") as out, Path("err.txt").open("wb") as err:
        server = started("serve", "--port-base", "0", "--ready-file", "ready.json", stdout=out, stderr=err)
    try:
        waited = sandbank("wait", "--ready-file", "ready.json", "--timeout", "60")
        assert waited.code == 0, waited.err + Path("err.txt").read_text()
        beside = sandbank("certificate", "new", "--key", "ec-p256", "--out", "made")
        assert beside.code == 0 and "not encrypted" not in beside.err
        for verb in ("encrypt", "decrypt"):
            refused = sandbank("state", verb)
            assert refused.code == 3 and "sandbank.state_locked" in sandbank("state", verb, "--json").err
        words = Path(f"/proc/{server.pid}/cmdline")
        assert not words.exists() or WORD.encode() not in words.read_bytes()
    finally:
        server.terminate()
        server.wait(60)
    assert not [file for file in nowhere.rglob("*") if file.is_file() and WORD.encode() in file.read_bytes()]


def test_only_new_makes_a_state(nowhere: Path) -> None:
    """Any other command in a wrong folder would make a second authority, whose secrets the running server refuses."""
    for words in (("ca",), ("client", "env", "demo"), ("certificate", "new"), ("webhook", "key"), ("clock", "run")):
        said = sandbank(*words, "--json")
        assert said.code == 3 and said.error["error"]["code"] == "sandbank.state_missing", words
        assert said.error["error"]["next"].endswith("sandbank state new")
    assert list(nowhere.iterdir()) == []
    assert sandbank("state", "new").code == sandbank("ca").code == 0
    assert sandbank("state", "new").code == 1 and sandbank("state", "new", "--state", "other").code == 0
