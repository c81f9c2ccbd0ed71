"""The sender: one attempt to deliver one message, and what came of it. Which are due, and what follows, is others'."""

import asyncio
import socket
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Protocol
from urllib.parse import SplitResult, urljoin

from ca.errors import Refusal
from sandbox.tls import findings
from sandbox.tls.client import ClientContext, Seen, ShownCertificate, TlsClient, TlsRefused
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Delivery, Outcome
from sandbox.webhooks.message import Exchange, Message, NotHttp, NoUrl, host_of, port_of, read_retry_after, read_url
from sandbox.webhooks.sending import Sending

MOST_REDIRECTS = 5
MOST_ADDRESSES = 8
"""Of a name, that are tried one after the other within the time of the attempt."""
READ_BYTES = 65_536
_REDIRECTS = (301, 302, 303, 307, 308)
_BECOMES_GET = (301, 302, 303)
"""RFC 9110 section 15.4: what nearly every client makes of a POST there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """With what one message is sent."""

    sending: Sending
    reach: Reach
    context: ClientContext
    shown: ShownCertificate | None
    """None: the sender has no certificate, or mutual TLS is off for this receiver."""


async def attempt(delivery: Delivery, terms: Terms) -> Outcome:
    """One attempt. Whatever the receiver does, it comes to an end in the provider's own time."""
    progress, seconds = _Progress(), terms.sending.seconds
    began = perf_counter()
    try:
        async with asyncio.timeout(seconds):
            await _Attempt(delivery, terms, progress).run()
    except TimeoutError:
        seen = f"no answer {progress.stage} within {seconds:g} seconds"
        expected = f"an answer within {seconds:g} seconds"
        progress.failed = Refusal(code="webhook.timeout", seen=seen, expected=expected, next=progress.hint)
    except _Failed as failed:
        progress.failed = failed.reason
    except NoUrl as error:
        progress.failed = _reason("webhook.unresolved", str(error), "an http or https URL with a host")
    progress.milliseconds = round((perf_counter() - began) * 1000)
    return progress.outcome(mtls=delivery.mtls)


