"""A receiver to try webhooks out with: it takes them in, says what came, and why a receiver would refuse it.

On the standard library's HTTP server and TLS: what it says of the sender is not said by the sender's own code."""

import http.client
import http.server
import json
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ca.authority import SERVER, SERVER_CA, Credentials
from ca.clock import SystemClock
from ca.errors import NotFounded
from ca.x509 import bundle
from ca.x509.keys import write_key_pem
from sandbox.errors import Misuse, PortTaken
from sandbox.providers import PROVIDERS, named
from sandbox.providers.known import in_command
from sandbox.services.authority import sender_ca
from sandbox.services.postbox import Postbox
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.services.webhooks import sends_nothing
from sandbox.settings import LOOPBACK
from sandbox.storage.facts import server_names
from sandbox.webhooks.event import Subscription
from sandbox.webhooks.sending import Sending
from sandbox.webhooks.signature import Signature, SigningKey, why_wrong

MAX_BODY = 1_048_576
"""Bytes of a message: ours have some hundred."""
FORWARD_SECONDS = 30.0
"""For the program to which messages are handed on; longer than any provider waits."""
_HOP_BY_HOP = {"connection", "host", "content-length", "transfer-encoding"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message, or a sender that did not get so far."""

    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    certificate: str = ""
    """The sender's, as `ssl` has verified it; empty: none was shown, or none was asked for."""
    refused: str = ""
    """Why a receiver would refuse it; empty: it would not."""
    status: int = 0
    """What was answered; 0: nothing, the handshake failed."""

    def as_json(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "path": self.path,
            "headers": self.headers,
            "body": self.body.decode("utf-8", "replace"),
            "certificate": self.certificate or None,
            "refused": self.refused or None,
            "status": self.status,
        }


Told = Callable[[Heard], None]


class Ear:
    """A receiver for the webhooks of one client. Made, it listens; `serve` answers until `close`."""

    def __init__(
        self, state: State, provider: str, client: str, *, mtls: bool, forward: str, port: int, told: Told
    ) -> None:
        """*told* is called with each message, in the thread that answers it. Raises Misuse, NotThere, PortTaken."""
        if forward and urlsplit(forward).scheme not in ("http", "https"):
            raise Misuse(
                f"{forward[:100]!r} is not a URL to forward to: http:// or https:// and a host",
                next_step="such as: --forward http://localhost:3000/hooks",
            )
        sending = named(provider).sending
        if sending is None:
            raise sends_nothing(provider)
        with state.store.read() as work:
            find_client(work, provider, client)
        self._judge = _Judge(state, provider, client, sending)
        self._forward = forward
        self._told = told
        self._context = _context(state, mtls=mtls)
        try:
            self._server = _Server(("127.0.0.1", port), self._handler())
        except OSError as error:
            raise PortTaken(
                f"port {port} is not available: {error.strerror}", next_step="--port 0 takes a free one"
            ) from error
        self._server.take = self._take

    @property
    def url(self) -> str:
        return f"https://localhost:{self._server.server_address[1]}/"

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, sock: socket.socket) -> ssl.SSLSocket | None:
        """The handshake, in the thread of its connection. One that fails is told of."""
        try:
            sock.settimeout(FORWARD_SECONDS)
            return self._context.wrap_socket(sock, server_side=True)
        except (ssl.SSLError, OSError) as error:
            said = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
            self._told(Heard(refused=self._in_words(str(said))))
            with suppress(OSError):
                sock.close()
            return None

    def _in_words(self, reason: str) -> str:
        """OpenSSL's reason for a handshake that failed, for a person."""
        said = reason.lower().replace("_", " ")
        if "peer did not return a certificate" in said:
            client, provider = self._judge.client, in_command(self._judge.provider)
            switch = f"sandbank webhook configure --mtls --client {client}{provider}"
            return f"the sender showed no certificate; switch mutual TLS on: {switch}"
        if "unknown ca" in said:
            return "the sender does not trust this receiver's certificate"
        if "http request" in said:
            return "the sender spoke plain HTTP to a receiver with TLS: write https:// in the subscription"
        return f"the handshake failed: {said}"

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        ear = self

        class Handler(_Handler):
            """Answers for this receiver."""

            def heard(self, body: bytes) -> int:
                return ear._heard(self, body)

        return Handler

    def _heard(self, handler: "_Handler", body: bytes) -> int:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        refused = self._judge.why(body, headers)
        status = 401 if refused else 200
        if self._forward and not refused:
            status, refused = _handed_on(self._forward, headers, body)
        self._told(
            Heard(
                method=handler.command,
                path=handler.path,
                headers=headers,
                body=body,
                certificate=_shown(handler.connection),
                refused=refused,
                status=status,
            )
        )
        return status


