"""One connection from its first call to its last byte: reading, limits, and the end.

What the bytes mean is in `http1` and `http2`. A TLS connection arrives here with its handshake done."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.h11 import H2ProtocolAssumedError
from hypercorn.typing import AppWrapper, ConnectionState

from sandbox.server.http.calls import Calls, ProtocolContext
from sandbox.server.http.http1 import Http1
from sandbox.server.http.http2 import Http2
from sandbox.server.http.sent import FLUSH_BYTES, Taking, Unsent
from sandbox.server.pipeline.message import Peer, extensions_of
from sandbox.tls.explain import first_line
from sandbox.tls.verdict import Handshake

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The patience of a listener. Every value has its reason beside it."""

    handshake_seconds: float = 10.0
    """A handshake is two or three messages; a debugger in the client may hold it a moment, a dead peer for ever."""
    head_seconds: float = 10.0
    """From the first byte of a call's head to its empty line. People type into `openssl s_client`, but not for long."""
    idle_seconds: float = 75.0
    """Between two calls. Longer than the 60 s that connection pools of Java and Go commonly keep an idle connection."""
    head_bytes: int = 65536
    """A signed call carries a JWS and two certificates in its headers; 64 KiB is far above that and far below harm."""
    write_seconds: float = 30.0
    """For a peer that takes nothing of what waits for it. Within it a person may stop a client at a breakpoint, and
    then only a large answer waits at all: a small one is in the systems' buffers."""
    closing_seconds: float = 0.5
    """For calls at work when the listener stops, and for the peer's close after ours: a stop stays under a second."""


LOOKS = 4
"""At what a peer takes, within the time that it has: it is found deaf a quarter too late at most."""


class Observer(Protocol):
    """Hears of every handshake, and of what broke outside an app. Called on the loop: must not block."""

    def handshake(self, door: str, address: tuple[str, int], handshake: Handshake) -> None:
        """A handshake ended, well or not. Told before the peer can know."""

    def broken(self, door: str, peer: Peer, cause: str, seen: str, expected: str, status: int) -> None:
        """What came was no call an app could answer; `status` is what the listener answered itself, 0 for nothing."""


