"""``sandbank seed``: brings a state to what a seed file asks for; what such a file may say is the errand's."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.options import common
from sandbox.cli.output import printable, put, put_json

if TYPE_CHECKING:
    from sandbox.errands.seed import Applied


@click.command("seed", cls=Verb, short_help="Clients, keys and rows from a file.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@common
def seed(file: Path, state: Path, as_json: bool) -> None:
    """Bring the state to what a seed file (TOML) asks for: all of it, or nothing when something is wrong with it.

    \b
    sandbank seed sandbank.toml
    sandbank serve --seed sandbank.toml        (the same, before the doors open)

    \b
    [[wise.clients]]
    name = "acme"
    id = "acme-id"
    secret = "s3cret"
    [[wise.clients.keys]]
    kid = "signing-1"
    algorithm = "ES512"
    file = "acme-public.pem"
    [[wise.clients.transfers]]
    id = 777
    sourceValue = 10

    The same file once more changes nothing, and nothing is ever removed: `client reset` puts rows back to the file's.
    Secrets are kept as hashes. Where the file gives none, one is made and shown here, once.
    """
    from sandbox.errands.seed import apply_seed, read_seed

    read = read_seed(file)
    with opened_state(state, make_new=True) as opened:
        applied = apply_seed(opened, read)
    if as_json:
        put_json({"clients": [asdict(one) for one in applied]})
    else:
        put(*(printable(_line(one)) for one in applied) if applied else ["the file names no client"])


def _line(one: "Applied") -> str:
    what = ", ".join(one.changes)
    if one.added:
        secret = f"; its secret, shown this once: {one.secret}" if one.secret else ""
        return f"{one.name} of {one.provider} was added{f', with {what}' if what else ''}{secret}"
    return f"{one.name} of {one.provider} was changed: {what}" if what else f"{one.name} of {one.provider} is as asked"
