"""``sandbank client``: the registered applications. What a program needs to act as one is in `environment`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Noun, opened_state
from sandbox.cli.environment import env
from sandbox.cli.guide import command
from sandbox.cli.options import client_argument, common, option, provider_option
from sandbox.cli.output import note, put, put_json, table

if TYPE_CHECKING:
    from sandbox.oauth.clients import ClientRecord
    from sandbox.services.clients import ClientWithSecret

ON, OFF = "on", "off"
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
@option("--sca", type=click.Choice([ON, OFF]), help="Whether its users approve payments and statements. [off]")
@option(
    "--check-callbacks",
    type=click.Choice([ON, OFF]),
    help="Call the address of a new subscription before it is kept. [off]",
)
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
    sca: str | None,
    check_callbacks: str | None,
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
            sca=sca == ON,
            check_callbacks=check_callbacks == ON,
        )
        token = new_personal_token(opened, provider, name) if personal_token else ""
    _shown(made, state, as_json, personal_token=token)


@client.command("set", short_help="Change its settings.")
@client_argument
@option("--token-format", metavar="FORM", help='Format of its tokens: uuid, jwe, or "" for the default.')
@option("--rate-limit", metavar="RATE", help='300/minute (second, hour), off, published, or "" for the default.')
@option("--require-jws/--no-require-jws", default=None, help="Refuse unsigned calls that can be signed.")
@option("--require-mtls/--no-require-mtls", default=None, help="Refuse its calls on doors that ask for none.")
@option("--sca", type=click.Choice([ON, OFF]), help="Whether its users approve payments and statements.")
@option(
    "--check-callbacks", type=click.Choice([ON, OFF]), help="Call the address of a new subscription before it is kept."
)
@provider_option()
@common
def set_(
    client: str,
    token_format: str | None,
    rate_limit: str | None,
    require_jws: bool | None,
    require_mtls: bool | None,
    sca: str | None,
    check_callbacks: str | None,
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Change settings of a client; what you do not name stays. A running server uses them from the next call on.

    A rate limit is counted in real time, by each process of the server for itself (serve --workers).

    SCA is strong customer authentication: calls that move money or show a statement are refused with a one-time token,
    until the user approves them. It is for personal and user tokens.

    \b
    sandbank client set demo --token-format jwe
    sandbank client set demo --require-mtls
    sandbank client set demo --rate-limit 20/minute
    sandbank client set demo --sca on
    sandbank client set demo --check-callbacks on
    """
    from sandbox.services.clients import set_client

    if all(one is None for one in (token_format, rate_limit, require_jws, require_mtls, sca, check_callbacks)):
        settings = "--token-format, --rate-limit, --require-jws, --require-mtls, --sca or --check-callbacks"
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
            sca=None if sca is None else sca == ON,
            check_callbacks=None if check_callbacks is None else check_callbacks == ON,
        )
    _done(found, "set", "; ".join((f"token format {found.token_format or USUAL}", *_required(found))), as_json)


def _required(found: "ClientRecord") -> tuple[str, str]:
    mtls, jws = _requires(found)
    checks = ", new addresses called first" if found.check_callbacks else ""
    return f"rate limit {found.rate_limit or USUAL}", f"mtls {mtls}, jws {jws}, sca {_sca(found)}{checks}"


def _sca(found: "ClientRecord") -> str:
    return ON if found.sca else OFF


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
    settings = (("rate limit", found.rate_limit or USUAL), ("sca", _sca(found)))
    checks = [("new addresses", "called before a subscription is kept")] if found.check_callbacks else []
    put(*table((*rows, ("secret", secret), *requires, *settings, *checks, ("certificates", f"{active} active"))))


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
        "sca": found.sca,
        "check_callbacks": found.check_callbacks,
        "secret_readable": found.secret.readable is not None,
    }