class Stream(Protocol):
    """Plain bytes in and out, whatever carries them: tls.stream.TlsStream or plain.PlainStream."""

    async def read(self) -> bytes:
        """What the peer said next; empty once it says no more."""

    def write(self, data: bytes) -> None:
        """Say something to the peer."""

    def say_goodbye(self) -> None:
        """Tell the peer that nothing more comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerContext:
    """What all connections of one listener share."""

    config: Config
    context: ProtocolContext
    limits: Limits
    observer: Observer


def address_of(writer: asyncio.StreamWriter, end: str) -> tuple[str, int]:
    """Host and port of one end of a connection; an IPv6 address has two more parts, a lost connection has none."""
    host, port = (writer.get_extra_info(end) or ("", 0))[:2]
    return host, port


class Connection:
    """A peer and its calls."""

    def __init__(
        self,
        *,
        shared: ListenerContext,
        app: "ASGIApp",
        peer: Peer,
        server_cert: str,
        stream: Stream,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._shared = shared
        self._app = app
        self._peer = peer
        self._server_cert = server_cert
        self._stream = stream
        self._reader = reader
        self._writer = writer
        self._unsent = Unsent(stream.write, writer)
        self._transport = writer.transport
        self._loop = asyncio.get_running_loop()
        self._calls = Calls(self._loop, self._extensions, self._app_failed, self._failed)
        self._told_apps: dict[str, Any] = {}
        self._idle_since: float | None = self._loop.time()
        self._leaving = False
        self._head_since: float | None = None
        self._last_chance: float | None = None
        self._taking = Taking(self._loop.time(), self._look_seconds)
        self._timer = self._loop.call_later(self._look_seconds, self._look)
        self._server_address = address_of(writer, "sockname")
        alpn = peer.handshake.alpn if peer.handshake else ""
        self._protocol = self._speak(Http2 if alpn == "h2" else Http1)

    async def serve(self) -> None:
        """Answer calls until one side has had enough; afterwards nothing of the connection is left."""
        try:
            with contextlib.suppress(OSError):  # the peer is gone: that is no news for anybody but the app
                await self._protocol.initiate()
                await self._converse()
            await self._protocol.handle(Closed())
            await self._leave()
            if self._calls.tasks:
                await asyncio.wait(self._calls.tasks)  # they have been told; what they still do is theirs
        finally:
            self._transport.abort()
            self._timer.cancel()
            await self._calls.cancel(self._shared.limits.closing_seconds)

    def stop(self) -> None:
        """Take no further call; one at work may end."""
        if self._idle_since is not None:
            self._close()
            self._transport.close()

    def broken(self, cause: str, seen: str, expected: str, status: int) -> None:
        """Report what no app will see."""
        self._shared.observer.broken(self._peer.door, self._peer, cause, seen, expected, status)

    async def _converse(self) -> None:
        while data := await self._read():
            if not self._leaving:
                await self._take(data)
        if isinstance(self._protocol, Http1) and not self._leaving:
            await self._protocol.handle(RawData(b""))  # h11 knows whether something is missing
            if self._calls.tasks and not self._leaving:  # the peer says no more, but may still listen (RFC 9112 9.6)
                await asyncio.wait(self._calls.tasks, timeout=self._shared.limits.idle_seconds)

    async def _read(self) -> bytes:
        if self._leaving:
            return await self._reader.read(FLUSH_BYTES)  # whatever it is, it comes too late
        if self._idle_since is not None and isinstance(self._protocol, Http1) and (head := self._protocol.head_begun):
            return await self._read_rest_of_head(self._protocol, head)
        return await self._stream.read()

    async def _read_rest_of_head(self, protocol: Http1, head: bytes) -> bytes:
        seconds = self._shared.limits.head_seconds
        if self._head_since is None:
            self._head_since = self._loop.time()
        try:
            async with asyncio.timeout_at(self._head_since + seconds):
                return await self._stream.read()
        except TimeoutError:
            await protocol.refuse(408, f"{len(head)} bytes of a head after {seconds:g} s: {first_line(head)}")
            self._close()
            return await self._read()

    async def _take(self, data: bytes) -> None:
        try:
            await self._protocol.handle(RawData(data))
        except H2ProtocolAssumedError as assumed:
            self._protocol = self._speak(Http2)
            await self._protocol.initiate()
            await self._protocol.handle(RawData(assumed.data))

    async def _hear(self, event: Event) -> None:
        """What the protocol has to say: bytes for the peer, whether a call is at work, or that this is the end."""
        # Asked by type: Hypercorn's events are abstract classes, of which isinstance() is slow to say no.
        if type(event) is RawData:
            await self._say(event.data)
        elif type(event) is Updated:
            self._idle_since = self._loop.time() if event.idle else None
            if not event.idle:
                self._head_since = None
            elif self._shared.context.terminated.is_set():
                self._close()
            else:
                self._unsent.flush()
        elif type(event) is Closed:
            self._close()

    async def _say(self, data: bytes) -> None:
        if self._transport.is_closing():
            await self._protocol.handle(Closed())  # an app that only writes learns here that nobody listens
            return
        if data and not self._leaving and self._unsent.add(data):
            try:
                await self._unsent.drain()
            except ConnectionError:
                await self._protocol.handle(Closed())

    def _close(self) -> None:
        """The last word is said: half-close, and leave the peer a moment to read it (RFC 9112 section 9.6)."""
        if self._leaving:
            return
        if isinstance(self._protocol, Http2):
            self._unsent.add(self._protocol.last_words())
        self._unsent.flush()
        self._leaving = True
        if not self._transport.is_closing():
            self._stream.say_goodbye()
            if not self._reader.at_eof():  # else the close that follows at once says the same
                with contextlib.suppress(OSError):
                    self._writer.write_eof()
        self._last_chance = self._loop.time() + self._shared.limits.idle_seconds
        self._timer.cancel()
        self._timer = self._loop.call_later(self._shared.limits.closing_seconds, self._give_up)

    async def _leave(self) -> None:
        self._close()
        with contextlib.suppress(OSError):
            while await self._reader.read(FLUSH_BYTES):
                pass
            self._transport.close()
            await self._writer.wait_closed()

    @property
    def _look_seconds(self) -> float:
        return min(self._shared.limits.idle_seconds, self._shared.limits.write_seconds / LOOKS)

    def _look(self) -> None:
        """Has the connection been idle for too long, or its peer deaf? One timer that looks again costs less than one
        for every call."""
        idle_seconds, now = self._shared.limits.idle_seconds, self._loop.time()
        left = idle_seconds if self._idle_since is None else self._idle_since + idle_seconds - now
        deaf = self._deaf_for(now)
        if deaf >= self._shared.limits.write_seconds:
            seen = f"answers of which the client has taken nothing for {deaf:.0f} s"
            self.broken("http.answer_not_taken", seen, "a client that reads its answers", 0)
            self._transport.abort()
        elif left <= 0:
            self._close()
        else:
            self._timer = self._loop.call_later(min(left, self._look_seconds), self._look)

    def _deaf_for(self, now: float) -> float:
        windows, passed = self._protocol.waiting, self._protocol.handed_on
        transport = self._transport.get_write_buffer_size()
        written = self._unsent.written
        return self._taking.deaf_for(now, windows=windows, passed=passed, transport=transport, written=written)

    def _give_up(self) -> None:
        """A peer that still reads a long answer gets more time; one that only does not close does not."""
        last_chance = self._last_chance
        if self._transport.get_write_buffer_size() and last_chance is not None and self._loop.time() < last_chance:
            self._timer = self._loop.call_later(self._shared.limits.closing_seconds, self._give_up)
        else:
            self._transport.abort()

    def _extensions(self) -> dict[str, Any]:
        if not self._told_apps:
            self._told_apps = extensions_of(self._peer, self._server_cert)
        return self._told_apps

    def _app_failed(self, error: BaseException) -> None:
        self.broken("http.app_failed", f"{type(error).__name__}: {error}", "an app that catches its own errors", 500)

    def _failed(self, error: BaseException) -> None:
        self.broken("http.protocol_error", f"{type(error).__name__}: {error}", "a call that this server understands", 0)
        self._transport.abort()

    def _speak(self, protocol: type[Http1] | type[Http2]) -> Http1 | Http2:
        shared = self._shared
        return protocol(
            # Hypercorn only carries the app from here to Calls, where it is called as the plain ASGI app that it is.
            cast(AppWrapper, self._app),
            shared.config,
            shared.context,
            self._calls,
            ConnectionState({}),
            self._peer.handshake is not None,
            self._peer.address,
            self._server_address,
            self._hear,
            broken=self.broken,
        )
