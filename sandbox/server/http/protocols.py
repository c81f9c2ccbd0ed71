"""HTTP/1.1 and HTTP/2 as Hypercorn speaks them, with the context that it asks for.

Whatever goes wrong is explained in the journal."""

import asyncio
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import h11
from h2.connection import ConnectionState
from h2.errors import ErrorCodes
from h2.events import Event as H2Event
from h2.events import PriorityUpdated, RequestReceived, StreamReset, TrailersReceived
from h2.exceptions import ProtocolError
from h11._headers import Headers, normalize_and_validate
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.events import EndBody, Request, Response, StreamClosed
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.h2 import H2Protocol
from hypercorn.protocol.h11 import STREAM_ID, H2ProtocolAssumedError, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream
from hypercorn.protocol.ws_stream import ASGIWebsocketState, WSStream
from hypercorn.typing import AppWrapper, SingleTask
from hypercorn.typing import Event as AnyEvent

from sandbox.server.http.flaws import ambiguous, flaw_of, of_compression, of_header, unquoted
from sandbox.server.http.frames import Frames

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sandbox.server.http.calls import Calls


class Signal:
    """An event as Hypercorn awaits it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def clear(self) -> None:
        self._event.clear()

    async def wait(self) -> None:
        await self._event.wait()

    async def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()


class ProtocolContext:
    """What all connections of a listener share with Hypercorn."""

    event_class: type[AnyEvent] = Signal
    single_task_class: type[SingleTask]

    def __init__(self) -> None:
        self.terminate: Any = Signal()
        self.terminated: Any = Signal()

    async def mark_request(self) -> None:
        """Hypercorn counts calls here to end a worker after so many; ours does not end."""

    @staticmethod
    async def sleep(wait: float | int) -> None:
        await asyncio.sleep(wait)

    @staticmethod
    def time() -> float:
        return asyncio.get_running_loop().time()


H11Event = h11.Data | h11.EndOfMessage | h11.InformationalResponse | h11.Response
"""What Hypercorn sends by h11."""
Broken = Callable[[str, str, str, int], None]
"""Reports a cause, what was seen, what was expected, and the status that we answer ourselves (0 for none)."""

_EXPLANATIONS = {
    400: ("http.head_malformed", "Bad Request", "an HTTP/1.1 call as RFC 9112 writes it"),
    408: ("http.head_slow", "Request Timeout", "the whole head of a call within the limit"),
    431: ("http.head_too_large", "Request Header Fields Too Large", "a smaller head"),
    501: ("http.head_malformed", "Not Implemented", "transfer-encoding chunked or none (RFC 9112 section 6.1)"),
}


_PHRASES = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}
_PLAIN = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: (?:[!-~](?:[ -~]*[!-~])?)?\r\n)*")
"""Headers that nothing can be wrong with (RFC 9110 section 5.5): h11 need not look at each name and value by itself."""
_CLIENT_HELLO = b"\x16\x03"  # RFC 8446 section 5.1: a handshake record of any version


class Http1(H11Protocol):
    """HTTP/1.1: what is no call is answered and explained here, for no app will see it."""

    waiting = handed_on = 0
    """It has no windows: an answer waits in the transport."""

    def __init__(self, *args: Any, broken: Broken) -> None:
        super().__init__(*args)
        self._broken = broken
        self._calls = cast("Calls", self.task_group)
        self._calls_of_one_read = 0
        self._upgrade = False

    @property
    def head_begun(self) -> bytes:
        """What has come of a head that is not complete."""
        return self.connection.trailing_data[0]

    async def refuse(self, status: int, seen: str) -> None:
        """Answer in plain text what is no call, and tell the witness first."""
        cause, phrase, expected = _EXPLANATIONS.get(status, _EXPLANATIONS[400])
        self._broken(cause, seen, expected, status)
        text = f"{phrase}: {seen}; expected {expected}.\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(text)),
            (b"connection", b"close"),
            *self.config.response_headers("h11"),
        ]
        await self._send_h11_event(h11.Response(status_code=status, reason=phrase.encode(), headers=headers))
        await self._send_h11_event(h11.Data(data=text))
        await self._send_h11_event(h11.EndOfMessage())

    async def _send_error_response(self, status_code: int) -> None:
        if self.head_begun.startswith(_CLIENT_HELLO):
            seen = "a TLS ClientHello on a port of plain HTTP: use http:// instead of https://"
        else:
            # h11 ends some of its sentences with the line itself, which may hold credentials.
            error = str(sys.exception() or "what came is not HTTP/1.1")
            seen = error.partition(": bytearray(")[0] + of_header(error)
        await self.refuse(status_code, seen)

    async def _send_h11_event(self, event: H11Event) -> None:
        # Asked by type: h11's events are abstract classes, of which isinstance() takes ten times as long to say no.
        if type(event) is h11.InformationalResponse:
            event = h11.InformationalResponse(
                status_code=event.status_code, headers=event.headers, reason=_PHRASES.get(event.status_code, b"")
            )
        await super()._send_h11_event(event)

    async def stream_send(self, event: StreamEvent) -> None:
        """As Hypercorn does, with a reason phrase, of which it writes none: RFC 9112 section 4 lets it be empty, but
        people read it, and some clients print it."""
        unopened = type(self.stream) is WSStream and self.stream.state is ASGIWebsocketState.HANDSHAKE
        if unopened and type(event) is Response and event.status_code == HTTPStatus.BAD_REQUEST:
            seen = "a WebSocket whose handshake is not one, or data before its answer"
            self._broken("http.head_malformed", seen, "an HTTP call: no provider speaks WebSocket", event.status_code)
        if type(event) is Response and event.status_code >= 200:
            headers = _judged([*event.headers, *self.config.response_headers("h11")])
            status, reason = event.status_code, _PHRASES.get(event.status_code, b"")
            await self._send_h11_event(h11.Response(status_code=status, reason=reason, headers=headers))
        else:
            await super().stream_send(event)
        if unopened and type(event) is EndBody:
            await self.send(Closed())  # that answer says so, and Hypercorn would wait for the peer for ever

    async def handle(self, event: Event) -> None:
        """Take bytes or the end of the connection."""
        self._calls_of_one_read = 0
        try:
            await super().handle(event)
        except _Ambiguous:
            pass
        self._calls.all_read()

    async def _create_stream(self, request: h11.Request) -> None:
        """As Hypercorn does, which first looks through all headers for a WebSocket: few calls ask for an upgrade."""
        if self._calls_of_one_read:
            await asyncio.sleep(0)  # other connections have their turn between calls that came together
        self._calls_of_one_read += 1
        if self._upgrade:
            await super()._create_stream(request)
            return
        self.stream = HTTPStream(
            self.app,
            self.config,
            self.context,
            self.task_group,
            self.ssl,
            self.client,
            self.server,
            self.stream_send,
            STREAM_ID,
        )
        call = Request(
            stream_id=STREAM_ID,
            headers=list(request.headers),
            http_version=request.http_version.decode("ascii"),
            method=request.method.decode("ascii").upper(),
            raw_path=request.target,
            state=self.connection_state,
        )
        await self.stream.handle(call)

    async def _check_protocol(self, event: h11.Request) -> None:
        names = {name for name, _ in event.headers}
        self._upgrade = b"upgrade" in names
        if flaw := ambiguous(names, event.http_version):
            await self.refuse(400, flaw)
            await self.send(Closed())
            raise _Ambiguous
        # HTTP/2 without TLS by prior knowledge; the upgrade from HTTP/1.1 is gone from RFC 9113 (section 3.1).
        if event.method == b"PRI" and event.target == b"*" and event.http_version == b"2.0":
            raise H2ProtocolAssumedError(b"PRI * HTTP/2.0\r\n\r\n" + self.connection.trailing_data[0])


def _judged(headers: list[tuple[bytes, bytes]]) -> Headers:
    """The headers of a response, as h11 has them when it has judged them."""
    names = {name for name, _ in headers}
    if b"transfer-encoding" in names or len(names) < len(headers):
        return normalize_and_validate(headers)
    if not _PLAIN.fullmatch(b"".join([b"%b: %b\r\n" % pair for pair in headers])):
        return normalize_and_validate(headers)
    return Headers([(name, name.lower(), value) for name, value in headers])


class _Ambiguous(Exception):
    """Where the call ends can be read in two ways; nothing more is read of the connection."""


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
