"""Front doors: one port on which the doors of all providers answer under the providers' own host names.

A client with fixed hosts needs an entry in /etc/hosts and nothing else. The ClientHello's server name (RFC 6066
section 3) and the port say which door is meant. What that door then does is its own business.
"""

import asyncio
from collections.abc import Iterable, Sequence

from sandbox.errors import Misuse, PortTaken
from sandbox.providers import PROVIDERS
from sandbox.server.listener import FrontRoute, OpenDoor
from sandbox.tls.hello import MAX_HELLO_BYTES, server_name
from sandbox.tls.verdict import Handshake, HandshakeRefused

PREFIX = "front-"
"""A front door is called by its port: ``front-443``, and is no provider's."""
_UNRECOGNIZED_NAME = bytes.fromhex("15030100020270")  # a fatal alert, 112 (RFC 6066 section 3)


class FrontReader(asyncio.StreamReader):
    """A reader that gives back what was read ahead, and then what comes."""

    def __init__(self, ahead: bytes, reader: asyncio.StreamReader) -> None:
        super().__init__()
        self._ahead = ahead
        self._behind = reader

    async def read(self, n: int = -1) -> bytes:
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        return await self._behind.read(n)

    def at_eof(self) -> bool:
        return not self._ahead and self._behind.at_eof()


def front_routes(ports: Sequence[int], doors: Iterable[OpenDoor], *, production: bool = False) -> dict[int, FrontRoute]:
    """Where a server name leads, for each front port; with *production* the providers' live names too. Raises PortTaken
    for a port that a door listens on too, and Misuse for one at which no provider has a host."""
    there = {door.name: door for door in doors}
    taken = {one.getsockname()[1]: door.name for door in there.values() for one in door.sockets}
    for port in ports:
        if port in taken:
            raise PortTaken(
                f"the front port {port} is the {taken[port]} door's already",
                next_step="move the doors away with --port-base N, for instance --port-base 9440",
            )
    known = sorted({declared.front for provider in PROVIDERS for declared in provider.doors if declared.front})
    for port in ports:
        if port not in known:
            raise Misuse(
                f"no provider has a host at port {port}, so a front door there would refuse every name; "
                f"there are hosts at {' and '.join(map(str, known))}",
                next_step=f"--front {','.join(map(str, known))}; another port can be forwarded to one of these",
            )
    return {port: _Route(port, there, production=production) for port in ports}


class _Route:
    """The doors that answer at one front port."""

    def __init__(self, port: int, doors: dict[str, OpenDoor], *, production: bool) -> None:
        self._port = port
        self._production = production
        self._doors = [
            (declared, doors[f"{provider.name}.{declared.name}"])
            for provider in PROVIDERS
            for declared in provider.doors
            if declared.front == port
        ]

    async def choose(self, reader: asyncio.StreamReader, seconds: float) -> tuple[OpenDoor, asyncio.StreamReader]:
        """The door that the ClientHello asks for, and a reader that still has the hello to give.

        Raises HandshakeRefused where no door answers to that name."""
        hello = b""
        try:
            async with asyncio.timeout(seconds):
                while (name := server_name(hello)) is None and len(hello) < MAX_HELLO_BYTES:
                    if not (more := await reader.read(MAX_HELLO_BYTES)):
                        break
                    hello += more
        except (TimeoutError, ConnectionError):
            name = None
        for declared, door in self._doors:
            if name and (declared.at(name) or (self._production and declared.in_production(name))):
                return door, FrontReader(hello, reader)
        raise self._refused(name or "")

    def _refused(self, name: str) -> HandshakeRefused:
        hosts = [
            host
            for declared, _ in self._doors
            for host in (*declared.hosts, *(declared.production if self._production else ()))
        ]
        return HandshakeRefused(
            Handshake(
                ok=False,
                cause="tls.front_name_unknown",
                seen=f"the server name {name[:80]!r}" if name else "a client that names no server",
                expected=f"on port {self._port} one of: {', '.join(dict.fromkeys(hosts))}",
                alert="unrecognized_name",
                sni=name,
            ),
            _UNRECOGNIZED_NAME,
        )
