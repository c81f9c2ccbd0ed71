"""``sandbank client``: the partner's registered applications; what a client is stands in `errands.clients`."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Noun, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import common, complete_clients, option, provider_option
from sandbox.cli.output import note, put, put_json, table

if TYPE_CHECKING:
    from sandbox.oauth.clients import ClientRecord

ENVIRONMENT_FORMATS = ("sh", "dotenv", "json")
SIGNED = "required"

_name = click.argument("client", metavar="NAME|ID", shell_complete=complete_clients)


@click.group(cls=Noun, short_help="The applications registered with a provider.")
def client() -> None:
    """Clients: the applications that a partner registers with a provider.

    A new state has one of each provider already; it is called demo.
    """


@client.command("add", short_help="Add a client.")
@click.argument("name")
@option("--id", metavar="ID", help="The client id, where it has to be a certain one. Else one is made.")
@option("--secret", metavar="SECRET", help="The client secret, where it has to be a certain one. Else one is made.")
@option("--require-jws", is_flag=True, help="Refuse its calls that could be signed and are not.")
@provider_option()
@common
def add(
    name: str, id: str | None, secret: str | None, require_jws: bool, provider: str, state: Path, as_json: bool
) -> None:
    """Add a client, and print its id and secret.

    \b
    sandbank client add acme
    sandbank client add signer --require-jws
    sandbank client add acme --id acme-1 --secret s3cret   (the same in every run of a CI job)
    """
    from sandbox.errands.clients import add_client

    with opened_state(state, make_new=True) as opened:
        made = add_client(opened, provider, name, id=id or "", secret=secret or "", require_jws=require_jws)
    if as_json:
        put_json({**_public(made), "secret": made.secret})
        return
    rows = (("client", f"{made.name} of {provider}"), ("id", made.id), ("secret", made.secret))
    put(*table((*rows, *([("jws", SIGNED)] if require_jws else []))))
    note(f"later: {command(f'client env {made.name}', state=state, provider=provider)}")


@client.command("list", short_help="List them.")
@provider_option()
@common
def list_(provider: str, state: Path, as_json: bool) -> None:
    """List the clients of a provider, without their secrets."""
    from sandbox.errands.clients import list_clients

    with opened_state(state, make_new=False) as opened:
        clients = list_clients(opened, provider)
    if as_json:
        put_json({"clients": [_public(one) for one in clients]})
    elif clients:
        rows = [(one.name, one.id, f"{one.created_at:%Y-%m-%d}", _signing(one)) for one in clients]
        put(*table([("NAME", "ID", "ADDED", "JWS"), *rows]))
    else:
        note(f"{provider} has no client; one is made by: {command('client add NAME', state=state, provider=provider)}")


@client.command("show", short_help="One client, without its secret.")
@_name
@provider_option()
@common
def show(client: str, provider: str, state: Path, as_json: bool) -> None:
    """Show a client and how many certificates it has, without its secret (client env prints that)."""
    from sandbox.errands.certificates import list_certificates
    from sandbox.errands.clients import show_client

    with opened_state(state, make_new=False) as opened:
        found = show_client(opened, provider, client)
        now = opened.clock.now()
        active = sum(one.status(now) == "active" for one in list_certificates(opened, provider, found.id))
    if as_json:
        put_json({**_public(found), "active_certificates": active})
        return
    rows = (("client", f"{found.name} of {provider}"), ("id", found.id), ("added", f"{found.created_at:%Y-%m-%d}"))
    put(*table((*rows, ("jws", _signing(found)), ("certificates", f"{active} active"))))


@client.command("env", short_help="What a program needs to be this client.")
@_name
@option("--format", type=click.Choice(ENVIRONMENT_FORMATS), default="sh", show_default=True, help="What reads it.")
@provider_option()
@common
def env(client: str, format: str, provider: str, state: Path, as_json: bool) -> None:
    """Print what a program needs in order to be this client: URLs, id, secret, and the files for TLS.

    \b
    eval "$(sandbank client env demo)"
    sandbank client env demo --format dotenv > .env
    (sandbank client env demo --format json | ConvertFrom-Json).WISE_CLIENT_ID     in PowerShell
    """
    from sandbox.errands.clients import client_environment

    with opened_state(state, make_new=True) as opened:
        environment = client_environment(opened, provider, client)
    if as_json or format == "json":
        put(json.dumps(environment.variables, indent=None if as_json else 2))
    else:
        write = _dotenv if format == "dotenv" else _sh
        put(*(write(name, value) for name, value in environment.variables.items()))
    if environment.certificate_missing:
        made_by = command(f"certificate new --client {shlex.quote(client)}", state=state, provider=provider)
        note(f"# no certificate and key among them yet; they are made by: {made_by}")


@client.command("reset", short_help="Its rows as on the first day.")
@_name
@option("--all", "everything", is_flag=True, help="Release its certificates, forget its tokens and keys as well.")
@provider_option()
@common
def reset(client: str, everything: bool, provider: str, state: Path, as_json: bool) -> None:
    """Put a client's rows (transfers, balances, ...) back to those that it starts with, a seed file's among them.

    Id, secret, certificates, tokens and keys stay, so that the next test can go on at once; with --all only id and
    secret do.

    \b
    sandbank client reset demo
    sandbank client reset demo --all
    """
    from sandbox.errands.clients import reset_client

    with opened_state(state, make_new=False) as opened:
        found = reset_client(opened, provider, client, everything=everything)
    rows = "its rows are those that it starts with"
    rest = "its certificates and tokens are refused from now on, its keys are forgotten; id and secret stay"
    _done(found, "reset", f"{rows}; {rest if everything else 'all else stays'}", as_json)


@client.command("remove", short_help="Remove a client.")
@_name
@provider_option()
@common
def remove(client: str, provider: str, state: Path, as_json: bool) -> None:
    """Remove a client; its certificates and tokens are refused from now on."""
    from sandbox.errands.clients import remove_client

    with opened_state(state, make_new=False) as opened:
        found = remove_client(opened, provider, client)
    _done(found, "removed", "its certificates and tokens are refused from now on", as_json)


def _done(found: "ClientRecord", what: str, follows: str, as_json: bool) -> None:
    if as_json:
        put_json({what: _public(found)})
    else:
        put(f"{found.name} of {found.provider} was {what}: {follows}")


def _signing(found: "ClientRecord") -> str:
    return SIGNED if found.require_jws else "optional"


def _public(found: "ClientRecord") -> dict[str, str | bool]:
    """A client without its secret."""
    from ca.clock import write_time

    return {
        "provider": found.provider,
        "id": found.id,
        "name": found.name,
        "created_at": write_time(found.created_at),
        "require_jws": found.require_jws,
    }


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _dotenv(name: str, value: str) -> str:
    """In double quotes, with escapes; in single quotes where a dollar must not be taken for a variable."""
    if "$" in value and not {"'", "\\"} & set(value):
        return f"{name}='{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'{name}="{escaped}"'
