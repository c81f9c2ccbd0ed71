"""``sandbank client``: the registered applications; ``client env`` prints what a program needs to act as one."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Noun, Verb, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import client_argument, common, option, provider_option
from sandbox.cli.output import note, printable, put, put_json, say, table

if TYPE_CHECKING:
    from sandbox.oauth.clients import ClientRecord
    from sandbox.services.clients import ClientWithSecret
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


REQUIRED = "required"
USUAL = "as usual"


@click.group(cls=Noun, short_help="The applications registered with a provider.")
def client() -> None:
    """Clients: the applications that a partner registers with a provider.

    A new state already has one for each provider, named demo.
    """


client.add_command(env)


@client.command("add", short_help="Add a client.")
@click.argument("name")
@option("--id", metavar="ID", help="A fixed client id. [a random one]")
@option("--secret", metavar="SECRET", help="A fixed client secret. [a random one]")
@option("--require-jws", is_flag=True, help="Refuse unsigned calls that can be signed.")
@option("--require-mtls", is_flag=True, help="Refuse its calls on doors that ask for no client certificate.")
@option("--token-format", metavar="FORM", help="Format of its tokens, if the provider has several: uuid, jwe.")
@option("--rate-limit", metavar="RATE", help="How often it may call: 300/minute (second, hour), off, published.")
@option("--personal-token", is_flag=True, help="Also make a personal token, and show it once.")
@provider_option()
@common
def add(
    name: str,
    id: str | None,
    secret: str | None,
    require_jws: bool,
    require_mtls: bool,
    token_format: str | None,
    rate_limit: str | None,
    personal_token: bool,
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Add a client, and print its id and secret. The secret is shown once: the sandbox keeps its hash.

    \b
    sandbank client add acme
    sandbank client add signer --require-jws
    sandbank client add careful --require-mtls
    sandbank client add reader --personal-token
    sandbank client add acme --id acme-1 --secret s3cret   (the same each run)
    """
    from sandbox.services.clients import add_client, new_personal_token

    with opened_state(state) as opened:
        made = add_client(
            opened,
            provider,
            name,
            id=id or "",
            secret=secret or "",
            require_jws=require_jws,
            require_mtls=require_mtls,
            token_format=token_format or "",
            rate_limit=rate_limit or "",
        )
        token = new_personal_token(opened, provider, name) if personal_token else ""
    _shown(made, state, as_json, personal_token=token)


