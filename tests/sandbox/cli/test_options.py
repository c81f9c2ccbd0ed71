"""Every option of every command can be set in the environment, without the command's name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.core import ParameterSource

from sandbox.cli import root
from tests_cli import sandbank

ARGUMENTS = {"shell": "bash", "format": "pem"}


def commands(command: click.Command, path: str = "sandbank") -> Iterator[tuple[str, click.Command]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{path} {name}")


def options() -> list[Any]:
    return [
        pytest.param(command, option, id=f"{path} {option.opts[-1]}")
        for path, command in commands(root)
        for option in command.params
        if isinstance(option, click.Option) and option.name not in ("help", "version")
    ]
