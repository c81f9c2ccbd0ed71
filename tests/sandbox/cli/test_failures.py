import json
from pathlib import Path

import click
import pytest

from ca.errors import AuthorityError, NotFounded
from sandbox.cli.failures import Failed, taken, wants_json
from sandbox.errors import Misuse, NotThere, PortTaken, SandbankError, StateLocked, StateNewer, StateUnusable, refuse
from sandbox.services import clients
from tests.sandbox.cli.running import sandbank


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refuse("token.expired"), 1),
        (NotThere("nothing"), 1),
        (NotFounded("server-root"), 1),
        (Misuse("no"), 2),
        (PortTaken("taken"), 3),
        (StateLocked("locked"), 3),
        (StateNewer("newer"), 3),
        (StateUnusable("no rights"), 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_exit_code_tells_whose_matter_it_is(
    error: SandbankError | AuthorityError, code: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 refused or not there, 2 usage, 3 surroundings; a sentence, its code in JSON, and nothing on standard output."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(clients, "list_clients", fail)
    said = sandbank("client", "list")
    assert (said.code, said.out) == (code, b"") and said.err.startswith("sandbank: ")
    in_json = sandbank("client", "list", "--json")
    assert (in_json.code, in_json.out) == (code, b"")
    assert in_json.error["error"]["code"] == error.code


def test_a_refusal_without_a_step_of_its_own_has_the_tables(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is left without a next step."""

    def fail(*_: object) -> None:
        raise refuse("token.expired", seen="then", expected="now")

    monkeypatch.setattr(clients, "list_clients", fail)
    assert "\nnext: fetch a new token" in sandbank("client", "list").err


def test_a_fault_of_our_own_is_one_line_and_a_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback on the terminal; it is where its finder can send it from."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(clients, "list_clients", fail)
    said = sandbank("client", "list")
    log = here / ".sandbank" / "faults.log"
    assert said.code == 1 and said.out == b""
    assert said.err == f"sandbank: a fault of Sandbank's own: ZeroDivisionError\nnext: please report it with {log}\n"
    assert "ZeroDivisionError: a bug" in log.read_text()
    assert sandbank("client", "list", "--json").error["error"]["code"] == "sandbank.fault"


def test_a_fault_without_a_state_is_one_line(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written, nothing is made."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("sandbox.journal.causes.explain", fail)
    said = sandbank("explain", "tls.not_tls")
    assert said.code == 1 and "Traceback" not in said.err and list(nowhere.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence", "help"),
    [
        (("frob",), "No such command 'frob'", "sandbank --help"),
        (("client",), "Missing command", "sandbank client --help"),
        (("serve", "--frob"), "No such option", "sandbank serve --help"),
        (("key", "add", "x"), "Missing option '--algorithm'", "sandbank key add --help"),
        (("cert", "list"), "No such command 'cert'. Did you mean certificate?", "sandbank certificate --help"),
        (("serve", "--port-base", "x"), "'x' is not a valid integer", "sandbank serve --help"),
    ],
)
def test_wrong_usage_is_two_lines(words: tuple[str, ...], sentence: str, help: str) -> None:
    """What, and where to read on; exit code 2."""
    said = sandbank(*words)
    assert said.code == 2 and sentence in said.err and said.err.endswith(f"\nnext: {help}\n")
    assert len(said.err.splitlines()) == 2
    error = sandbank(*words, "--json").error["error"]
    assert error["code"] == "sandbank.usage" and error["next"] == help


@pytest.mark.parametrize(
    ("words", "variable", "wanted"),
    [
        (["client", "list", "--json"], "", True),
        (["client", "list"], "", False),
        (["client", "list"], "1", True),
        (["client", "list"], "no", False),
        (["client", "add", "--", "--json"], "", False),
    ],
)
def test_whether_errors_are_json(
    words: list[str], variable: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the option or its variable, also before anything was understood."""
    monkeypatch.setenv("SANDBANK_JSON", variable)
    assert wants_json(words) is wanted


def test_the_bare_command_shows_what_there_is() -> None:
    """With exit code 0: it is how people begin."""
    said = sandbank()
    assert said.code == 0 and said.text.startswith("Usage: sandbank")


def test_the_version_is_one_line() -> None:
    """Its first word is the name."""
    assert sandbank("--version").text.split()[0].rstrip(",") == "sandbank"


def test_an_abort_of_clicks_is_an_interruption(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """130, as for Ctrl-C."""

    def fail(*_: object) -> None:
        raise click.Abort

    monkeypatch.setattr(clients, "list_clients", fail)
    said = sandbank("client", "list")
    assert (said.code, said.err) == (130, "")
    assert json.dumps(said.text) == '""'


def test_an_option_without_its_value_names_the_help_of_its_command() -> None:
    """Not that of the whole program, which does not know the option."""
    said = sandbank("client", "set", "demo", "--rate-limit")
    assert said.code == 2 and said.err.endswith("next: sandbank client set --help\n")


def test_a_port_that_another_sandbox_has_names_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the command that stops it; of another program nothing is known."""
    asked: list[str] = []
    there: list[object] = [{"folder": "/a b/.sandbank"}, None]
    monkeypatch.setattr("sandbox.cli.failures.answer", lambda url, *_, **__: asked.append(url) or there.pop(0))
    error = PortTaken("port 9440 of the control door is in use on ::1", next_step="stop what listens there")
    detail, step = taken(error, Failed())
    assert detail.endswith("by the server that works on /a b/.sandbank") and "stop --state '/a b/.sandbank'" in step
    assert taken(error, Failed()) == (error.detail, error.advice()) and asked == ["http://127.0.0.1:9440"] * 2
    assert taken(PortTaken("the front port 1 is", next_step="move"), Failed())[1] == "move" and len(asked) == 2
