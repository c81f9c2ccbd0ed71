"""Where a running sandbox is: the ports of its doors, the authority's URL, and the content of the ready file."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from socket import socket
from typing import TYPE_CHECKING, Any

from ca.records import fingerprint
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.declare import Door, Provider
from sandbox.providers.known import PROVIDERS
from sandbox.services.state import State
from sandbox.storage import clients, facts
from sandbox.storage.work import Work

if TYPE_CHECKING:
    from sandbox.services.clients import Known, SeedSecrets

CONTROL_OFFSET = 0
AUTHORITY_OFFSET = 1
AUTHORITY = "authority"
_SET = "authority_url"
_HERE = "authority_door"
"""What follows from it on this machine: one question for each certificate instead of three."""


def known_port(work: Work, door: str, offset: int) -> int:
    """The port that *door* (``wise.mtls``, ``control``) had when it last listened, or has by the plan."""
    from sandbox.settings import PORT_BASE

    return int(facts.get_here(work, f"port.{door}") or PORT_BASE + offset)


def ever_open(work: Work, door: str) -> bool:
    """Whether *door* ever listened; else a port by the plan may be that of another sandbox."""
    return facts.get_here(work, f"port.{door}") is not None


def free_port(work: Work, door: str) -> int:
    """The free port that was once taken for *door* with ``--port-base 0``; 0 when none was."""
    return int(facts.get_here(work, f"free_port.{door}") or 0)


def known_host(work: Work, door: str) -> str:
    """The address by which *door* is reached from this machine, as it stands in a URL."""
    return facts.get_here(work, f"host.{door}") or "127.0.0.1"


def keep_port(work: Work, door: str, host: str, port: int, *, free: bool) -> None:
    """Note where *door* listens. Whoever listens on all addresses is reached by loopback."""
    facts.put_here(work, f"host.{door}", reached(host))
    facts.put_here(work, f"port.{door}", str(port))
    if free:
        facts.put_here(work, f"free_port.{door}", str(port))


def reached(host: str) -> str:
    """The address by which a listener on *host* is reached from this machine, as it stands in a URL."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host) or (f"[{host}]" if ":" in host else host)


def door_urls(work: Work, provider: Provider, ports: Mapping[str, int] | None = None) -> dict[str, str]:
    """The base URL of each of the provider's doors: at these *ports*, or where they last listened."""

    def port(door: Door) -> int:
        name = f"{provider.name}.{door.name}"
        return ports[name] if ports else known_port(work, name, door.offset)

    return {door.name: f"https://localhost:{port(door)}" for door in provider.doors}


def keep_authority_url(state: State, url: str) -> None:
    """Note how the authority's door is reached, now that it listens; "" is by its own address."""
    with state.store.write() as work:
        facts.put(work, _SET, url)
        facts.put_here(work, _HERE, url or _door(work))


def authority_url(work: Work) -> str:
    """Where certificates say that their CRL is: as it was set, else the authority's door as it last listened here. A
    machine on which none listened yet goes by what was set for another."""
    return facts.get_here(work, _HERE) or facts.get(work, _SET) or _door(work)


def _door(work: Work) -> str:
    return f"http://{known_host(work, AUTHORITY)}:{known_port(work, AUTHORITY, AUTHORITY_OFFSET)}"


READY_VERSION = 2
"""Moves when a field changes its meaning or goes; new fields may come without."""


def control_url(state: State) -> str:
    """The base URL of the control door as it last listened."""
    with state.store.read() as work:
        return f"http://{known_host(work, 'control')}:{known_port(work, 'control', CONTROL_OFFSET)}"


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
