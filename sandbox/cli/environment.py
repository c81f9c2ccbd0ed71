"""``sandbank client env``: what a program needs to act as a client, as variables for a shell, a file or a CI."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import client_argument, common, option, provider_option
from sandbox.cli.output import note, printable, put, say

if TYPE_CHECKING:
    from sandbox.services.environment import Environment

ENVIRONMENT_FORMATS = ("sh", "dotenv", "json", "github")


@click.command("env", cls=Verb, short_help="Variables for a program that acts as this client.")
@client_argument
@option("--format", type=click.Choice(ENVIRONMENT_FORMATS), default="sh", show_default=True, help="Output format.")
@provider_option()
@common
def env(client: str, format: str, provider: str, state: Path, as_json: bool) -> None:
    """Print what a program needs to act as this client: URLs, id, secret, and the files for TLS.

    Only a demo client's secret can be read. For other clients the variable of the secret is a comment that says how to
    make a new one (in JSON it is missing), so a value that you set yourself stays.

    \b
    eval "$(sandbank client env demo)"
    sandbank client env demo --format dotenv > .env

    In PowerShell:

    \b
    (sandbank client env demo --format json | ConvertFrom-Json).WISE_CLIENT_ID

    In a step of GitHub Actions, for the steps after it; the secret is masked in their logs:

    \b
    sandbank client env demo --format github >> "$GITHUB_ENV"
    """
    from sandbox.services.environment import client_environment

    with opened_state(state) as opened:
        environment = client_environment(opened, provider, client)
    new = command(f"client secret {shlex.quote(client)}", state=state, provider=provider)
    if as_json or format == "json":
        put(json.dumps(environment.variables, indent=None if as_json else 2))
    else:
        put(*_lines(environment, format, new))
    if environment.secret_missing:
        note(f"# {environment.secret_missing} is missing: only the hash of the secret is kept; make a new one: {new}")
    if environment.certificate_missing:
        note(_files_missing(environment, client, provider, state))


def _files_missing(environment: "Environment", client: str, provider: str, state: Path) -> str:
    """Why there is no certificate file among the variables: there is no certificate, or its owner has the files."""
    whose = f"--client {shlex.quote(client)}"
    new = command(f"certificate new {whose}", state=state, provider=provider)
    if not environment.certificate_elsewhere:
        return f"# certificate and key are missing; make them: {new}"
    name = environment.certificate_elsewhere
    again = command(f"certificate bundle {shlex.quote(name)} {whose}", state=state, provider=provider)
    return printable(
        f"# the key of certificate {name} is yours, and not in the state, so no variable names the two files; "
        f"the certificate again: {again}; or a pair that is in the state: {new}"
    )


def _lines(environment: "Environment", format: str, new: str) -> list[str]:
    if format == "github":
        _mask(environment)
        return [github_line(name, value) for name, value in environment.variables.items()]
    write = dotenv_line if format == "dotenv" else sh_line
    lines = [write(name, value) for name, value in environment.variables.items()]
    if environment.secret_missing:
        # At the end: an eval without quotes makes one line of all, and a comment ends that.
        lines += [f"# only the hash of the secret is kept; make a new one: {new}"]
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


def github_line(name: str, value: str) -> str:
    """As the file of GITHUB_ENV has it; a value of several lines stands between two marks that it does not have.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions"""
    if "\n" not in value:
        return f"{name}={value}"
    mark = "END"
    while mark in value:
        mark += "_"
    return f"{name}<<{mark}\n{value}\n{mark}"


def _mask(environment: "Environment") -> None:
    """Have the runner mask the secret: it reads commands from standard error too, which is in no file."""
    if secret := environment.variables.get(environment.secret_name):
        escaped = secret.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        say(f"::add-mask::{escaped}")
