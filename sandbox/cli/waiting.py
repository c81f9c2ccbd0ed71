"""``sandbank wait``: until a server answers on its control door, or the time is up."""

import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from sandbox.cli import ready
from sandbox.cli.commands import Verb
from sandbox.cli.options import common, option
from sandbox.cli.output import put_json
from sandbox.errors import NotThere, StateLocked, Surroundings

POLL_SECONDS = 0.05
ANSWER_SECONDS = 2.0
"""For one question: a server under load answers late, one that hangs must not hold the waiting over its own limit."""


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
    ends = time.monotonic() + timeout
    while True:
        url = _from_file(ready_file) if ready_file else url_of(state)
        health = answer(url, min(ANSWER_SECONDS, timeout)) if url else None
        if health is not None:
            break
        if time.monotonic() >= ends:
            raise _late(url, ready_file, state, timeout)
        time.sleep(POLL_SECONDS)
    if as_json:
        put_json({"control": url, "health": health})


def url_of(state: Path) -> str:
    """The control URL of the state's last server; empty when there is no state yet, or nobody ever served it."""
    from sandbox.errands.ready import served_url
    from sandbox.errands.state import opened

    try:
        with opened(state, make_new=False) as there:
            return served_url(there)
    except (NotThere, StateLocked):
        return ""


def answer(url: str, seconds: float = ANSWER_SECONDS) -> Any:
    """What a server there says of its health; None when none answers with 200."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=max(seconds, POLL_SECONDS))
    try:
        connection.request("GET", "/health")
        reply = connection.getresponse()
        return json.loads(reply.read()) if reply.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _from_file(path: Path) -> str:
    said = ready.read(path)
    return str(said["control"]) if said else ""


def _late(url: str, ready_file: Path | None, state: Path, timeout: float) -> Surroundings:
    place = f"the ready file {ready_file}" if ready_file else f"a server over the state in {state}"
    what = f"no server answered on {url}" if url else f"there is not yet {place}"
    return Surroundings(f"{what} within {timeout:g} seconds", next_step="look at what sandbank serve says")
