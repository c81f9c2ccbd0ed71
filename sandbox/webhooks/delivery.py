"""The sender: one attempt to deliver one message, and what came of it. Which are due, and what follows, is others'.

HTTP/1.1 by h11 over our own TLS: h11 comes with Hypercorn, does no input or output of its own, and so needs no
adapter; a client library would bring pools, proxies and retries, none of which a webhook may have."""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

import h11

from ca.records import write_serial
from sandbox.errors import Reason
from sandbox.tls.alerts import DISTRUST, VERIFY_NAMES
from sandbox.tls.client import (
    EXPIRED,
    UNTRUSTED,
    WRONG_NAME,
    ClientContext,
    Seen,
    Shown,
    TlsClient,
    TlsRefused,
    describe,
)
from sandbox.tls.hostname import named_in
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Delivery, Outcome
from sandbox.webhooks.sending import Sending

FIRST_BYTES = 512
"""Of an answer, that are kept: enough for the message of an error page, and bounded by us and not by the receiver."""
MOST_HEAD = 65_536
"""Bytes of an answer's head: a receiver that never ends it must not fill our memory."""
MOST_REDIRECTS = 5
MOST_ADDRESSES = 8
"""Of a name, that are tried one after the other within the time of the attempt."""
READ_BYTES = 65_536
_REDIRECTS = (301, 302, 303, 307, 308)
_BECOMES_GET = (301, 302, 303)
"""RFC 9110 section 15.4: what nearly every client makes of a POST there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """With what one message is sent."""

    sending: Sending
    reach: Reach
    context: ClientContext
    shown: Shown | None
    """None: the sender has no certificate, or mutual TLS is off for this receiver."""


async def attempt(delivery: Delivery, errand: Errand) -> Outcome:
    """One attempt. Whatever the receiver does, this comes to an end in the provider's own time, and raises nothing."""
    progress = _Progress()
    began = perf_counter()
    try:
        async with asyncio.timeout(errand.sending.seconds):
            await _Attempt(delivery, errand, progress).run()
    except TimeoutError:
        seen = f"no answer {progress.stage} within {errand.sending.seconds:g} seconds"
        progress.failed = _reason("webhook.timeout", seen, f"an answer within {errand.sending.seconds:g} seconds")
    except _Failed as failed:
        progress.failed = failed.reason
    progress.milliseconds = round((perf_counter() - began) * 1000)
    return progress.outcome(mtls=delivery.mtls)


class _Failed(Exception):
    """The attempt has failed for this reason."""

    def __init__(self, code: str, seen: str, expected: str, next: str = "") -> None:
        super().__init__(code)
        self.reason = _reason(code, seen, expected, next)


@dataclass(slots=True, kw_only=True)
class _Progress:
    """How far an attempt got."""

    stage: str = "while the name was looked up"
    address: str = ""
    plain: bool = False
    tls: Seen | None = None
    status: int = 0
    answer: bytes = b""
    retry_after: datetime | timedelta | None = None
    milliseconds: int = 0
    failed: Reason | None = None

    def outcome(self, *, mtls: bool) -> Outcome:
        seen = self.tls
        done = seen is not None and bool(seen.version)
        return Outcome(
            address=self.address,
            tls=seen.version if seen else "",
            asked=seen.asked if seen and (seen.asked or done) else None,
            listed=seen.listed if seen else (),
            shown=_words(seen) if seen else "",
            server=describe(seen.server) if seen and seen.server else "",
            alert=seen.alert_received if seen and seen.alert_received != "close_notify" else "",
            alert_sent=seen.alert_sent if seen and seen.alert_sent != "close_notify" else "",
            status=self.status,
            answer=self.answer[:FIRST_BYTES].decode("utf-8", "replace"),
            retry_after=self.retry_after,
            milliseconds=self.milliseconds,
            failed=self.failed,
            remarks=tuple(self._remarks(done=done)) if mtls else (),
        )

    def _remarks(self, *, done: bool) -> list[Reason]:
        """What is to be said of the receiver where mutual TLS is wanted, beside why the attempt failed."""
        if self.plain:
            return [_reason("webhook.plain_http", "an http:// URL", "an https:// URL")]
        if self.tls is None or not done or self.failed_over_certificate:
            return []
        if not self.tls.asked:
            seen = f"a {self.tls.version} handshake without a CertificateRequest"
            return [_reason("webhook.no_certificate_asked", seen, "a server that asks for a client certificate")]
        return [_not_listed(self.tls)] if _left_out(self.tls) else []

    @property
    def failed_over_certificate(self) -> bool:
        return self.failed is not None and self.failed.code in ("webhook.ca_not_listed", "webhook.certificate_wanted")


