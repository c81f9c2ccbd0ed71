"""``sandbank client env``: what a program needs to be a client, as lines for a shell, for dotenv, or as JSON."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import client_argument, common, option, provider_option
from sandbox.cli.output import note, put

if TYPE_CHECKING:
    from sandbox.errands.environment import Environment

ENVIRONMENT_FORMATS = ("sh", "dotenv", "json")


@click.command("env", cls=Verb, short_help="What a program needs to be this client.")
@client_argument
@option("--format", type=click.Choice(ENVIRONMENT_FORMATS), default="sh", show_default=True, help="What reads it.")
@provider_option()
@common
def env(client: str, format: str, provider: str, state: Path, as_json: bool) -> None:
    """Print what a program needs in order to be this client: URLs, id, secret, and the files for TLS.

    Of the secret of a client that was added only a hash is kept: its variable is then a comment that says how to get
    a new one (in JSON it is not there), and what you have set yourself stays as it is.

    \b
    eval "$(sandbank client env demo)"
    sandbank client env demo --format dotenv > .env
    (sandbank client env demo --format json | ConvertFrom-Json).WISE_CLIENT_ID     in PowerShell
    """
    from sandbox.errands.environment import client_environment

    with opened_state(state, make_new=True) as opened:
        environment = client_environment(opened, provider, client)
    new = command(f"client secret {shlex.quote(client)}", state=state, provider=provider)
    if as_json or format == "json":
        put(json.dumps(environment.variables, indent=None if as_json else 2))
    else:
        put(*_lines(environment, format, new))
    if environment.secret_missing:
        note(f"# {environment.secret_missing} is not among them: only its hash is kept; a new one is made by: {new}")
    if environment.certificate_missing:
        made_by = command(f"certificate new --client {shlex.quote(client)}", state=state, provider=provider)
        note(f"# no certificate and key among them yet; they are made by: {made_by}")


def _lines(environment: "Environment", format: str, new: str) -> list[str]:
    write = dotenv_line if format == "dotenv" else sh_line
    lines = [write(name, value) for name, value in environment.variables.items()]
    if environment.secret_missing:
        # At the end: an eval without quotes makes one line of all, and a comment ends that.
        lines += [f"# only the hash of its secret is kept; a new one is made by: {new}"]
        lines += [f"# {write(environment.secret_missing, '')}"]
    return lines


def sh_line(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def dotenv_line(name: str, value: str) -> str:
    """In double quotes, with escapes; in single quotes where a dollar must not be taken for a variable."""
    if "$" in value and not {"'", "\\"} & set(value):
        return f"{name}='{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'{name}="{escaped}"'
