"""A process that serves beside a server, on the server's own sockets and over the same state; `supervisor` starts it.

It says on its line when it is ready, and stops when that line ends."""

import asyncio
import json
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.cli.failures import Failed, report
from sandbox.cli.output import prepare_streams, warn
from sandbox.cli.serving import Outlet, stops, teller
from sandbox.cli.supervisor import READY
from sandbox.embed.sandbox import run_server
from sandbox.services.state import State, open_state
from sandbox.settings import Database, Settings

LINE = 0
"""The descriptor of the line to the server: where a process of its own would have its standard input."""


def main() -> None:
    """Serve until the line ends. Exits with 0, or with the code of what was in the way."""
    prepare_streams()
    with socket.socket(fileno=LINE) as line, line.makefile("rb") as file:
        said = file.readline()
        if not said.endswith(b"\n"):
            return  # the server ended before it had said all
        orders: Mapping[str, Any] = json.loads(said)
        state = Path(orders["settings"]["state"])
        try:
            _serve(orders, line)
        except Exception as error:  # noqa: BLE001 - the last resort, as in `commands`: nobody is helped by a traceback
            sys.exit(report(error, Failed(words=("--json",) if orders["as_json"] else (), state=state)))


def _serve(orders: Mapping[str, Any], line: socket.socket) -> None:
    settings = _settings(orders["settings"])
    outlet = Outlet()
    try:
        state = open_state(settings.state, database=settings.database, make_new=False)
        try:
            if not orders["quiet"]:
                state.journal.tell(teller(state, outlet, as_json=orders["as_json"], where=settings.state))
            state.journal.complain(partial(warn, as_json=orders["as_json"]))
            asyncio.run(_until_told(state, settings, _doors(orders["doors"]), line))
        finally:
            state.close()
    finally:
        outlet.close()  # after the state: closing that brings the journal's last entries


async def _until_told(
    state: State, settings: Settings, doors: Mapping[str, list[socket.socket]], line: socket.socket
) -> None:
    stop = asyncio.Event()
    reader, writer = await asyncio.open_connection(sock=line.dup())

    def ready(_: object) -> None:
        writer.write(READY)

    listening = asyncio.ensure_future(_listen(reader, stop))
    try:
        with stops(asyncio.get_running_loop(), stop):
            await run_server(state, settings, ready=ready, stop=stop, handed=doors)
    finally:
        listening.cancel()
        writer.close()


async def _listen(reader: asyncio.StreamReader, stop: asyncio.Event) -> None:
    with suppress(OSError):  # the server was killed: the line ends as well
        await reader.read()
    stop.set()


def _settings(said: Mapping[str, Any]) -> Settings:
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    database = Database(**said["database"]) if said["database"] else None
    return Settings(**{**said, **lists, "state": Path(said["state"]), "database": database})


def _doors(said: Mapping[str, list[tuple[int, int]]]) -> Mapping[str, list[socket.socket]]:
    # With its protocol named, as where it was bound: only then asyncio sets TCP_NODELAY.
    return {
        door: [socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=number) for number, family in some]
        for door, some in said.items()
    }