class _Attempt:
    """One attempt under way."""

    def __init__(self, delivery: Delivery, errand: Errand, progress: _Progress) -> None:
        self._delivery = delivery
        self._errand = errand
        self._progress = progress

    async def run(self) -> None:
        url, method = self._delivery.url, "POST"
        for _ in range(MOST_REDIRECTS + 1):
            head = await self._exchange(_read_url(url), method)
            status, success = self._progress.status, self._errand.sending.success
            if status not in _REDIRECTS or self._errand.sending.redirects == "refuse":
                return self._judge(status, head.get("location", ""), ok=status in success)
            target = urljoin(url, head.get("location", ""))
            self._may_follow(_read_url(url), _read_url(target))
            url, method = target, "GET" if status in _BECOMES_GET else method
        raise _Failed("webhook.redirect", f"more than {MOST_REDIRECTS} redirects", "an answer")

    def _judge(self, status: int, location: str, *, ok: bool) -> None:
        if ok:
            return
        if status in _REDIRECTS:
            seen = f"{status} to {location[:200] or 'nowhere'}"
            raise _Failed("webhook.redirect", seen, "an answer at the subscription's own URL")
        raise _Failed("webhook.status", f"HTTP {status}", _range(self._errand.sending))

    def _may_follow(self, here: SplitResult, there: SplitResult) -> None:
        if here.hostname != there.hostname and (reason := self._errand.reach.forbids_redirect(*_hosts(here, there))):
            raise _Failed(reason.code, reason.seen, reason.expected, reason.next)

    async def _exchange(self, url: SplitResult, method: str) -> Mapping[str, str]:
        """Send it there; the headers of the answer, whose status and first bytes are then noted."""
        with closing(await self._connected(url)) as sock:
            channel: _Channel = _Plain(sock)
            if url.scheme == "https":
                channel = await self._secured(sock, _host(url))
            self._progress.plain = url.scheme == "http"
            self._progress.stage = "to the call"
            try:
                return await self._talk(channel, _written(self._delivery, self._errand.sending, url, method))
            except TlsRefused as refused:
                raise self._refused(refused) from None
            except OSError as error:
                raise self._broken(error) from None
            except h11.RemoteProtocolError as error:
                raise _Failed("webhook.not_http", str(error)[:200], "an answer in HTTP/1.1") from None

    async def _connected(self, url: SplitResult) -> socket.socket:
        """Each address of the name is judged before anything is connected to, and then that very address is used: a
        second look-up might answer something else."""
        host, port = _host(url), url.port or (443 if url.scheme == "https" else 80)
        addresses = await _resolved(host, port)
        for address in addresses:
            if reason := self._errand.reach.forbids(host, address[0]):
                raise _Failed(reason.code, reason.seen, reason.expected, reason.next)
        self._progress.stage = "to the connection"
        last = OSError("no address")
        for address in addresses[:MOST_ADDRESSES]:
            self._progress.address = _shown_address(address)
            try:
                return await _dial(address)
            except OSError as error:
                last = error
        seen = f"{self._progress.address}: {last.strerror or last}"
        raise _Failed("webhook.connection_refused", seen, f"a receiver that listens at {host}:{port}")

    async def _secured(self, sock: socket.socket, host: str) -> TlsClient:
        self._progress.stage = "to the TLS hello"
        seen = self._progress.tls = Seen(host=host, shows=self._errand.shown)
        client = TlsClient(sock, self._errand.context, seen)
        try:
            await client.shake_hands()
        except TlsRefused as refused:
            raise self._refused(refused) from None
        except OSError as error:
            raise self._broken(error) from None
        return client

    async def _talk(self, channel: "_Channel", message: "_Message") -> Mapping[str, str]:
        """The call and the head of its answer, with the first bytes of the body as far as they come along."""
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        data = (
            connection.send(h11.Request(method=message.method, target=message.target, headers=message.headers)) or b""
        )
        data += (connection.send(h11.Data(data=message.body)) or b"") + (connection.send(h11.EndOfMessage()) or b"")
        broken: OSError | None = None
        try:
            await channel.write(data)
        except OSError as error:
            broken = error  # it may have said why before it hung up
        head: Mapping[str, str] = {}
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                received = await channel.read()
                if not received and not head:
                    raise broken or ConnectionResetError("the receiver closed the connection without an answer")
                connection.receive_data(received)
            elif isinstance(event, h11.Response):
                head = self._noted(event)
            elif isinstance(event, h11.Data):
                self._progress.answer += bytes(event.data)
                if len(self._progress.answer) >= FIRST_BYTES:
                    return head
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED:
                return head

    def _noted(self, response: h11.Response) -> Mapping[str, str]:
        head = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        self._progress.status, self._progress.answer = response.status_code, b""
        self._progress.retry_after = _retry_after(head.get("retry-after", ""))
        return head

    def _refused(self, refused: TlsRefused) -> _Failed:
        """TLS came to nothing: by our own judgement of the server, or by its judgement of us."""
        seen = self._progress.tls
        assert seen is not None, "it was in TLS"
        if seen.error:
            return _bad_server(seen)
        if seen.alert_received:
            return self._alerted(seen)
        return _Failed("webhook.tls_failed", f"TLS ended: {refused.reason}", "a server that speaks TLS 1.2 or 1.3")

    def _alerted(self, seen: Seen) -> _Failed:
        alert = seen.alert_received
        if seen.asked and seen.shown is None and alert in _MISSING:
            if _left_out(seen):
                reason = _not_listed(seen)
                return _Failed(reason.code, f"{reason.seen}; then alert {alert}", reason.expected)
            return _Failed("webhook.certificate_wanted", f"alert {alert}", "a sender with a certificate")
        if seen.shown is not None and (alert in DISTRUST or alert in _REFUSING):
            said = f"alert {alert} to {_words(seen)}"
            return _Failed("webhook.certificate_refused", said, "a receiver that trusts the sender's CA")
        return _Failed("webhook.tls_failed", f"alert {alert}", "a server that speaks TLS 1.2 or 1.3")

    def _broken(self, error: OSError) -> _Failed:
        """The connection broke. Where an alert came before, that says more."""
        seen = self._progress.tls
        if seen is not None and seen.alert_received not in ("", "close_notify"):
            return self._alerted(seen)
        said = f"{error.strerror or error}, {self._progress.stage.replace('to the', 'before an answer to the')}"
        return _Failed("webhook.reset", said, "an answer")


