from pathlib import Path

import pytest

from tests.sandbox.cli.running import sandbank


def completed(monkeypatch: pytest.MonkeyPatch, words: str) -> list[str]:
    """What bash is offered after these words."""
    monkeypatch.setenv("_SANDBANK_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"sandbank {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    said = sandbank()
    assert said.code == 0 and said.err == ""
    return [line.partition(",")[2] for line in said.text.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(shell: str) -> None:
    """Click's own, which asks us at each press of the key."""
    said = sandbank("completion", shell)
    assert said.code == 0 and "_SANDBANK_COMPLETE" in said.text
    assert sandbank("completion", shell, "--json").json["shell"] == shell


def test_clients_are_offered_by_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after --client, and from another state."""
    assert completed(monkeypatch, "client show de") == ["demo"]
    assert completed(monkeypatch, "certificate new --client de") == ["demo"]
    monkeypatch.chdir(here.parent)
    assert completed(monkeypatch, f"client show --state {here}/.sandbank de") == ["demo"]


def test_without_a_state_nothing_is_offered(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is said or made: the person is in the middle of a line."""
    assert completed(monkeypatch, "client show de") == []
    assert list(nowhere.iterdir()) == []


def test_a_broken_state_is_no_reason_to_speak(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence, as without one."""
    (here / ".sandbank" / "sandbank.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert completed(monkeypatch, "client show de") == []


def test_causes_and_commands_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes of the table, verbs of a noun."""
    assert "tls.certificate_missing" in completed(monkeypatch, "explain tls.certificate_m")
    assert completed(monkeypatch, "certificate s") == ["show", "sign"]