class _Failed(Exception):
    """The attempt has failed for this reason."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class _Progress:
    """How far an attempt got."""

    stage: str = "to the look-up of the name"
    hint: str = ""
    """What to do when it takes too long here; empty: what the table of causes says."""
    address: str = ""
    plain: bool = False
    tls: Seen | None = None
    status: int = 0
    answer: bytes = b""
    retry_after: datetime | timedelta | None = None
    milliseconds: int = 0
    failed: Refusal | None = None

    def outcome(self, *, mtls: bool) -> Outcome:
        tls = Outcome() if self.tls is None else _of_tls(self.tls)
        return Outcome(
            address=self.address,
            tls=tls.tls,
            asked=tls.asked,
            listed=tls.listed,
            shown=tls.shown,
            server=tls.server,
            alert=tls.alert,
            alert_sent=tls.alert_sent,
            status=self.status,
            answer=self.answer.decode("utf-8", "replace"),
            retry_after=self.retry_after,
            milliseconds=self.milliseconds,
            failed=self.failed,
            remarks=tuple(self._remarks()) if mtls else (),
        )

    def _remarks(self) -> list[Refusal]:
        """What is to be said of the receiver where mutual TLS is wanted, beside why the attempt failed."""
        if self.plain:
            return [_reason("webhook.plain_http", "an http:// URL", "an https:// URL")]
        seen = self.tls
        if seen is None or not seen.version:
            return []
        if not seen.asked:
            said = f"a {seen.version} handshake without a CertificateRequest"
            return [_reason("webhook.no_certificate_asked", said, "a server that asks for a client certificate")]
        if not findings.left_out(seen) or (self.failed and self.failed.code == "webhook.ca_not_listed"):
            return []
        return [findings.not_listed(seen)]


class _Attempt:
    """One attempt under way."""

    def __init__(self, delivery: Delivery, terms: Terms, progress: _Progress) -> None:
        self._delivery = delivery
        self._terms = terms
        self._progress = progress

    async def run(self) -> None:
        url, method = self._delivery.url, "POST"
        for _ in range(MOST_REDIRECTS + 1):
            location = (await self._exchange(self._message(url, method))).get("location", "")
            status = self._progress.status
            if status not in _REDIRECTS or self._terms.sending.redirects == "refuse":
                return self._judge(status, location)
            target = urljoin(url, location)
            self._may_follow(host_of(read_url(url)), host_of(read_url(target)))
            url, method = target, "GET" if status in _BECOMES_GET else method
        raise _failed("webhook.redirect", f"more than {MOST_REDIRECTS} redirects", "an answer")

    def _message(self, url: str, method: str) -> Message:
        delivery, sending = self._delivery, self._terms.sending
        headers = sending.all_headers(id=delivery.id, own=delivery.headers, test=delivery.test)
        if method != "POST":
            headers.pop("content-type", None)
        body = delivery.body if method == "POST" else b""
        return Message(method=method, url=read_url(url), headers=headers, body=body)

    def _judge(self, status: int, location: str) -> None:
        if status in self._terms.sending.success:
            return
        if status in _REDIRECTS:
            seen = f"{status} to {location[:200] or 'nowhere'}"
            raise _failed("webhook.redirect", seen, "an answer at the subscription's own URL")
        raise _failed("webhook.status", f"HTTP {status}", _range(self._terms.sending))

    def _may_follow(self, here: str, there: str) -> None:
        if here != there and (reason := self._terms.reach.forbids_redirect(here, there)):
            raise _Failed(reason)

    async def _exchange(self, message: Message) -> Mapping[str, str]:
        """Make the call; the headers of the answer, whose status and first bytes are then noted."""
        self._progress.plain = message.url.scheme == "http"
        with closing(await self._connected(message.url)) as sock:
            try:
                channel = _Plain(sock) if self._progress.plain else await self._secured(sock, host_of(message.url))
                self._progress.stage = "to the call"
                return await self._talk(channel, Exchange(message))
            except TlsRefused as refused:
                assert self._progress.tls is not None, "it was in TLS"
                raise _Failed(findings.refused(self._progress.tls, refused.reason)) from None
            except OSError as error:
                raise self._broken(error) from None
            except NotHttp as error:
                raise _failed("webhook.not_http", str(error), "an answer in HTTP/1.1") from None

    async def _connected(self, url: SplitResult) -> socket.socket:
        """Each address of the name is judged before anything is connected to, and then that very address is used: a
        second look-up might answer something else."""
        host, port = host_of(url), port_of(url)
        addresses = await _resolved(host, port)
        for address in addresses:
            if reason := self._terms.reach.forbids(host, address[0]):
                raise _Failed(reason)
        self._progress.stage = "to the connection"
        last = OSError("no address")
        for address in addresses[:MOST_ADDRESSES]:
            self._progress.address = _shown_address(address)
            try:
                return await _dial(address)
            except OSError as error:
                last = error
        seen = f"{self._progress.address}: {last.strerror or last}"
        expected = f"a receiver that listens at {host}:{port}"
        raise _Failed(Refusal(code="webhook.connection_refused", seen=seen, expected=expected, next=_listen(url)))

    async def _secured(self, sock: socket.socket, host: str) -> TlsClient:
        self._progress.stage = "to the TLS hello"
        self._progress.hint = "see that a TLS server listens at that port, and that nothing keeps it from answering"
        seen = self._progress.tls = Seen(host=host, shows=self._terms.shown)
        client = TlsClient(sock, self._terms.context, seen)
        await client.shake_hands()
        self._progress.hint = ""
        return client

    async def _talk(self, channel: "_Channel", exchange: Exchange) -> Mapping[str, str]:
        broken: OSError | None = None
        try:
            await channel.write(exchange.call())
        except OSError as error:
            broken = error  # it may have said why before it hung up
        ended = False
        while not ended:
            data = await channel.read()
            if not data and not exchange.status:
                raise broken or ConnectionResetError("the receiver closed the connection without an answer")
            ended = exchange.receive(data)
            self._progress.status, self._progress.answer = exchange.status, exchange.answer
        self._progress.retry_after = read_retry_after(exchange.headers.get("retry-after", ""))
        return exchange.headers

    def _broken(self, error: OSError) -> _Failed:
        """The connection broke. Where an alert came before, that says more."""
        seen = self._progress.tls
        if seen is not None and seen.alert_received not in ("", "close_notify"):
            return _Failed(findings.alerted(seen))
        said = f"{error.strerror or error}, before an answer {self._progress.stage}"
        return _Failed(Refusal(code="webhook.reset", seen=said, expected="an answer", next="" if seen else _PLAIN))


class _Channel(Protocol):
    """What carries bytes to and fro."""

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


def _of_tls(seen: Seen) -> Outcome:
    """What was seen of TLS. A close_notify is no alert that says anything."""
    alerts = [alert if alert != "close_notify" else "" for alert in (seen.alert_received, seen.alert_sent)]
    return Outcome(
        tls=seen.version,
        asked=seen.asked if seen.asked or seen.version else None,
        listed=seen.listed,
        shown=findings.shown_words(seen),
        server=findings.server_words(seen),
        alert=alerts[0],
        alert_sent=alerts[1],
    )


async def _resolved(host: str, port: int) -> list[tuple[str, int]]:
    """In a thread of its own, which nobody waits for at the end: a look-up cannot be broken off."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[tuple[str, int]]] = loop.create_future()

    def tell(found: list[tuple[str, int]], said: str) -> None:
        if not answer.done() and said:
            expected = "a host name that leads to an address"
            answer.set_exception(_failed("webhook.unresolved", f"{host}: {said}", expected))
        elif not answer.done():
            answer.set_result(found)

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


def _range(sending: Sending) -> str:
    success = sending.success
    if isinstance(success, range):
        return f"HTTP {success.start} to {success.stop - 1}"
    return f"HTTP {', '.join(str(status) for status in range(100, 600) if status in success)}"


def _shown_address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


_HERE = ("localhost", "127.0.0.1", "::1")
"""Hosts at which the test receiver listens."""
_PLAIN = (
    "look into the receiver's own log; a receiver with TLS closes a connection that begins with plain HTTP: if it has "
    "TLS, change the subscription's URL to https://"
)


def _listen(url: SplitResult) -> str:
    """How the test receiver takes the place of the one that does not listen; empty where it cannot."""
    if host_of(url) not in _HERE:
        return ""
    listen = f"sandbank webhook listen --client demo --port {port_of(url)}"
    if url.scheme == "http":
        return f"start the receiver on that port; a test receiver wants https:// in the subscription's URL: {listen}"
    return f"start the receiver on that port; a test receiver: {listen}"


def _failed(code: str, seen: str, expected: str) -> _Failed:
    return _Failed(_reason(code, seen, expected))


def _reason(code: str, seen: str, expected: str) -> Refusal:
    return Refusal(code=code, seen=seen, expected=expected)