_MISSING = ("certificate_required", "handshake_failure", "bad_certificate")
"""What servers send to who shows no certificate: the first in TLS 1.3, the others in TLS 1.2."""
_REFUSING = ("handshake_failure", "access_denied", "decrypt_error", "internal_error")
"""What servers send to who shows one that they do not take, where they say nothing clearer."""


class _Channel(Protocol):
    async def write(self, data: bytes) -> None: ...

    async def read(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Plain:
    """A connection without TLS."""

    sock: socket.socket

    async def write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def read(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self.sock, READ_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = field(repr=False)


def _written(delivery: Delivery, sending: Sending, url: SplitResult, method: str) -> _Message:
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    own = sending.all_headers(id=delivery.id, own=delivery.headers, test=delivery.test)
    body = delivery.body if method == "POST" else b""
    if method != "POST":
        own.pop("content-type", None)
    named = {"host": url.netloc.rpartition("@")[2], "user-agent": "Sandbank", "accept": "*/*"}
    framing = {"content-length": str(len(body)), "connection": "close"}
    given = {name.lower() for name in own}
    headers = [(name, value) for name, value in {**named, **framing}.items() if name not in given]
    return _Message(method=method, target=target, headers=[*headers, *own.items()], body=body)


def _read_url(url: str) -> SplitResult:
    try:
        read = urlsplit(url)
        good = read.scheme in ("http", "https") and read.hostname and read.port != 0
    except ValueError:
        good = False
        read = urlsplit("")
    if not good:
        raise _Failed("webhook.unresolved", f"the URL {url[:200]!r}", "an http or https URL with a host")
    return read


def _host(url: SplitResult) -> str:
    """The host as it goes into SNI and is compared with certificates: an internationalised name in its ASCII form."""
    host = (url.hostname or "").rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise _Failed("webhook.unresolved", f"the host {host[:100]!r}", "a host name") from None


def _hosts(here: SplitResult, there: SplitResult) -> tuple[str, str]:
    return here.hostname or "", there.hostname or ""


async def _resolved(host: str, port: int) -> list[tuple[str, int]]:
    """In a thread of its own, which nobody waits for at the end: a look-up cannot be broken off."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[tuple[str, int]]] = loop.create_future()

    def tell(found: list[tuple[str, int]], said: str) -> None:
        if not answer.done():
            failed = _Failed("webhook.unresolved", f"{host}: {said}", "a host name that leads to an address")
            answer.set_exception(failed) if said else answer.set_result(found)

    def look_up() -> None:
        found: list[tuple[str, int]] = []
        said = ""
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys((str(address[0]), int(address[1])) for *_, address in infos))
        except (OSError, UnicodeError) as error:
            said = getattr(error, "strerror", None) or str(error) or "no address"
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, found, said)

    threading.Thread(target=look_up, name="sandbank-resolver", daemon=True).start()
    return await answer


async def _dial(address: tuple[str, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _bad_server(seen: Seen) -> _Failed:
    """The server's own certificate is not good, by our judgement."""
    said = describe(seen.server) if seen.server else "a certificate that cannot be read"
    if seen.error == WRONG_NAME:
        names = ", ".join(named_in(seen.server)) if seen.server else ""
        said = f"a certificate for {names[:300] or 'no name at all'}"
        return _Failed("webhook.server_wrong_name", said, f"a certificate for {seen.host}")
    if seen.error in EXPIRED and seen.server:
        begin, end = seen.server.not_valid_before_utc, seen.server.not_valid_after_utc
        said = f"{said}; valid from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
        return _Failed("webhook.server_expired", said, "a certificate that is valid today")
    if seen.error in UNTRUSTED:
        return _Failed("webhook.server_untrusted", said, "a certificate from a CA that the sender trusts")
    why = VERIFY_NAMES.get(seen.error, f"verify error {seen.error}")
    return _Failed("webhook.server_refused", f"{said}: {why}", "a certificate for server authentication")


def _left_out(seen: Seen) -> bool:
    """Whether the server asked in vain: it lists CAs, and ours is not one of them."""
    return seen.asked and seen.shows is not None and seen.shown is None


def _not_listed(seen: Seen) -> Reason:
    ours = ", ".join(sorted({one.issuer.rfc4514_string() for one in seen.shows.chain})) if seen.shows else ""
    listed = "; ".join(seen.listed[:5]) + (f" and {len(seen.listed) - 5} more" if len(seen.listed) > 5 else "")
    return _reason("webhook.ca_not_listed", f"a request that lists {listed}", f"one that lists {ours}, or none at all")


def _words(seen: Seen) -> str:
    if seen.shown is None:
        return ""
    return f"{seen.shown.subject.rfc4514_string()[:200]}, serial {write_serial(seen.shown.serial_number)}"


def _range(sending: Sending) -> str:
    success = sending.success
    if isinstance(success, range):
        return f"HTTP {success.start} to {success.stop - 1}"
    return f"HTTP {', '.join(str(status) for status in range(100, 600) if status in success)}"


def _retry_after(value: str) -> datetime | timedelta | None:
    """RFC 9110 section 10.2.3: seconds, or a date. What is neither asks for nothing."""
    if value.isascii() and value.isdecimal() and len(value) <= 9:
        return timedelta(seconds=int(value))
    if not value:
        return None
    from email.utils import parsedate_to_datetime  # the mail parser is nothing that a start should wait for

    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


def _shown_address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ipaddress.ip_address(host.partition("%")[0]).version == 6 else f"{host}:{port}"


def _reason(code: str, seen: str, expected: str, next: str = "") -> Reason:
    return Reason(code=code, seen=seen, expected=expected, next=next)
