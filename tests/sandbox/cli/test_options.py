"""Every option of every command can be set in the environment, without the command's name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.core import ParameterSource

from sandbox.cli import options
from sandbox.cli.commands import root
from tests.sandbox.cli.running import sandbank

WORDS = {"shell": "bash"}
"""What an argument that is not just any word may be."""


def walk(command: click.Command, path: str = "sandbank") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from walk(below, f"{path} {name}")


COMMANDS = dict(walk(root))
OPTIONS = [
    pytest.param(path, option, id=f"{path} {option.opts[-1]}")
    for path, command in COMMANDS.items()
    for option in command.params
    if isinstance(option, click.Option) and option.name not in ("help", "version")
]


def sample(option: click.Option) -> tuple[str, Any]:
    """A value that is not the default: as the environment has it, and as the command gets it."""
    if option.is_flag:
        return "1", True
    if option.multiple:
        return "10.0.0.1 ::1", ("10.0.0.1", "::1")
    if option.metavar == "TIME":
        return "2027-01-02 03:04", datetime(2027, 1, 2, 3, 4, tzinfo=UTC)
    if isinstance(option.type, click.Choice):
        return option.type.choices[-1], option.type.choices[-1]
    if isinstance(option.type, click.Path):
        return "some/where", Path("some/where")
    if isinstance(option.type, click.types.FloatParamType):
        return "7.5", 7.5
    if isinstance(option.type, click.types.IntParamType):
        return "7", 7
    return "a word", "a word"


def needed(command: click.Command, but: click.Option) -> list[str]:
    """The arguments and options without which the command is not understood."""
    words = []
    for parameter in command.params:
        if parameter.required and parameter is not but:
            flag = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
            words += [*flag, WORDS.get(str(parameter.name), "word")]
    return words


@pytest.mark.parametrize(("path", "option"), OPTIONS)
def test_every_option_is_an_environment_variable(
    path: str, option: click.Option, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is SANDBANK_ and the option's, and the command gets what it says."""
    command = COMMANDS[path]
    (long,) = (name for name in option.opts if name.startswith("--"))
    assert option.envvar == "SANDBANK_" + long[2:].upper().replace("-", "_")
    said, meant = sample(option)
    monkeypatch.setenv(option.envvar, said)
    ctx = command.make_context(path, needed(command, option))
    assert (ctx.params[str(option.name)] if option.expose_value else ctx.meta[f"sandbank.{option.name}"]) == meant
    assert ctx.get_parameter_source(str(option.name)) is ParameterSource.ENVIRONMENT


def test_every_command_knows_the_state_and_json() -> None:
    """--state and --json stand on each verb."""
    verbs = [command for command in COMMANDS.values() if not isinstance(command, click.Group)]
    assert len(verbs) >= 25
    for verb in verbs:
        assert {"state", "as_json"} <= {parameter.name for parameter in verb.params}


def test_the_variables_are_those_of_the_documentation() -> None:
    """The name of the command is not in it, whatever the command."""
    assert options.variable("--port-base") == "SANDBANK_PORT_BASE"
    assert options.variable("--json") == "SANDBANK_JSON"


def test_a_command_obeys_the_environment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only Click: the answer is that of another state, in JSON."""
    monkeypatch.setenv("SANDBANK_STATE", str(here / ".sandbank"))
    monkeypatch.setenv("SANDBANK_JSON", "yes")
    monkeypatch.chdir(here.parent)
    assert [client["name"] for client in sandbank("client", "list").json["clients"]] == ["demo"]


def test_a_wrong_variable_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees it on the command line."""
    monkeypatch.setenv("SANDBANK_LAST", "0")
    said = sandbank("journal")
    assert said.code == 2
    assert "(from SANDBANK_LAST)" in said.err


@pytest.mark.parametrize("path", COMMANDS)
def test_help_is_complete(path: str) -> None:
    """Every command and every option says what it is for; no line is wider than a terminal of 80 columns."""
    said = sandbank(*path.split()[1:], "--help", columns=80)
    assert said.code == 0 and said.err == ""
    assert [line for line in said.text.splitlines() if len(line) > 80] == []
    command = COMMANDS[path]
    assert command.help and command.get_short_help_str(100)
    assert all(option.help for option in command.params if isinstance(option, click.Option))
