"""``sandbank status``, ``wait``, ``hub`` and ``stop``: whether a server runs over the state, and where
its doors are; until it does; the way into its hub; and its end."""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox.cli import ready
from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.guide import command
from sandbox.cli.options import common, database_of, option
from sandbox.cli.output import note, put, put_json, table
from sandbox.cli.ready import ANSWER_SECONDS, answer
from sandbox.errors import NotThere, StateLocked, StateMissing, StateUnreachable, Surroundings

if TYPE_CHECKING:
    from sandbox.services.doors import ServerProcess
    from sandbox.services.state import State

ASK_SECONDS = 1.0
"""For the one question to the control door: a server under load answers late."""
POLL_SECONDS = 0.05


@click.command("status", cls=Verb, short_help="Whether a server runs, and where.")
@common
@click.pass_context
def status(ctx: click.Context, state: Path, as_json: bool) -> None:
    """Show whether a server runs over the state: its process, its doors, the hub, the files. Where the control door has
    a token, the hub's address is a link that lets one browser in, once, within five minutes.

    Exit code 0 when it answers, 1 when none does, 3 when there is no sandbox in the folder.
    """
    from sandbox.services.doors import server_of

    found = server_of(state)
    with opened_state(state) as opened:
        facts = _facts(opened, found)
    if as_json:
        put_json(facts)
    else:
        put(*table(_rows(facts, state)))
        if not facts["answers"]:
            held = f"process {facts['pid']} has the folder, but its control door does not answer" if found else ""
            note(held or f"no server runs over it; start one: {command('serve', state=state)}")
    ctx.exit(0 if facts["answers"] else 1)


def _facts(state: "State", found: "ServerProcess | None") -> dict[str, Any]:
    from sandbox.services.doors import last_served
    from sandbox.services.environment import urls_of
    from sandbox.services.providers import provider_names

    served = last_served(state)
    there = answer(served.url, ASK_SECONDS, authority=served.authority) is not None if served.url else False
    place = answer(served.url, ASK_SECONDS, path="/api/state") if there else None
    said = place.get("pid") if isinstance(place, dict) else None
    return {
        "state": str(state.folder.path),
        "answers": there,
        "pid": said or (found.pid if found else None),
        "control": served.url or None,
        "hub": hub_address(state, served.url, closed=not place) if there else None,
        "ca_file": str(state.folder.ca_file),
        "doors": {name: urls_of(state, name) for name in provider_names()} if there else {},
    }


def hub_address(state: "State", url: str, *, closed: bool) -> str:
    """Where a browser finds the hub: behind a control token by a link that is made for this output and good once."""
    from sandbox.services.visiting import hub_link

    return hub_link(state) if closed else f"{url}/"


def _rows(facts: dict[str, Any], state: Path) -> list[tuple[str, str]]:
    runs = "answers" if facts["answers"] else "does not answer" if facts["pid"] else "does not run"
    rows = [
        ("state", facts["state"]),
        ("server", f"{runs}, process {facts['pid']}" if facts["pid"] else runs),
        ("CA file", facts["ca_file"]),
    ]
    if facts["answers"]:
        rows += [("hub", facts["hub"]), ("control", facts["control"])]
        rows += [(f"{name} {door}", url) for name, urls in facts["doors"].items() for door, url in urls.items()]
    return rows


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


@click.command("hub", cls=Verb, short_help="The address of the hub, for a browser.")
@common
def hub(state: Path, as_json: bool) -> None:
    """Print a link that opens the hub of a running server in one browser. It works once, within five minutes.

    \b
    sandbank hub

    You need it only if the control door has a token. Else open the address that `serve` prints.
    """
    from sandbox.services.doors import last_served
    from sandbox.services.visiting import hub_link

    with opened_state(state) as opened:
        served = last_served(opened)
        if not served.url:
            raise NotThere("no server has run over this state yet", next_step="sandbank serve")
        if answer(served.url, authority=served.authority) is None:
            raise NotThere("no server runs over this state, so a link would open nothing", next_step="sandbank serve")
        link = hub_link(opened)
    if as_json:
        put_json({"hub": link})
        return
    put(link)
    note("it works once, within five minutes")


@click.command("stop", cls=Verb, short_help="Stop the server.")
@option(
    "--timeout", type=click.FloatRange(min=0), default=10.0, show_default=True, metavar="S", help="Seconds to wait."
)
@common
def stop(timeout: float, state: Path, as_json: bool) -> None:
    """Stop the server that runs over the state, and wait until it is gone. It may have been halted by Ctrl-Z.

    Exit code 1 when none runs.
    """
    from sandbox.services.doors import ask_to_stop, server_of

    found = ask_to_stop(state)
    ends = time.monotonic() + timeout
    while server_of(state) is not None:
        if time.monotonic() >= ends:
            raise Surroundings(
                f"the server, process {found.pid}, is still there after {timeout:g} seconds",
                next_step=f"look at its output; to end it at once: kill -KILL {found.pid}",
            )
        time.sleep(POLL_SECONDS)
    put_json({"stopped": found.pid}) if as_json else put(f"the server, process {found.pid}, was stopped")