@client.command("set", short_help="Change its settings.")
@client_argument
@option("--token-format", metavar="FORM", help='Format of its tokens: uuid, jwe, or "" for the default.')
@option("--rate-limit", metavar="RATE", help='300/minute (second, hour), off, published, or "" for the default.')
@option("--require-jws/--no-require-jws", default=None, help="Refuse unsigned calls that can be signed.")
@option("--require-mtls/--no-require-mtls", default=None, help="Refuse its calls on doors that ask for none.")
@provider_option()
@common
def set_(
    client: str,
    token_format: str | None,
    rate_limit: str | None,
    require_jws: bool | None,
    require_mtls: bool | None,
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Change settings of a client; what you do not name stays. A running server uses them from the next call on.

    A rate limit is counted in real time, by each process of the server for itself (serve --workers).

    \b
    sandbank client set demo --token-format jwe
    sandbank client set demo --require-mtls
    sandbank client set demo --rate-limit 20/minute
    """
    from sandbox.services.clients import set_client

    if all(one is None for one in (token_format, rate_limit, require_jws, require_mtls)):
        settings = "--token-format, --rate-limit, --require-jws or --require-mtls"
        raise click.UsageError(f"name a setting to change: {settings}")
    with opened_state(state) as opened:
        found = set_client(
            opened,
            provider,
            client,
            token_format=token_format,
            rate_limit=rate_limit,
            require_jws=require_jws,
            require_mtls=require_mtls,
        )
    _done(found, "set", "; ".join((f"token format {found.token_format or USUAL}", *_required(found))), as_json)


def _required(found: "ClientRecord") -> tuple[str, str]:
    mtls, jws = _requires(found)
    return f"rate limit {found.rate_limit or USUAL}", f"mtls {mtls}, jws {jws}"


@client.command("token", short_help="Make a personal token, and show it once.")
@client_argument
@provider_option()
@common
def token(client: str, provider: str, state: Path, as_json: bool) -> None:
    """Make a personal token, as a person makes one for own programs. It is shown once: the sandbox keeps its hash.

    It does not expire; client reset --all removes it.

    \b
    sandbank client token demo
    """
    from sandbox.services.clients import new_personal_token

    with opened_state(state) as opened:
        made = new_personal_token(opened, provider, client)
    if as_json:
        put_json({"personal_token": made})
    else:
        put(made)
        note("the token is shown this once; only its hash is kept")


@client.command("list", short_help="List them.")
@provider_option()
@common
def list_(provider: str, state: Path, as_json: bool) -> None:
    """List the clients of a provider, without their secrets."""
    from sandbox.services.clients import list_clients

    with opened_state(state) as opened:
        clients = list_clients(opened, provider)
    if as_json:
        put_json({"clients": [_public(one) for one in clients]})
    elif clients:
        rows = [(one.name, one.id, f"{one.created_at:%Y-%m-%d}", _kept(one), *_requires(one)) for one in clients]
        put(*table([("NAME", "ID", "ADDED", "SECRET", "MTLS", "JWS"), *rows]))
    else:
        note(f"{provider} has no client; add one: {command('client add acme', state=state, provider=provider)}")


@client.command("show", short_help="One client, without its secret.")
@client_argument
@provider_option()
@common
def show(client: str, provider: str, state: Path, as_json: bool) -> None:
    """Show a client, how many certificates it has, and how to get a secret for it."""
    from sandbox.services.certificates import list_certificates
    from sandbox.services.clients import show_client

    with opened_state(state) as opened:
        found = show_client(opened, provider, client)
        now = opened.clock.now()
        active = sum(one.status(now) == "active" for one in list_certificates(opened, provider, found.id))
    if as_json:
        put_json({**_public(found), "active_certificates": active})
        return
    rows = (("client", f"{found.name} of {provider}"), ("id", found.id), ("added", f"{found.created_at:%Y-%m-%d}"))
    get = f"{'env' if found.secret.readable else 'secret'} {shlex.quote(client)}"
    where = f"{_kept(found)}; {'print it' if found.secret.readable else 'make a new one'}: "
    secret = where + command(f"client {get}", state=state, provider=provider)
    requires = zip(("mtls", "jws"), _requires(found), strict=True)
    rate = ("rate limit", found.rate_limit or USUAL)
    put(*table((*rows, ("secret", secret), *requires, rate, ("certificates", f"{active} active"))))


@client.command("secret", short_help="Make a new secret, and show it once.")
@client_argument
@provider_option()
@common
def secret(client: str, provider: str, state: Path, as_json: bool) -> None:
    """Make a new secret (or API key) for a client. It is shown once: the sandbox keeps its hash.

    The old one is refused from now on, also by a running server. Tokens stay valid. A demo client's secret can always
    be read (client env).

    \b
    sandbank client secret acme
    """
    from sandbox.services.clients import new_secret

    with opened_state(state) as opened:
        renewed = new_secret(opened, provider, client)
    _shown(renewed, state, as_json)


@client.command("reset", short_help="Restore its rows.")
@client_argument
@option("--all", "everything", is_flag=True, help="Also release its certificates, and remove its tokens and keys.")
@provider_option()
@common
def reset(client: str, everything: bool, provider: str, state: Path, as_json: bool) -> None:
    """Restore the rows of a client (transfers, balances, ...) as at its start, those of a seed file too.

    Id, secret, certificates, tokens and keys stay, so the next test can start at once. With --all only id and secret
    stay.

    \b
    sandbank client reset demo
    sandbank client reset demo --all
    """
    from sandbox.services.clients import reset_client

    with opened_state(state) as opened:
        found = reset_client(opened, provider, client, everything=everything)
    rows = "its rows are as at its start"
    rest = "its certificates and tokens are refused from now on, its keys are removed; id and secret stay"
    _done(found, "reset", f"{rows}; {rest if everything else 'everything else stays'}", as_json)


@client.command("remove", short_help="Remove a client.")
@client_argument
@provider_option()
@common
def remove(client: str, provider: str, state: Path, as_json: bool) -> None:
    """Remove a client; its certificates and tokens are refused from now on."""
    from sandbox.services.clients import remove_client

    with opened_state(state) as opened:
        found = remove_client(opened, provider, client)
    _done(found, "removed", "its certificates and tokens are refused from now on", as_json)


def _shown(made: "ClientWithSecret", state: Path, as_json: bool, personal_token: str = "") -> None:
    """The client with its secret, which is shown this once."""
    found = made.client
    if as_json:
        personal = {"personal_token": personal_token} if personal_token else {}
        put_json({**_public(found), "secret": made.secret, **personal})
        return
    rows = [("client", f"{found.name} of {found.provider}"), ("id", found.id), ("secret", made.secret)]
    rows += [("personal token", personal_token)] if personal_token else []
    requires = zip(("mtls", "jws"), _requires(found), strict=True)
    put(*table([*rows, *(row for row in requires if row[1] == REQUIRED)]))
    if found.secret.readable is None:
        note("the secret is shown this once; only its hash is kept")
    note(f"its URLs and files: {command(f'client env {found.name}', state=state, provider=found.provider)}")


def _done(found: "ClientRecord", what: str, follows: str, as_json: bool) -> None:
    if as_json:
        put_json({what: _public(found)})
    else:
        put(f"{found.name} of {found.provider} was {what}: {follows}")


def _requires(found: "ClientRecord") -> tuple[str, str]:
    """Whether its calls need a certificate, and a signature."""
    mtls, jws = (REQUIRED if needed else "optional" for needed in (found.require_mtls, found.require_jws))
    return mtls, jws


def _kept(found: "ClientRecord") -> str:
    return "kept as a hash" if found.secret.readable is None else "readable"


def _public(found: "ClientRecord") -> dict[str, str | bool]:
    """A client without its secret."""
    from ca.clock import write_time

    return {
        "provider": found.provider,
        "id": found.id,
        "name": found.name,
        "created_at": write_time(found.created_at),
        "require_jws": found.require_jws,
        "require_mtls": found.require_mtls,
        "token_format": found.token_format,
        "rate_limit": found.rate_limit,
        "secret_readable": found.secret.readable is not None,
    }
