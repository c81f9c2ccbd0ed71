"""``sandbank wait``: until a server answers on its control door, or the time is up."""

import math
import time
from pathlib import Path

import click

from sandbox.cli import ready
from sandbox.cli.commands import Verb
from sandbox.cli.options import common, database_of, option
from sandbox.cli.output import put_json
from sandbox.cli.ready import ANSWER_SECONDS, answer
from sandbox.errors import StateLocked, StateMissing, StateUnreachable, Surroundings

POLL_SECONDS = 0.05


@click.command("wait", cls=Verb)
@option("--ready-file", type=click.Path(path_type=Path), metavar="FILE", help="The --ready-file of the server.")
@option(
    "--timeout", type=click.FloatRange(min=0), default=30.0, show_default=True, metavar="S", help="Seconds to wait."
)
@common
def wait(ready_file: Path | None, timeout: float, state: Path, as_json: bool) -> None:
    """Wait until the server answers. Exit code 0 when it does, 3 when the time is up.

    \b
    sandbank serve --port-base 0 --ready-file ready.json --quiet &
    sandbank wait --ready-file ready.json
    """
    if not math.isfinite(timeout):
        raise click.BadParameter("give a number of seconds", param_hint="--timeout")
    ends = time.monotonic() + timeout
    while True:
        url, authority = (_from_file(ready_file), "") if ready_file else _from_state(state)
        seconds = min(ANSWER_SECONDS, max(timeout, POLL_SECONDS))
        health = answer(url, seconds, authority=authority) if url else None
        if health is not None:
            break
        if time.monotonic() >= ends:
            raise _late(url, ready_file, state, timeout)
        time.sleep(POLL_SECONDS)
    if as_json:
        put_json({"control": url, "health": health})


def _from_state(state: Path) -> tuple[str, str]:
    """Control URL and authority of the state's last server; empty while there is no state, or nobody served it."""
    from sandbox.services.doors import last_served
    from sandbox.services.state import opened

    try:
        with opened(state, database=database_of(click.get_current_context()), make_new=False) as there:
            served = last_served(there)
    except (StateMissing, StateLocked, StateUnreachable):
        return "", ""
    return served.url, served.authority


def _from_file(path: Path) -> str:
    said = ready.read(path)
    return str(said["control"]) if said else ""


def _late(url: str, ready_file: Path | None, state: Path, timeout: float) -> Surroundings:
    place = f"no ready file {ready_file} was written" if ready_file else f"no server came up over the state {state}"
    what = f"no server answered on {url}" if url else place
    return Surroundings(f"{what} within {timeout:g} seconds", next_step="look at the output of sandbank serve")
