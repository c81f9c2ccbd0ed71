"""HTTP/1.1 and HTTP/2 as Hypercorn speaks them, with the context that it asks for.

Whatever goes wrong is explained in the journal."""

import asyncio
import re
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import h11
from h2.exceptions import ProtocolError
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.h2 import H2Protocol
from hypercorn.protocol.h11 import H2ProtocolAssumedError, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream
from hypercorn.protocol.ws_stream import WSStream
from hypercorn.typing import Event as AnyEvent
from hypercorn.typing import SingleTask


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


Broken = Callable[[str, str, str, int], None]
"""Reports a cause, what was seen, what was expected, and the status that we answer ourselves (0 for none)."""

_EXPLANATIONS = {
    400: ("http.head_malformed", "Bad Request", "an HTTP/1.1 call as RFC 9112 writes it"),
    408: ("http.head_slow", "Request Timeout", "the whole head of a call within the limit"),
    431: ("http.head_too_large", "Request Header Fields Too Large", "a smaller head"),
    501: ("http.head_malformed", "Not Implemented", "transfer-encoding chunked or none (RFC 9112 section 6.1)"),
}


PHRASES = {status.value: status.phrase.encode() for status in HTTPStatus}
"""The reason phrases of HTTP/1.1; HTTP/2 has none."""
_QUOTED = re.compile(r"\s*b['\"]")  # where a sentence of h2's begins to quote bytes
_CLIENT_HELLO = b"\x16\x03"  # RFC 8446 section 5.1: a handshake record of any version


class Http1(H11Protocol):
    """HTTP/1.1: what is no call is answered and explained here, for no app will see it."""

    def __init__(self, *args: Any, broken: Broken) -> None:
        super().__init__(*args)
        self._broken = broken

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
            seen = str(sys.exception() or "what came is not HTTP/1.1").partition(": bytearray(")[0]
        await self.refuse(status_code, seen)

    async def _send_h11_event(self, event: Any) -> None:
        if isinstance(event, h11.Response) and not event.reason and (phrase := PHRASES.get(event.status_code)):
            # Some clients show the phrase to people (RFC 9112 section 4), and Hypercorn sends none.
            event = h11.Response(status_code=event.status_code, headers=event.headers, reason=phrase)
        await super()._send_h11_event(event)

    async def _check_protocol(self, event: h11.Request) -> None:
        # HTTP/2 without TLS by prior knowledge; the upgrade from HTTP/1.1 is gone from RFC 9113 (section 3.1).
        if event.method == b"PRI" and event.target == b"*" and event.http_version == b"2.0":
            raise H2ProtocolAssumedError(b"PRI * HTTP/2.0\r\n\r\n" + self.connection.trailing_data[0])


class Http2(H2Protocol):
    """HTTP/2: calls that an app answered early do not break the connection, and its end frees every waiting app."""

    def __init__(self, *args: Any, broken: Broken) -> None:
        super().__init__(*args)
        self._broken = broken
        self.streams = _Streams()

    async def handle(self, event: Event) -> None:
        """Take bytes or the end of the connection."""
        if isinstance(event, RawData):
            try:
                events = self.connection.receive_data(event.data)
            except ProtocolError as error:
                # h2 quotes header values in its sentences, which may be credentials.
                seen = f"HTTP/2: {_QUOTED.split(str(error), 1)[0]}"
                self._broken("http.protocol_error", seen, "frames as RFC 9113 writes them", 0)
                await self._flush()
                await self.send(Closed())
            else:
                await self._handle_events(events)
            return
        await super().handle(event)
        for buffer in self.stream_buffers.values():
            await buffer.close()

    def last_words(self) -> bytes:
        """That no call will be taken any more (RFC 9113 section 6.8), and whatever was still to be said."""
        if not self.closed:
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
