"""``sandbank state`` and ``sandbank seed``: the folder that holds one sandbox, and applying a seed file to it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Noun, Verb, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import common, database_of, option
from sandbox.cli.output import note, printable, put, put_json, say, table
from sandbox.errors import SandbankError, StateNewer, StateUnreachable, StateUnusable

if TYPE_CHECKING:
    from sandbox.services.removing import Shared
    from sandbox.services.seed import Applied


@click.group(cls=Noun, short_help="The folder of the sandbox.")
def state() -> None:
    """The state: authority, clients, certificates and journal, in one folder."""


@state.command("new", short_help="Make one.")
@option(
    "--server-name",
    multiple=True,
    metavar="HOST",
    help="Another name by which clients will reach the doors; repeatable.",
)
@common
def new(server_name: tuple[str, ...], state: Path, as_json: bool) -> None:
    """Make a state: an authority, and a demo client of each provider. `serve` does the same where there is none.

    \b
    sandbank state new
    sandbank state new --state ../shared/sandbank
    """
    from sandbox.errors import Taken
    from sandbox.services.state import folder_of

    if folder_of(state).made:
        raise Taken(f"there is a sandbox in {state} already; it was left as it is", next_step="sandbank status")
    with opened_state(state, make_new=True, server_names=server_name) as opened:
        folder, ca_file = opened.folder.path, opened.folder.ca_file
    if as_json:
        put_json({"state": str(folder), "ca_file": str(ca_file)})
        return
    put(*table([("state", str(folder)), ("CA file", str(ca_file))]))
    note(f"open its doors: {command('serve', state=state)}")


@state.command("reset", short_help="Delete it for good.")
@option("--yes", is_flag=True, help="Do not ask.")
@option("--database-too", is_flag=True, help="Also remove the tables that machines share, for all of them.")
@common
def reset(yes: bool, database_too: bool, state: Path, as_json: bool) -> None:
    """Delete the state for good: the next server starts with a new authority and a new demo client.

    If several machines share the state in a database, only this machine's folder is deleted. --database-too also
    removes the tables; then reset the other machines' folders as well. Everyone who trusts the old CA certificate
    needs the new one.
    """
    from sandbox.services.removing import remove_folder
    from sandbox.services.state import unserved

    with unserved(state):  # said before the question is asked
        _reachable(state)
        what = _shared(state) if database_too else None
    if not yes and not _confirmed(state, what):
        raise SandbankError(
            "nothing was removed: the question was not answered with yes",
            next_step="to reset without a question: sandbank state reset --yes",
        )
    with unserved(state):
        _leave_database(state, database_too)
        remove_folder(state)
    if as_json:
        put_json({"removed": str(state), **({"database": what.database, "machines": what.machines} if what else {})})
    else:
        put(f"{state} was removed{f', and the tables in {what.database}' if what else ''}")


@state.command("encrypt", short_help="Encrypt its private keys.")
@common
def encrypt(state: Path, as_json: bool) -> None:
    """Encrypt the private keys of the authority and of the providers with the passphrase in SANDBANK_PASSPHRASE.

    From then on, commands that need a key need the variable: serve, certificate sign and new. A new state is encrypted
    from the start if the variable is set. There is no option for it, because others can see a command's options.
    """
    from sandbox.services.removing import encrypt_state
    from sandbox.services.state import opened, unserved

    database = database_of(click.get_current_context())
    with unserved(state), opened(state, database=database, make_new=False) as there:
        done = encrypt_state(there)
    _told("encrypted", done, state, as_json)


@state.command("decrypt", short_help="Decrypt its private keys.")
@common
def decrypt(state: Path, as_json: bool) -> None:
    """Decrypt the private keys. Needs the passphrase, in SANDBANK_PASSPHRASE."""
    from sandbox.services.removing import decrypt_state
    from sandbox.services.state import opened, unserved

    database = database_of(click.get_current_context())
    with unserved(state), opened(state, database=database, make_new=False) as there:
        done = decrypt_state(there)
    _told("decrypted", done, state, as_json)


def _told(what: str, done: bool, state: Path, as_json: bool) -> None:
    if as_json:
        put_json({what: done})
    else:
        put(f"the private keys in {state} {'are' if done else 'were already'} {what}")


def _reachable(state: Path) -> None:
    """Whether the database of a shared state answers: it is to be told that this machine leaves. Raises
    StateUnreachable."""
    from sandbox.services.state import opened

    try:
        with opened(state, database=database_of(click.get_current_context()), make_new=False):
            pass
    except StateUnreachable:
        raise
    except (StateNewer, StateUnusable):
        pass  # a state that cannot be read can be removed: that is the way out


def _shared(state: Path) -> "Shared":
    """What --database-too would remove. Raises Misuse, StateLocked."""
    from sandbox.services.removing import shared
    from sandbox.services.state import opened

    with opened(state, database=database_of(click.get_current_context()), make_new=False) as there:
        return shared(there)


def _leave_database(state: Path, database_too: bool) -> None:
    """Before the folder goes, which knows where the database is."""
    from sandbox.services.removing import drop_tables, leave_database
    from sandbox.services.state import opened

    try:
        with opened(state, database=database_of(click.get_current_context()), make_new=False) as there:
            drop_tables(there) if database_too else leave_database(there)
    except (StateNewer, StateUnusable):
        if database_too:
            raise


def _confirmed(state: Path, what: "Shared | None") -> bool:
    """Ctrl-C at the question is an interruption; the end of the input means no."""
    also = f", and the tables in {what.database} of {_machines(what.machines)}," if what else ""
    try:
        return click.confirm(f"Remove {state}{also} with its authority, clients and certificates?", err=True)
    except click.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        say("")  # ends the line of the question
        return False


def _machines(count: int) -> str:
    return "this machine alone" if count == 1 else f"{count} machines"


@click.command("seed", cls=Verb, short_help="Apply a seed file.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@common
def seed(file: Path, state: Path, as_json: bool) -> None:
    """Apply a seed file (TOML) to the state: clients, keys and rows. If anything is wrong, nothing is applied.

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

    Applying the same file again changes nothing, and nothing is ever removed. `client reset` restores the file's rows.
    Secrets are kept as hashes. If the file gives no secret, one is made and shown here, once.
    """
    from sandbox.services.seed import apply_seed, read_seed

    read = read_seed(file)
    with opened_state(state) as opened:
        applied = apply_seed(opened, read)
    if as_json:
        put_json({"clients": [asdict(one) for one in applied]})
    else:
        put(*(printable(_line(one)) for one in applied) if applied else ["the file has no clients"])


def _line(one: "Applied") -> str:
    what = ", ".join(one.changes)
    if one.added:
        secret = f"; its secret, shown once: {one.secret}" if one.secret else ""
        return f"{one.name} of {one.provider} was added{f', with {what}' if what else ''}{secret}"
    return f"{one.name} of {one.provider} was changed: {what}" if what else f"{one.name} of {one.provider} is as asked"
