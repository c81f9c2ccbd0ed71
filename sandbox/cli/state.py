"""``sandbank state``: the folder in which one sandbox keeps everything."""

from pathlib import Path

import click

from sandbox.cli.commands import Noun
from sandbox.cli.options import common, database_of, option
from sandbox.cli.output import put, put_json, say
from sandbox.errors import SandbankError, StateNewer, StateUnreachable, StateUnusable


@click.group(cls=Noun, short_help="The folder that holds everything.")
def state() -> None:
    """The state: authority, clients, certificates and journal, in one folder."""


@state.command("reset", short_help="Remove it, for good.")
@option("--yes", is_flag=True, help="Do not ask.")
@common
def reset(yes: bool, state: Path, as_json: bool) -> None:
    """Remove the state, for good: the next server starts with a new authority and a new demo client.

    Of a state that several machines share in a database, only this machine's folder is removed.
    Everyone who trusts the old CA certificate must be given the new one.
    """
    from sandbox.errands.state import reset_state

    _nobody_serves(state)
    if not yes and not _confirmed(state):
        raise SandbankError("nothing was removed: nobody said yes", next_step="to reset without a question: --yes")
    _nobody_serves(state)
    reset_state(state)
    put_json({"removed": str(state)}) if as_json else put(f"{state} was removed")


def _nobody_serves(state: Path) -> None:
    """A server would go on with an authority that is gone. Raises StateLocked, NotThere."""
    from sandbox.cli.health import refuse_if_served
    from sandbox.errands.state import opened

    database = database_of(click.get_current_context())
    try:
        with opened(state, database=database, make_new=False) as there:
            refuse_if_served(there)
    except StateUnreachable:
        raise  # whether a server runs here stands in the database
    except (StateNewer, StateUnusable):
        pass  # a state that cannot be read is served by nobody we could ask, and removing it is the way out


def _confirmed(state: Path) -> bool:
    """Ctrl-C at the question stays an interruption; the end of the input is a no."""
    try:
        return click.confirm(f"Remove {state} with its authority, clients and certificates?", err=True)
    except click.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        say("")  # ends the line of the question
        return False
