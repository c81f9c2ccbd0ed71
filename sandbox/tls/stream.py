"""The TLS side of a connection: the handshake, plain bytes after it, and a last word that the peer hears."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable

from cryptography import x509
from OpenSSL import SSL

from ca.errors import Refusal
from sandbox.tls.contexts import TrustBook, uncovered
from sandbox.tls.explain import (
    Progress,
    closed_early,
    explain,
    explain_later,
    left_silent,
    not_tls,
    plain_http,
    renegotiated,
    too_slow,
)
from sandbox.tls.hello import MAX_HELLO_BYTES, asks_for_status, read_hello, server_name, takes_rsa_only
from sandbox.tls.verdict import Handshake, HandshakeRefused, Observed, chain_sent, presented

FAREWELL_SECONDS = 1.0  # long enough for a round trip around the world, short enough for a stop within a second or so

_READ_BYTES = 65536


async def part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last_word: bytes) -> None:
    """Say the last word, half-close, and read on until the peer closes, at most a second.

    Closing with unread bytes makes TCP send a reset, which overtakes the last word (RFC 9112 section 9.6)."""
    with contextlib.suppress(OSError, TimeoutError):
        if last_word:
            writer.write(last_word)
        if writer.can_write_eof():
            writer.write_eof()
        async with asyncio.timeout(FAREWELL_SECONDS):
            while await reader.read(_READ_BYTES):
                pass
    writer.transport.abort()


READ_BYTES = 65536
RECORD_BYTES = 16384  # a TLS record's plaintext (RFC 8446 section 5.1): SSL_read never returns more
RECORD_SLACK = 1024  # for the headers and tags of the records around a write; more only costs another bio_read

_HANDSHAKE_RECORD = 0x16  # RFC 8446 section 5.1: the first byte of every ClientHello
_HTTP_START = re.compile(rb"(?!PROXY )[A-Z]{3,16} [^\r\n]")
_NO_PLAIN_HTTP = b"This port speaks HTTPS. Use https:// instead of http:// with the same address.\n"
_HTTP_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"connection: close\r\n\r\n%b" % (len(_NO_PLAIN_HTTP), _NO_PLAIN_HTTP)
)


class TlsStream:
    """An established TLS connection. Writing never waits: backpressure is the raw writer's drain."""

    __slots__ = (
        "_connection",
        "_leaving",
        "_observed",
        "_progress",
        "_reader",
        "_writer",
        "handshake",
        "heard",
        "tell",
    )

    def __init__(
        self,
        connection: SSL.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handshake: Handshake,
        observed: Observed,
        progress: Callable[[], Progress],
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._writer = writer
        self._observed = observed
        self._progress = progress
        self._leaving = False
        self.handshake = handshake
        self.heard = False
        """Whether the client has said anything: who never does may not trust us, and has not said so."""
        self.tell: Callable[[Refusal], None] = lambda reason: None
        """Told what goes wrong with TLS from now on; once."""

    async def read(self) -> bytes:
        """What the peer said next; empty once it says no more. A broken connection is a ConnectionError."""
        connection, observed = self._connection, self._observed
        while True:
            try:
                said = connection.recv(RECORD_BYTES)
                self.heard = True
                return said
            except SSL.WantReadError:
                if observed.alert_sent:
                    self._renegotiated()
            except SSL.ZeroReturnError:
                self._ended()
                return b""  # close_notify: the peer may still listen (RFC 8446 section 6.1)
            except SSL.Error as error:
                raise self._broken(error) from error
            data = await self._receive()
            if not data:
                return b""
            connection.bio_write(data)

    async def _receive(self) -> bytes:
        try:
            data = await self._reader.read(READ_BYTES)
        except ConnectionError:
            self._ended()
            raise
        if not data:
            self._ended()
        return data

    def _ended(self) -> None:
        """The peer says no more: it is noteworthy where it never has, and we had not said goodbye."""
        if not self.heard and not self._leaving:
            self._told(left_silent(self._progress()))

    def _broken(self, error: SSL.Error) -> ConnectionError:
        """OpenSSL will not go on. What it has to say to the peer, its alert, is sent."""
        self._told(explain_later(error, self._observed, self._progress(), heard=self.heard))
        self._writer.write(_outgoing(self._connection, RECORD_SLACK))
        return ConnectionAbortedError("the TLS connection is broken")

    def _renegotiated(self) -> None:
        """An alert that ends nothing. OpenSSL leaves it to the next write, for which the peer might wait for ever."""
        if self._observed.alert_sent == "no_renegotiation":
            self._told(renegotiated())
        self._observed.alert_sent = ""
        self._writer.write(_outgoing(self._connection, RECORD_SLACK))

    def _told(self, reason: Refusal) -> None:
        tell, self.tell = self.tell, lambda reason: None
        if not self._leaving:
            tell(reason)

    def write(self, data: bytes) -> None:
        """Say something to the peer."""
        try:
            self._connection.sendall(data)
        except SSL.Error as error:
            raise ConnectionAbortedError("the TLS connection is broken") from error
        self._writer.write(_outgoing(self._connection, len(data) + RECORD_SLACK))

    def say_goodbye(self) -> None:
        """Tell the peer that nothing more comes: close_notify. A connection that broke has nobody to tell."""
        self._leaving = True
        try:
            self._connection.shutdown()
        except SSL.Error:
            return
        self._writer.write(_outgoing(self._connection, RECORD_SLACK))


ContextPair = tuple[SSL.Context, SSL.Context]
"""The context of a handshake, and the bare one that its connection is made with."""
Staple = Callable[[], Awaitable[bytes]]
"""Waits for an OCSP answer about our own certificate; empty where there is none."""
Beside = Callable[[], Awaitable[ContextPair]]
"""Waits for an RSA certificate; then the two contexts with it."""
AtName = Callable[[str], tuple[ContextPair, x509.Certificate] | None]
"""The two contexts for a server name, and the certificate that they show; None: as for any other name."""


async def accept(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    context: SSL.Context,
    *,
    seconds: float,
    bare: SSL.Context | None = None,
    staple: "Staple | None" = None,
    ours: x509.Certificate | None = None,
    beside: Beside | None = None,
    at_name: AtName | None = None,
) -> TlsStream:
    """Perform the server's side of a handshake, or raise HandshakeRefused.

    `bare` is what the connection is made with and goes back to, see DoorContexts; `staple` gives an OCSP answer to
    who asks; `ours` is the certificate that the client is shown, `beside` gives the contexts for one that takes RSA
    only, and `at_name` those for a name at which another certificate is shown."""
    greeting = _Greeting(reader, writer, context, bare or context, staple, ours, beside, at_name)
    try:
        async with asyncio.timeout(seconds):
            handshake = await greeting.exchange()
    except TimeoutError:
        raise greeting.refused(too_slow(greeting.received, seconds)) from None
    except ConnectionError:
        raise greeting.refused(closed_early(greeting.received, greeting.progress())) from None
    greeting.observed.alert_sent = ""
    return TlsStream(greeting.connection, reader, writer, handshake, greeting.observed, greeting.progress)


class _Greeting:
    """One handshake under way."""

    __slots__ = ("_at_name", "_beside", "_book", "_hello", "_ours", "_reader", "_staple", "_started", "_writer",
                 "answered", "bare", "connection", "observed", "received")  # fmt: skip

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: SSL.Context,
        bare: SSL.Context,
        staple: "Staple | None",
        ours: x509.Certificate | None,
        beside: "Beside | None",
        at_name: "AtName | None",
    ) -> None:
        self._reader = reader
        self._writer = writer
        self.observed = Observed()
        self._staple = staple
        self._ours = ours
        self._hello = b""
        self._started = asyncio.get_running_loop().time()
        self.received = 0
        self.answered = False
        self._beside = beside
        self._at_name = at_name
        self._connect(context, bare)

    def _connect(self, context: SSL.Context, bare: SSL.Context) -> None:
        self.bare = bare
        self._book: TrustBook | None = context.get_app_data()
        if self._book:
            self.observed.pins, self.observed.revoked = self._book.pins, self._book.revoked
        self.connection = SSL.Connection(bare)
        self.connection.set_app_data(self.observed)
        self.connection.set_accept_state()
        if context is not bare:
            self.connection.set_context(context)

    async def exchange(self) -> Handshake:
        """Messages to and fro until the handshake is done."""
        first = await self._receive()
        if first[0] != _HANDSHAKE_RECORD:
            raise self._no_hello()
        first = await self._choose(first)
        hello = read_hello(first)
        if self._beside and takes_rsa_only(hello):
            self._connect(*await self._beside())
        if self._staple and asks_for_status(hello):
            self.observed.staple = await self._staple()
        self.connection.bio_write(first)
        while not self._step():
            self.connection.bio_write(await self._receive())
        self.connection.set_context(self.bare)
        return self._agreed()

    async def _choose(self, first: bytes) -> bytes:
        """Take the contexts for which the hello asks; what of it has come by then."""
        if self._at_name:
            while (name := server_name(first)) is None and len(first) < MAX_HELLO_BYTES:
                first += await self._receive()
            if other := self._at_name(name or ""):
                pair, self._ours = other
                self._staple = self._beside = None  # they speak of the usual certificate
                self._connect(*pair)
        return first

    def refused(self, reason: Refusal, farewell: bytes = b"") -> HandshakeRefused:
        """The refusal as it is reported; whoever catches it tells the peer."""
        chain = self.observed.chain
        ours = self._book.authorities if self._book else ()
        return HandshakeRefused(
            Handshake(
                ok=False,
                cause=reason.code,
                seen=reason.seen,
                expected=reason.expected,
                alert=self.observed.alert_sent,
                alert_received=self.observed.alert_received,
                # agreed on with the hello that we sent; before it OpenSSL names what it would like
                version=self.connection.get_protocol_version_name() if self.answered else "",
                cipher=(self.connection.get_cipher_name() or "") if self.answered else "",
                sni=self._sni(),
                certificate=chain[0] if chain else self._presented(),
                # OpenSSL built this chain from what was sent and from our own anchors
                chain_sent=tuple(one for one in chain[1:] if one not in ours),
                duration_us=self._elapsed_us(),
            ),
            farewell,
        )

    def progress(self) -> Progress:
        """How far it came, and what the client asked for."""
        name = uncovered(self._ours, self._sni(), self._writer.get_extra_info("sockname")) if self._ours else ""
        return Progress(hello=self._hello, answered=self.answered, certificate=self._presented(), uncovered=name)

    def _presented(self) -> x509.Certificate | None:
        """The client's certificate, where OpenSSL took it and something else was wrong."""
        return presented(self.connection)[0] if self.answered else None

    async def _receive(self) -> bytes:
        data = await self._reader.read(READ_BYTES)
        if not data:
            raise self.refused(closed_early(self.received, self.progress()))
        self.received += len(data)
        if not self.answered and len(self._hello) < READ_BYTES:
            self._hello += data
        return data

    def _step(self) -> bool:
        try:
            self.connection.do_handshake()
        except SSL.WantReadError:
            self._flush()
            return False
        except SSL.Error as error:
            reason = explain(error, self.observed, self._book, self.progress())
            raise self.refused(reason, _outgoing(self.connection, RECORD_SLACK)) from None
        if self.connection.get_protocol_version() < SSL.TLS1_3_VERSION:
            self._flush()
        # In TLS 1.3 only tickets are left, which nobody needs: they go with the first answer, in the same packet.
        return True

    def _flush(self) -> None:
        data = _outgoing(self.connection, RECORD_BYTES)
        if data:
            self.answered = True
            self._writer.write(data)

    def _no_hello(self) -> HandshakeRefused:
        if _HTTP_START.match(self._hello):
            return self.refused(plain_http(self._hello), _HTTP_ANSWER)
        return self.refused(not_tls(self._hello))

    def _agreed(self) -> Handshake:
        connection = self.connection
        certificate, mark = presented(connection)
        return Handshake(
            ok=True,
            version=connection.get_protocol_version_name(),
            cipher=connection.get_cipher_name() or "",
            alpn=connection.get_alpn_proto_negotiated().decode("ascii"),
            sni=self._sni(),
            certificate=certificate,
            fingerprint_sha256=mark,
            chain_sent=chain_sent(connection) if mark else (),
            duration_us=self._elapsed_us(),
        )

    def _sni(self) -> str:
        name = self.connection.get_servername()
        return name.decode("ascii", "backslashreplace") if name else ""

    def _elapsed_us(self) -> int:
        return round((asyncio.get_running_loop().time() - self._started) * 1_000_000)


def _outgoing(connection: SSL.Connection, size: int) -> bytes:
    """All that OpenSSL wants to send: its memory BIO is empty only when a read comes back short."""
    parts = []
    while True:
        try:
            part = connection.bio_read(size)
        except SSL.WantReadError:
            break
        parts.append(part)
        if len(part) < size:
            break
    return parts[0] if len(parts) == 1 else b"".join(parts)
