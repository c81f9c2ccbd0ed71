"""HTTP/2 as Hypercorn speaks it: its floods, its windows, and headers that no call may have."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from h2.connection import ConnectionState
from h2.errors import ErrorCodes
from h2.events import Event as H2Event
from h2.events import PriorityUpdated, RequestReceived, StreamReset, TrailersReceived
from h2.exceptions import ProtocolError
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.events import Response, StreamClosed
from hypercorn.protocol.h2 import H2Protocol
from hypercorn.protocol.http_stream import HTTPStream
from hypercorn.protocol.ws_stream import WSStream
from hypercorn.typing import AppWrapper

from sandbox.server.http.flaws import Broken, flaw_of, of_compression, unquoted
from sandbox.server.http.frames import Frames

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

UNSENT_BYTES = 1024 * 1024
"""Of answers that wait for one peer's windows: with more, none of its calls is begun. Most answers have some KiB."""
_RESET = b"\0\0\4\3\0%b%b"  # RFC 9113 section 6.4: length, type and flags; then the stream and the error


class Http2(H2Protocol):
    """HTTP/2: calls that an app answered early do not break the connection, and its end frees every waiting app."""

    def __init__(self, *args: Any, broken: Broken) -> None:
        super().__init__(*args)
        self._broken = broken
        self.streams = _Streams()
        self._last_answer = False
        self._frames = Frames()
        self._turn = asyncio.Lock()
        self._taken = asyncio.Event()
        self.handed_on = 0
        """Bytes of answers that the peer's windows have let pass."""
        self.app = cast("AppWrapper", partial(self._begin, cast("ASGIApp", self.app)))
        # h2 ends the whole connection at one bad header; RFC 9113 section 8.1.1 has it end its stream. So we judge.
        self.connection.config.validate_inbound_headers = False

    async def handle(self, event: Event) -> None:
        """Take bytes or the end of the connection."""
        if isinstance(event, RawData):
            for piece in self._frames.pieces(event.data, int(self.context.time())):
                if not await self._take(piece):
                    break
                if len(piece) < len(event.data):
                    await asyncio.sleep(0)  # other connections have their turn
            if self._frames.flood and not self._ended:
                self._broken("http.control_flood", f"HTTP/2: {self._frames.flood}", "few of them", 0)
                self.connection.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
                await self._flush()
                await self.send(Closed())
            return
        await super().handle(event)
        for buffer in self.stream_buffers.values():
            await buffer.close()
        self._taken.set()

    async def _take(self, data: bytes) -> bool:
        """Whether more may come after these bytes."""
        if self._ended:
            return False
        try:
            events = self.connection.receive_data(data)
        except ProtocolError as error:
            # h2 quotes header values in its sentences, which may be credentials.
            seen = f"HTTP/2: {unquoted(error)}"
            self._broken("http.protocol_error", seen, "frames as RFC 9113 writes them", 0)
            last = self.connection.data_to_send()
            if of_compression(error):  # the end of a GOAWAY is its error
                last = last[:-4] + ErrorCodes.COMPRESSION_ERROR.to_bytes(4, "big")
            await self.send(RawData(last))
            await self.send(Closed())
            return False
        for event in events:
            if isinstance(event, StreamReset) and not event.remote_reset:
                self._frames.made_reset()
        await self._handle_events([event for event in events if not await self._malformed(event)])
        return not (self._frames.flood or self._ended)

    @property
    def _ended(self) -> bool:
        """Whether a GOAWAY was sent, or came."""
        return self.connection.state_machine.state is ConnectionState.CLOSED

    @property
    def waiting(self) -> int:
        """Bytes of answers that wait for the peer's windows."""
        return sum(len(buffer.buffer) for buffer in self.stream_buffers.values())

    async def _begin(self, app: "ASGIApp", scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a call when there is room for its answer: a peer that takes none of a hundred answers must not have
        all of them kept for it. One after the other, for each may fill the room."""
        waited = self._turn.locked()
        async with self._turn:
            while self.waiting >= UNSENT_BYTES and not self.closed:
                waited = True
                self._taken.clear()
                await self._taken.wait()
        if not (waited and self.closed):  # else nobody is there any more, and the call has done nothing
            await app(scope, receive, send)

    async def _send_data(self, stream_id: int) -> None:
        buffer = self.stream_buffers.get(stream_id)
        with suppress(ProtocolError):  # the stream has ended
            window = self.connection.local_flow_control_window(stream_id)
            self.handed_on += max(0, min(window, len(buffer.buffer))) if buffer else 0
        await super()._send_data(stream_id)
        self._taken.set()

    async def _priority_updated(self, event: PriorityUpdated) -> None:
        """Nothing: RFC 9113 section 5.3.2 has given this up, and Hypercorn keeps a node for each stream of the tree."""

    async def stream_send(self, event: StreamEvent) -> None:
        """An app that closes the connection with its answer says so as in HTTP/1.1; here it becomes a GOAWAY."""
        if isinstance(event, Response) and (b"connection", b"close") in event.headers:
            event = replace(event, headers=[pair for pair in event.headers if pair[0] != b"connection"])
            self._last_answer = True
        await super().stream_send(event)
        if self._last_answer and isinstance(event, StreamClosed):
            await self.send(Closed())

    async def _malformed(self, event: H2Event) -> bool:
        """Whether these are headers that no call may have; then its stream has had its answer, and ends."""
        if not isinstance(event, RequestReceived | TrailersReceived):
            return False
        # White space around a value is no part of it: here as in HTTP/1.1 (RFC 9110 section 5.5). Go's clients send it.
        event.headers = [(name, value.strip(b" \t")) for name, value in event.headers or ()]
        flaw = flaw_of(event)
        if flaw:
            seen, expected = f"HTTP/2: {flaw}", "headers as RFC 9113 section 8.2 writes them"
            if isinstance(event, RequestReceived):
                self._broken("http.header_malformed", seen, expected, 400)
                await self._answer_malformed(event, f"Bad Request: {seen}; expected {expected}.\n".encode())
            else:
                self._broken("http.header_malformed", seen, expected, 0)
                self.connection.reset_stream(event.stream_id, ErrorCodes.PROTOCOL_ERROR)
                await self._close_stream(event.stream_id)
        return bool(flaw)

    async def _answer_malformed(self, event: RequestReceived, text: bytes) -> None:
        """A 400, and then the reset that RFC 9113 section 8.1.1 asks for: a client has the answer before it."""
        stream_id = event.stream_id
        headers = [
            (b":status", b"400"),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            *self.config.response_headers("h2"),
        ]
        fits = len(text) <= self.connection.local_flow_control_window(stream_id)
        self.connection.send_headers(stream_id, headers[:: 1 if fits else 3], end_stream=not fits)
        if fits:
            self.connection.send_data(stream_id, text, end_stream=True)
        await self._flush()
        if event.stream_ended is None:
            self.connection.reset_stream(stream_id, ErrorCodes.PROTOCOL_ERROR)
        else:  # h2 writes no frame for a stream that both sides have ended
            await self.send(
                RawData(_RESET % (stream_id.to_bytes(4, "big"), ErrorCodes.PROTOCOL_ERROR.to_bytes(4, "big")))
            )

    def last_words(self) -> bytes:
        """That no call will be taken any more (RFC 9113 section 6.8), and whatever was still to be said."""
        if not (self.closed or self._ended):
            self.connection.close_connection()
        return self.connection.data_to_send()


class _Streams(dict[int, HTTPStream | WSStream]):
    """The calls at work on a connection. What still comes for one that was answered is let fall: the peer is allowed
    to finish its body (RFC 9113 section 8.1), where Hypercorn stumbles over the missing key."""

    def __missing__(self, stream_id: int) -> Any:
        return _ANSWERED


class _Answered:
    async def handle(self, event: StreamEvent) -> None:
        """Let it fall."""


_ANSWERED = _Answered()
