"""Where a state is served: by which process, on which ports; the authority's URL, and the content of the ready file."""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any

from ca.records import fingerprint
from sandbox.errors import NotThere, StateMissing, Surroundings
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.declare import Provider
from sandbox.providers.doors import Door
from sandbox.providers.known import PROVIDERS
from sandbox.services.state import State, folder_of
from sandbox.storage import clients, facts
from sandbox.storage.facts import authority_url, ever_open, known_host, known_port, reached
from sandbox.storage.files import POSIX
from sandbox.storage.folder import MAKE_ONE, holder
from sandbox.storage.work import Work

if TYPE_CHECKING:
    from sandbox.services.clients import Known, SeedSecrets


def door_urls(work: Work, provider: Provider, ports: Mapping[str, int] | None = None) -> dict[str, str]:
    """The base URL of each of the provider's doors: at these *ports*, or where they last listened."""

    def port(door: Door) -> int:
        name = f"{provider.name}.{door.name}"
        return ports[name] if ports else known_port(work, name, door.offset)

    return {door.name: f"https://localhost:{port(door)}" for door in provider.doors}


def keep_authority_url(state: State, url: str) -> None:
    """Note how the authority's door is reached, now that it listens; "" is by its own address."""
    with state.store.write() as work:
        facts.keep_authority_url(work, url)


READY_VERSION = 2
"""Moves when a field changes its meaning or goes; new fields may come without."""


def control_url(state: State) -> str:
    """The base URL of the control door as it last listened."""
    with state.store.read() as work:
        return f"http://{known_host(work, 'control')}:{known_port(work, 'control', facts.CONTROL_OFFSET)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where the last server over a state can be asked, and how to know that it is the one that answers."""

    url: str
    """Of the control door; empty when nobody ever served this state."""
    authority: str
    """What ``/health`` says there; another's means that the port is now another sandbox's."""


def last_served(state: State) -> Served:
    with state.store.read() as work:
        there = ever_open(work, "control")
    return Served(url=control_url(state) if there else "", authority=authority_mark(state))


def authority_mark(state: State) -> str:
    """The SHA-256 of the certificate that clients trust: public, and no two states have the same."""
    with state.store.read() as work:
        return fingerprint(state.authority.server_root(work))


def describe(state: State, known: "Known", sockets: Mapping[str, Sequence[socket]]) -> dict[str, Any]:
    """The ready file's JSON: control URL, CA file, and per provider its doors and its clients.

    Each with its secret, where that is known: a demo client's, or one that was made at this start (*known*). Where the
    doors are is read from the server's own *sockets*: the state tells only where some server last listened.
    """
    addresses = {door: some[0].getsockname()[:2] for door, some in sockets.items()}
    ports = {door: int(port) for door, (_, port) in addresses.items()}
    control = f"http://{reached(addresses['control'][0])}:{ports['control']}"
    with state.store.read() as work:
        providers = {
            provider.name: {
                "doors": door_urls(work, provider, ports),
                "clients": [
                    _client(client, known.get((client.provider, client.id)), control)
                    for client in clients.all_of(work, provider.name)
                ],
            }
            for provider in PROVIDERS
        }
        authority = authority_url(work)
    return {
        "version": READY_VERSION,
        "pid": os.getpid(),
        "control": control,
        "authority": authority,
        "ca_file": str(state.folder.ca_file),
        "providers": providers,
    }


def _client(client: ClientRecord, seeded: "SeedSecrets | None", control: str) -> dict[str, str | None]:
    """Without a secret where only others know it; then with the URL at which another is made, by POST."""
    made = seeded.secret if seeded and seeded.made else None
    said = {"name": client.name, "id": client.id, "secret": made or client.secret.readable}
    path = f"/api/{client.provider}/clients/{client.id}/secret"
    return said if said["secret"] else {**said, "new_secret": f"{control}{path}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerProcess:
    """A process that has a state to itself."""

    pid: int
    """0 where it did not say."""
    serves: bool
    """Whether it is a server of the command line; else it is a part of another program, or changes the state."""
    here: bool
    """Whether it can be seen: it may be in another container, or on another machine."""


def server_of(path: Path) -> ServerProcess | None:
    """The one of the state in the folder *path*; None where nobody serves it. Raises StateMissing."""
    folder = folder_of(path)
    if not folder.made:
        raise StateMissing(f"there is no sandbox in {path}", next_step=MAKE_ONE)
    found = holder(folder)
    return ServerProcess(pid=found.pid, serves=found.serves, here=found.here) if found else None


def ask_to_stop(path: Path) -> ServerProcess:
    """Send its server the signal to stop, also where it was halted by Ctrl-Z. Raises NotThere where there is none, and
    Surroundings for a process that may not be ended, or cannot."""
    if not POSIX:
        raise Surroundings("on Windows a server is stopped by Ctrl-C in its own window", next_step="press Ctrl-C there")
    found = server_of(path)
    if found is None:
        raise NotThere(f"no server runs over {path}", next_step="sandbank status")
    if not found.here:
        raise Surroundings(
            f"the server over {path} is no process of this machine or container ({found.pid or 'unknown'})",
            next_step="run the command where the server was started",
        )
    if not found.serves:
        raise Surroundings(
            f"{path} is used by process {found.pid}, which is no `sandbank serve` but a program of its own",
            next_step="end that program, or let it end",
        )
    try:
        os.kill(found.pid, signal.SIGTERM)
        os.kill(found.pid, signal.SIGCONT)  # one that was halted hears the first only when it goes on
    except ProcessLookupError:
        pass  # it has just ended
    except PermissionError:
        there = f"process {found.pid} belongs to another user"
        raise Surroundings(there, next_step=f"as that user: kill {found.pid}") from None
    return found
