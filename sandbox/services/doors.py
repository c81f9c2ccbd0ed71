"""Where each door is: its port by the plan or a free one that the state remembers, and the authority's URL."""

from collections.abc import Mapping

from sandbox.providers.declare import Door, Provider
from sandbox.services.state import State
from sandbox.settings import PORT_BASE
from sandbox.storage import facts
from sandbox.storage.work import Work

CONTROL_OFFSET = 0
AUTHORITY_OFFSET = 1
AUTHORITY = "authority"
_SET = "authority_url"
_HERE = "authority_door"
"""What follows from it on this machine: one question for each certificate instead of three."""


def known_port(work: Work, door: str, offset: int) -> int:
    """The port that *door* (``wise.mtls``, ``control``) had when it last listened, or has by the plan."""
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
