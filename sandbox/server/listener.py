"""Opens the doors, sees every connection through its handshake, and closes them all again; the calls on a connection
are connection.py's."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from hypercorn.config import Config

from ca.errors import Refusal
from sandbox.server.http.calls import ProtocolContext
from sandbox.server.http.connection import Connection, Limits, ListenerContext, Observer, Stream, address_of
from sandbox.server.http.sent import PlainStream
from sandbox.server.observer import Talking
from sandbox.server.pipeline.message import Peer
from sandbox.server.ports import BACKLOG, bind_sockets
from sandbox.tls.contexts import DoorContexts
from sandbox.tls.stream import ContextPair, TlsStream, accept, part
from sandbox.tls.verdict import HandshakeRefused

if TYPE_CHECKING:
    from cryptography import x509
    from starlette.types import ASGIApp

    from ca.clock import Clock

__all__ = ["Limits", "Listener", "Observer", "OpenDoor", "Peer", "bind_sockets"]

Look = Callable[[], Awaitable[None] | None]
"""Asked before every handshake whether what the doors show and trust is still right; else something to wait for."""

READ_BUFFER_BYTES = 65536  # asyncio stops reading from a socket at twice this, so a body waits in the peer's kernel


class FrontRoute(Protocol):
    """Which door a connection at a front port is for."""

    async def choose(self, reader: asyncio.StreamReader, seconds: float) -> "tuple[OpenDoor, asyncio.StreamReader]": ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDoor:
    """One listening address with what stands behind it."""

    name: str
    app: "ASGIApp"
    contexts: DoorContexts | None
    """None is a door of plain HTTP."""
    sockets: list[socket.socket]
    front: FrontRoute | None = None
    """Of a front door, which is none itself: it leads to the one that a client names."""


class Listener:
    """All doors of one server. Nothing that a peer or an app does ends it, and nothing is logged: see Witness."""

    def __init__(
        self,
        *,
        doors: Iterable[OpenDoor],
        observer: Observer,
        clock: "Clock",
        limits: Limits | None = None,
        look: Look | None = None,
    ) -> None:
        """*look* is called on the loop, before the clock is asked: it may set it."""
        self._doors = tuple(doors)
        self._observer = observer
        self._clock = clock
        self._limits = limits or Limits()
        self._look = look
        self._shared = ListenerContext(
            config=_config(self._limits), context=ProtocolContext(), limits=self._limits, observer=observer
        )
        self._servers: list[asyncio.Server] = []
        self._numbers = count(1)
        self._arriving: dict[asyncio.Task[None], Peer] = {}
        """Every connection's task, from its arrival to its end."""
        self._talking = Talking()
        self._connections: dict[asyncio.Task[None], Connection] = {}
        """Those of them that have come through their handshake."""

    async def start(self) -> None:
        """Accept connections on every door."""
        for door in self._doors:
            for one in door.sockets:
                arrived = partial(self._arrived, door)
                # asyncio accepts as many in one go as its backlog says. One: where no descriptor is left it would try,
                # and tell of it, for each of them; and what waits at a shared door may be another process's to take.
                server = await asyncio.start_server(arrived, sock=one, limit=READ_BUFFER_BYTES, backlog=1)
                one.listen(BACKLOG)  # of what waits for it in the system
                self._servers.append(server)

    async def stop(self) -> None:
        """Close every door and connection, within a second. Calls at work have `closing_seconds` to end."""
        await self._shared.context.terminated.set()
        await self._close_doors()
        for task in self._arriving:
            if connection := self._connections.get(task):
                connection.stop()
            else:
                task.cancel()
        await self._wait_for_connections()
        for task in self._arriving:
            task.cancel()
        await self._wait_for_connections()
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    async def _close_doors(self) -> None:
        """asyncio logs an error for a connection that it has accepted but not yet made when its server is closed: so
        first accept no more, then let those be made, then close."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):  # Windows' own loop accepts in another way
            for server in self._servers:
                for one in server.sockets:
                    loop.remove_reader(one.fileno())
        await asyncio.sleep(0)
        for server in self._servers:
            server.close()

    async def _wait_for_connections(self) -> None:
        if self._arriving:
            await asyncio.wait(list(self._arriving), timeout=self._limits.closing_seconds)

    def _arrived(self, door: OpenDoor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._shared.context.terminated.is_set():  # accepted before the doors closed, told only now
            writer.transport.abort()
            return
        peer_id = next(self._numbers)
        task = asyncio.get_running_loop().create_task(self._receive(door, peer_id, reader, writer))
        self._arriving[task] = Peer(id=peer_id, door=door.name, address=address_of(writer, "peername"), handshake=None)
        task.add_done_callback(partial(self._left, writer))

    async def _receive(
        self, door: OpenDoor, peer_id: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        address = address_of(writer, "peername")
        stream: Stream
        try:
            if door.front is not None:
                door, reader = await self._choose(door, door.front, address, reader)
            if door.contexts is None:
                stream, handshake, server_cert = PlainStream(reader, writer), None, ""
            else:
                stream = await self._shake_hands(door, door.contexts, address, reader, writer)
                handshake, shown = stream.handshake, _at_name(door.contexts, stream.handshake.sni)
                server_cert = (shown or door.contexts).certificate_pem
            peer = Peer(id=peer_id, door=door.name, address=address, handshake=handshake)
            connection = Connection(
                shared=self._shared,
                app=door.app,
                peer=peer,
                server_cert=server_cert,
                stream=stream,
                reader=reader,
                writer=writer,
            )
            task = asyncio.current_task()
            assert task is not None
            self._connections[task] = connection
            if isinstance(stream, TlsStream):
                await self._serve_tls(connection, stream, peer)
            else:
                await connection.serve()
        except HandshakeRefused as refused:
            await part(reader, writer, refused.farewell)

    async def _choose(
        self, door: OpenDoor, route: FrontRoute, address: tuple[str, int], reader: asyncio.StreamReader
    ) -> tuple[OpenDoor, asyncio.StreamReader]:
        try:
            return await route.choose(reader, self._limits.handshake_seconds)
        except HandshakeRefused as refused:
            self._observer.handshake(door.name, address, refused.handshake)
            raise

    async def _shake_hands(
        self,
        door: OpenDoor,
        contexts: DoorContexts,
        address: tuple[str, int],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> TlsStream:
        if self._look and (waiting := self._look()):
            await waiting
        context = contexts.for_handshake(None if self._clock.real else self._clock.now())
        seconds = self._limits.handshake_seconds
        try:
            stream = await accept(
                reader,
                writer,
                context,
                seconds=seconds,
                bare=contexts.bare,
                staple=contexts.staple,
                ours=contexts.certificate,
                beside=partial(self._beside, contexts) if contexts.make_beside and not contexts.beside else None,
                at_name=partial(self._at_name, contexts) if contexts.at_name else None,
            )
        except HandshakeRefused as refused:
            self._observer.handshake(door.name, address, refused.handshake)
            raise
        self._observer.handshake(door.name, address, stream.handshake)
        return stream

    async def _serve_tls(self, connection: Connection, stream: TlsStream, peer: Peer) -> None:
        """Tell of what goes wrong with TLS after the handshake; but not of a connection that a client opened beside
        one over which it talks, as pools do: it has shown that it trusts us."""
        loop = asyncio.get_running_loop()
        since = loop.time()

        def tell(reason: Refusal) -> None:
            if stream.heard or not self._talking.beside(peer, since):
                self._observer.broken(peer.door, peer, reason.code, reason.seen, reason.expected, 0)

        stream.tell = tell
        self._talking.begins(stream, peer)
        try:
            await connection.serve()
        finally:
            self._talking.ends(stream, peer, loop.time())

    def _at_name(self, contexts: DoorContexts, name: str) -> "tuple[ContextPair, x509.Certificate] | None":
        other = _at_name(contexts, name)
        if other is None:
            return None
        context = other.for_handshake(None if self._clock.real else self._clock.now())
        return (context, other.bare), other.certificate

    async def _beside(self, contexts: DoorContexts) -> ContextPair:
        if contexts.make_beside:
            await contexts.make_beside()
        return contexts.for_handshake(None if self._clock.real else self._clock.now()), contexts.bare

    def _left(self, writer: asyncio.StreamWriter, task: asyncio.Task[None]) -> None:
        writer.transport.abort()  # a task that was cancelled before its first step did not get to it
        peer = self._arriving.pop(task)
        connection = self._connections.pop(task, None)
        if task.cancelled() or (error := task.exception()) is None:
            return
        # By its kind only: an error's own words may quote what came, and that may be a secret.
        seen = f"{type(error).__name__} in the server"
        if connection is not None:
            connection.broken("http.protocol_error", seen, "a call that this server understands", 0)
        else:
            self._observer.broken(peer.door, peer, "http.app_failed", seen, "a connection that can be answered", 0)


class _SecondsConfig(Config):
    """Hypercorn's configuration, which writes the Date of replies once a second instead of once a reply."""

    _written: tuple[int, list[tuple[bytes, bytes]]] | None = None

    def response_headers(self, protocol: str) -> list[tuple[bytes, bytes]]:
        second = int(monotonic())
        if self._written is None or self._written[0] != second:
            self._written = (second, super().response_headers(protocol))
        return self._written[1]


def _config(limits: Limits) -> Config:
    config = _SecondsConfig()
    config.accesslog = None
    config.errorlog = None
    config.include_server_header = False  # the sandbox answers in a provider's name, not in Hypercorn's
    config.keep_alive_max_requests = sys.maxsize  # a connection lives as long as its client likes
    config.h11_max_incomplete_size = limits.head_bytes
    config.h2_max_header_list_size = limits.head_bytes
    return config


def _at_name(contexts: DoorContexts, name: str) -> DoorContexts | None:
    """Those of the door's contexts that are for this server name alone."""
    return contexts.at_name(name.lower()) if contexts.at_name else None