class _Server(http.server.ThreadingHTTPServer):
    """Shakes hands in the thread of each connection."""

    daemon_threads = True
    take: Callable[[socket.socket], ssl.SSLSocket | None]

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        if (secured := self.take(request)) is not None:
            super().process_request_thread(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up in the middle has nobody to tell."""


class _Handler(http.server.BaseHTTPRequestHandler):
    """Reads a message whole."""

    protocol_version = "HTTP/1.1"

    def heard(self, body: bytes) -> int:
        raise NotImplementedError

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.send_error(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        status = self.heard(self.rfile.read(int(length)))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """What came is told by whoever listens."""


@dataclass(frozen=True, slots=True)
class _Judge:
    """Checks signatures with what the state knows of the client's subscriptions now, and as that of a first one would
    be where the provider calls an address before it keeps its subscription."""

    state: State
    provider: str
    client: str
    sending: Sending

    def why(self, body: bytes, headers: dict[str, str]) -> str:
        """Empty where it is right for one of the subscriptions; else why it is not."""
        known = self._known() or {self.sending.signatures: []}
        wrong = [why_wrong(body, headers, signatures, keys, self.sending.form) for signatures, keys in known.items()]
        return min(wrong, key=len)

    def _known(self) -> dict[tuple[Signature, ...], list[SigningKey]]:
        """How messages to the client's subscriptions are signed, and with which keys."""
        now = self.state.clock.now()
        known: dict[tuple[Signature, ...], list[SigningKey]] = {}
        with self.state.store.write() as work:
            owner = find_client(work, self.provider, self.client)
            postbox = Postbox(work=work, vault=self.state.vault, client=owner, ids=self.state.ids, now=now)
            unkept = (Subscription(id="", url="", events=None),) if self.sending.first else ()
            for one in (*postbox.subscriptions(), *unkept):
                signatures = one.signatures or self.sending.signatures
                known.setdefault(signatures, []).append(postbox.key_for(self.sending, one))
        return known


def _context(state: State, *, mtls: bool) -> ssl.SSLContext:
    """It shows the certificate of the sandbox's own doors, which its sender trusts; with *mtls* it demands one."""
    credentials = _credentials(state)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="sandbank-") as folder:  # 0700; ssl takes no key but from a file
        path = Path(folder) / "server.pem"
        path.write_text(bundle.pem(credentials.chain) + write_key_pem(credentials.key), encoding="ascii")
        context.load_cert_chain(path)
    if mtls:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=bundle.pem(sender_ca(state)))
    return context


def _credentials(state: State) -> Credentials:
    """Those of the doors; made where nobody ever served this state."""
    with state.store.write() as work:
        try:
            own = state.authority.own(work, SERVER, with_key=True)
            if own.key is not None and own.certificate.not_valid_after_utc > SystemClock().now():
                chain = (own.certificate, state.authority.own(work, SERVER_CA).certificate)
                return Credentials(key=own.key, chain=chain, not_after=own.certificate.not_valid_after_utc)
        except NotFounded:
            pass
        hosts = (host for provider in PROVIDERS for door in provider.doors for host in door.server_names)
        names = dict.fromkeys(("localhost", *LOOPBACK, *hosts, *server_names(work)))
        return state.authority.server_credentials(work, names=tuple(names), now=SystemClock().now())


def _shown(sock: Any) -> str:
    certificate: Any = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    if not certificate:
        return ""
    subject: Any = certificate["subject"]
    parts = [f"{name}={value}" for relative in subject for name, value in relative]
    return f"{','.join(reversed(parts))}, serial {certificate['serialNumber']}"


def _handed_on(url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    """The status with which the program there answers, and what is wrong where it does not."""
    where = urlsplit(url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=FORWARD_SECONDS)
    target = (where.path or "/") + (f"?{where.query}" if where.query else "")
    try:
        connection.request("POST", target, body, {k: v for k, v in headers.items() if k not in _HOP_BY_HOP})
        return connection.getresponse().status, ""
    except (OSError, http.client.HTTPException) as error:
        return 502, f"{url} does not answer: {error}"
    finally:
        connection.close()


def described(heard: Heard) -> list[str]:
    """What came, for a person."""
    if not heard.method:
        return [f"refused: {heard.refused}"]
    lines = [f"{heard.method} {heard.path} -> {heard.status}", f"  certificate  {heard.certificate or 'none'}"]
    lines += [f"  {name}: {value}" for name, value in heard.headers.items() if name.startswith("x-")]
    lines.append(f"  {_pretty(heard.body)}")
    lines.append(f"  would refuse it: {heard.refused}" if heard.refused else "  signature right")
    return lines


def _pretty(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return body.decode("utf-8", "replace")


def listening_thread(ear: Ear) -> threading.Thread:
    """The thread that answers, begun."""
    thread = threading.Thread(target=ear.serve, name="sandbank-ear", daemon=True)
    thread.start()
    return thread
