"""``sandbank key``: the public keys that verify a client's signatures. The service judges what a key must be."""

import shlex
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli import output
from sandbox.cli.commands import Noun, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import (
    DEFAULT_CLIENT,
    DEFAULT_PROVIDER,
    client_option,
    common,
    instant,
    listed,
    option,
    provider_option,
)
from sandbox.cli.output import note, printable, put, put_json, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.services.state import State

NO_KID = "(none)"


def _complete_algorithms(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Those by which the provider's calls may be signed."""
    from sandbox.errors import NotThere
    from sandbox.services.keys import algorithms

    try:
        known = algorithms(ctx.params.get("provider") or DEFAULT_PROVIDER)
    except NotThere:
        return []
    return [algorithm for algorithm in known if algorithm.startswith(incomplete.upper())]


def _complete_keys(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Kids of the client's keys that are not deleted, and ids of those without one."""
    from sandbox.services.keys import key_status, list_keys

    def names(state: "State") -> list[str]:
        client = ctx.params.get("client") or DEFAULT_CLIENT
        keys = list_keys(state, ctx.params.get("provider") or DEFAULT_PROVIDER, client)
        now = state.clock.now()
        return [key.kid or key.id for key in keys if key_status(key, now) != "deleted"]

    return listed(ctx, incomplete, names)


@click.group(cls=Noun, short_help="Public keys for signed and encrypted calls.")
def key() -> None:
    """Public keys verify a client's signatures; those for encryption, replies are encrypted to. The private halves stay
    with the client."""


@key.command("add", short_help="Register a public key.")
@click.argument("file", metavar="FILE|-", type=click.Path(allow_dash=True))
@client_option(DEFAULT_CLIENT)
@option(
    "--algorithm",
    required=True,
    metavar="ALG",
    help="The algorithm of the key, such as ES512 or PS256; RSA-OAEP-256 for encryption, RS256 for SCA.",
    shell_complete=_complete_algorithms,
)
@option("--kid", metavar="KID", help="Key id, the kid of the header. A client with one active key may leave it out.")
@option("--active-from", metavar="TIME", callback=instant, help="Refused until then. ISO 8601; UTC without a zone.")
@option("--expires-at", metavar="TIME", callback=instant, help="Refused as expired from then on.")
@option("--delete-at", metavar="TIME", callback=instant, help="Refused as deleted from then on.")
@provider_option()
@common
def add(
    file: str,
    client: str,
    algorithm: str,
    kid: str | None,
    active_from: "datetime | None",
    expires_at: "datetime | None",
    delete_at: "datetime | None",
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Register a public key: PEM (BEGIN PUBLIC KEY), its base64 alone, or DER. Never a private key.

    \b
    openssl ecparam -name secp521r1 -genkey -noout -out jws.key
    openssl ec -in jws.key -pubout -out PUBLIC.pem
    sandbank key add PUBLIC.pem --client demo --algorithm ES512 --kid signing-1
    sandbank key add NEXT.pem --algorithm ES512 --kid signing-2 \\
      --active-from 2027-01-01T00:00:00Z
    """
    from sandbox.journal.keys import new_pair
    from sandbox.services import keys

    pair = f"make a pair: {new_pair(keys.spelled(algorithm))}"
    text = keys.key_text(output.read(file, limit=keys.MAX_KEY_BYTES, missing=pair))
    with opened_state(state) as opened:
        new = keys.new_key(
            algorithm, text, kid=kid, active_from=active_from, expires_at=expires_at, deleted_at=delete_at
        )
        with _as_typed(file, kid):
            made = keys.add_key(opened, provider, client, new)
        facts = keys.key_as_json(made, opened.clock.now())
    if as_json:
        put_json(facts)
        return
    put(*map(printable, table([(name.replace("_", " "), value or NO_KID) for name, value in _told(facts)])))
    note(printable(f"next: {_use(provider, client, facts, state)}"))
    note(f"why one was refused: {command('journal --refused --explain', state=state)}")


def _use(provider: str, client: str, key: dict[str, str | None], state: Path) -> str:
    """What a key is good for."""
    from sandbox.services.keys import approves, encrypts

    algorithm, kid = str(key["algorithm"]), key["kid"]
    if key["status"] == "not_yet_active":
        return f"use it from {key['active_from']} on: until then it is refused"
    if key["status"] != "active":
        return "it has ended already, and whatever uses it is refused; register it with a later end, and another kid"
    if encrypts(algorithm):
        named = f" where they name {kid}, or where it is the newest" if kid else ""
        return f"encrypted calls are answered by replies that are encrypted to this key{named}"
    if approves(provider, algorithm):
        on = command(f"client set {shlex.quote(client)} --sca on", state=state, provider=provider)
        return f"sign one-time tokens with it; calls ask for them after: {on}"
    header = f"alg {algorithm} and kid {kid}" if kid else f"alg {algorithm}"
    return f"sign calls with {header} in the header"


@contextmanager
def _as_typed(file: str, kid: str | None) -> "Iterator[None]":
    """Refusals whose next step names the file and the kid that were given."""
    from sandbox.errors import Refused
    from sandbox.journal.keys import SAME_KEY

    try:
        yield
    except Refused as refused:
        there = "FILE" if file == "-" else shlex.quote(file)
        whose = f" --kid {shlex.quote(kid)} --client demo --algorithm" if kid else _WHOSE
        steps = (
            one.next.replace(SAME_KEY, SAME_KEY.replace("PUBLIC.pem", shlex.quote(file)))
            .replace(_WHOSE, whose)
            .replace("-in FILE", f"-in {there}")
            for one in refused.reasons
        )
        raise Refused(*(replace(one, next=step) for one, step in zip(refused.reasons, steps, strict=True))) from None


_WHOSE = " --client demo --algorithm"
"""What follows the file in every step that registers a key."""


@key.command("list", short_help="A client's keys.")
@client_option(DEFAULT_CLIENT)
@provider_option()
@common
def list_(client: str, provider: str, state: Path, as_json: bool) -> None:
    """List the public keys of a client with their status, deleted ones too."""
    from sandbox.services.keys import key_as_json, list_keys

    with opened_state(state) as opened:
        now = opened.clock.now()
        keys = [key_as_json(one, now) for one in list_keys(opened, provider, client)]
    if as_json:
        put_json({"keys": keys})
    elif keys:
        names = ("kid", "algorithm", "status", "active_from", "expires_at", "deleted_at", "id")
        rows = [[_short(name, one[name]) for name in names] for one in keys]
        put(*map(printable, table([[name.replace("_", " ").upper() for name in names], *rows])))
    else:
        add_one = command("key add PUBLIC.pem --algorithm ES512", state=state, provider=provider)
        note(printable(f"{client} has no key yet; register one: {add_one} --client {client}"))


@key.command("remove", short_help="Delete a key.")
@click.argument("key", metavar="KID|ID", shell_complete=_complete_keys)
@client_option(DEFAULT_CLIENT)
@provider_option()
@common
def remove(key: str, client: str, provider: str, state: Path, as_json: bool) -> None:
    """Delete a public key: its signatures are refused from now on. Its kid cannot be used again.

    \b
    sandbank key remove signing-1 --client demo
    """
    from sandbox.services.keys import key_as_json, remove_key

    with opened_state(state) as opened:
        removed = remove_key(opened, provider, client, key)
        facts = key_as_json(removed, opened.clock.now())
    if as_json:
        put_json({"removed": facts})
    else:
        put(printable(f"the key {removed.kid or removed.id} was deleted: its signatures are refused from now on"))


@key.command("rotate", short_help="Give the provider a new key.")
@click.argument("algorithm")
@provider_option()
@common
def rotate(algorithm: str, provider: str, state: Path, as_json: bool) -> None:
    """Make the provider a new key of that algorithm; a running server signs replies and webhooks with it from now on.

    A client that verifies replies fetches it when its own copy no longer fits. Webhooks are signed with RS256. With
    RSA-OAEP-256 it is the key to which clients encrypt: what is encrypted to the one before is refused from now on.

    \b
    sandbank key rotate ES512
    """
    from sandbox.services.keys import encrypts
    from sandbox.services.keys import rotate as make_new

    with opened_state(state) as opened:
        version = make_new(opened, provider, algorithm)
    if as_json:
        put_json({"algorithm": algorithm, "version": version})
    else:
        does = "decrypts" if encrypts(algorithm) else "signs"
        put(f"{provider} {does} with version {version} of its {algorithm} key from now on")


def _told(facts: dict[str, str | None]) -> list[tuple[str, str | None]]:
    """What a person wants to see of a new key: no times that were not given."""
    times = ("active_from", "expires_at", "deleted_at")
    names = ("kid", "id", "algorithm", "status", *(name for name in times if facts[name]))
    return [(name, facts[name]) for name in names]


def _short(name: str, value: str | None) -> str:
    """A cell of the list: times to the second."""
    if value is None:
        return NO_KID if name == "kid" else "-"
    return f"{value[:19]}Z" if name in ("active_from", "expires_at", "deleted_at") else value
