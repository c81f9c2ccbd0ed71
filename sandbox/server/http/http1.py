"""HTTP/1.1 as Hypercorn speaks it: what is no call is answered here, and explained in the journal."""

import asyncio
import re
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import h11
from h11._headers import Headers, normalize_and_validate
from hypercorn.events import Closed, Event
from hypercorn.protocol.events import EndBody, Request, Response
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.h11 import STREAM_ID, H2ProtocolAssumedError, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream
from hypercorn.protocol.ws_stream import ASGIWebsocketState, WSStream

from sandbox.server.http.flaws import Broken, ambiguous, of_header

if TYPE_CHECKING:
    from sandbox.server.http.calls import Calls

H11Event = h11.Data | h11.EndOfMessage | h11.InformationalResponse | h11.Response
"""What Hypercorn sends by h11."""
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
