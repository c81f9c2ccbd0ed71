"""``sandbank resource``: the rows that a client's calls work on. The provider's declaration says what a row holds."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox.cli.commands import Noun, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import DEFAULT_CLIENT, DEFAULT_PROVIDER, client_option, common, listed, option, provider_option
from sandbox.cli.output import note, printable, put, put_json, table
from sandbox.errors import Misuse

if TYPE_CHECKING:
    from sandbox.services.state import State


def _complete_kinds(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Kinds of rows that the client has, or could have."""
    from sandbox.services.resources import kinds_of

    return listed(ctx, incomplete, lambda state: kinds_of(state, *_owner(ctx)))


def _complete_ids(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Ids of the client's rows of the kind that was typed."""
    from sandbox.services.resources import list_resources

    def ids(state: "State") -> list[str]:
        return [row.id for row in list_resources(state, *_owner(ctx), ctx.params.get("kind") or "")]

    return listed(ctx, incomplete, ids)


def _owner(ctx: click.Context) -> tuple[str, str]:
    return ctx.params.get("provider") or DEFAULT_PROVIDER, ctx.params.get("client") or DEFAULT_CLIENT


_kind = click.argument("kind", shell_complete=_complete_kinds)
_id = click.argument("id", shell_complete=_complete_ids)


@click.group(cls=Noun, short_help="A client's rows: transfers, balances.")
def resource() -> None:
    """Rows: the profiles, balances and transfers that a client's calls work on. Ids are per client.

    `client reset` restores those that the client started with.
    """


@resource.command("put", short_help="Make or replace a row.")
@_kind
@_id
@option("--set", "fields", multiple=True, metavar="FIELD=VALUE", help="A field of the row; repeatable.")
@option("--body", metavar="JSON", help="The fields as one JSON object; --set overrides it.")
@client_option(DEFAULT_CLIENT)
@provider_option()
@common
def put_(
    kind: str,
    id: str,
    fields: tuple[str, ...],
    body: str | None,
    client: str,
    provider: str,
    state: Path,
    as_json: bool,
) -> None:
    """Make a row. It replaces a row with the same kind and id. Fields that you do not give get their defaults.

    \b
    sandbank resource put transfer 777 --set sourceValue=10
    sandbank resource put balance 236839 --set currency=GBP --set amount=5
    sandbank resource put transfer 777 --body '{"sourceCurrency": "EUR"}'
    """
    from sandbox.services.resources import put_resource, row_as_json

    given = {**_object(body), **_pairs(fields)}
    with opened_state(state) as opened:
        row = put_resource(opened, provider, client, kind, id, given)
    if as_json:
        put_json(row_as_json(row))
        return
    put(printable(f"{row.kind} {row.id} of {client} was put"))
    words = f"resource show {shlex.join((row.kind, row.id))}{_of(client)}"
    note(printable(f"show it: {command(words, state=state, provider=provider)}"))


@resource.command("list", short_help="The rows of a kind.")
@click.argument("kind", required=False, shell_complete=_complete_kinds)
@client_option(DEFAULT_CLIENT)
@provider_option()
@common
def list_(kind: str | None, client: str, provider: str, state: Path, as_json: bool) -> None:
    """List the client's rows of a kind, each with its JSON; without KIND, the kinds, and how many rows each has.

    \b
    sandbank resource list
    sandbank resource list transfer
    """
    from sandbox.services.resources import kinds_of, list_resources, row_as_json

    if kind is None:
        _kinds(client, provider, state, as_json)
        return
    with opened_state(state) as opened:
        rows = list_resources(opened, provider, client, kind)
        kinds = kinds_of(opened, provider, client)
    if as_json:
        put_json({"resources": [row_as_json(row) for row in rows]})
    elif rows:
        lines = [(row.id, json.dumps(row.body, ensure_ascii=False)) for row in rows]
        put(*map(printable, table([("ID", "BODY"), *lines])))
    else:
        note(printable(f"{client} has no row of kind {kind!r}; there are: {', '.join(kinds)}"))


def _kinds(client: str, provider: str, state: Path, as_json: bool) -> None:
    from sandbox.services.resources import kinds_of, list_resources

    with opened_state(state) as opened:
        kinds = {one: len(list_resources(opened, provider, client, one)) for one in kinds_of(opened, provider, client)}
    put_json({"kinds": kinds}) if as_json else put(*table([("KIND", "ROWS"), *((k, str(n)) for k, n in kinds.items())]))


@resource.command("show", short_help="One row, as JSON.")
@_kind
@_id
@client_option(DEFAULT_CLIENT)
@provider_option()
@common
def show(kind: str, id: str, client: str, provider: str, state: Path, as_json: bool) -> None:
    """Print a row as JSON, in the provider's spelling; with --json on one line, with its kind and id.

    \b
    sandbank resource show transfer 12345
    """
    from sandbox.services.resources import row_as_json, show_resource

    with opened_state(state) as opened:
        row = show_resource(opened, provider, client, kind, id)
    put_json(row_as_json(row)) if as_json else put(json.dumps(row.body, ensure_ascii=False, indent=2))


def _of(client: str) -> str:
    """The option that names the client, where commands mean another by themselves."""
    return "" if client == DEFAULT_CLIENT else f" --client {shlex.quote(client)}"


def _pairs(fields: Sequence[str]) -> dict[str, str]:
    """``FIELD=VALUE``, each. Raises Misuse."""
    given = dict(field.partition("=")[::2] for field in fields)
    for field in fields:
        if not field.partition("=")[0] or "=" not in field:
            raise Misuse(f"--set {field[:40]!r} is not FIELD=VALUE", next_step="for instance --set sourceValue=10")
    if len(given) != len(fields):
        raise Misuse("--set gives a field twice", next_step="give each field once")
    return given


def _object(text: str | None) -> dict[str, Any]:
    """The JSON object of ``--body``. Raises Misuse."""
    if text is None:
        return {}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Misuse("--body is not a JSON object", next_step="""for instance --body '{"sourceValue": 10}'""")
    return said
