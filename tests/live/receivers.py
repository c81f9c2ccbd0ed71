"""A partner's servers, on the standard `ssl` module and http.server alone: good ones, and bad ones of every kind."""

import contextlib
import http.server
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Behave = Callable[["Handler"], None]


@dataclass(frozen=True, kw_only=True)
class Came:
    """One message as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    certificate: dict[str, Any] | None
    """What `ssl` says of the sender's certificate, which it has verified."""


@dataclass
class Receiver:
    """A running server."""

    port: int
    came: list[Came] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    let_go: threading.Event = field(default_factory=threading.Event)
    """Whoever hangs, hangs until this is set."""
    scheme: str = "https"

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}/hook"

    def wait(self, seconds: float = 30.0) -> Came:
        """The next message."""
        assert self.arrived.acquire(timeout=seconds), "no webhook came"
        return self.came[-1]


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes a message in, and then behaves as it was told."""

    protocol_version = "HTTP/1.1"
    receiver: Receiver
    behave: Behave

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        certificate = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.came.append(Came(path=self.path, headers=headers, body=body, certificate=certificate))
        self.receiver.arrived.release()
        type(self).behave(self)

    def do_GET(self) -> None:
        self.do_POST()

    def answer(self, status: int, body: bytes = b"ok", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """As a process that dies: TCP's RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket.close(self.connection)
        self.close_connection = True

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass


def answers(status: int, body: bytes = b"ok", **headers: str) -> Behave:
    return lambda handler: handler.answer(status, body, **headers)


def hangs(handler: Handler) -> None:
    handler.receiver.let_go.wait(60)
    handler.close_connection = True


def resets(handler: Handler) -> None:
    handler.reset()


@contextlib.contextmanager
def receiver(context: ssl.SSLContext | None, behave: Behave | None = None) -> Iterator[Receiver]:
    """A server on a free port until the end of the block."""

    class Own(Handler):
        pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def get_request(self) -> tuple[Any, Any]:
            sock, address = self.socket.accept()
            if context is None:
                return sock, address
            # In the thread of the connection, not here: a handshake that hangs must not hold the others.
            return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Own)
    running = Receiver(port=server.server_address[1], scheme="http" if context is None else "https")
    Own.receiver, Own.behave = running, staticmethod(behave or answers(200))  # type: ignore[assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield running
    finally:
        running.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


def serving(chain: Path, *, trusts: Path | None = None) -> ssl.SSLContext:
    """A server's context: *trusts* makes it ask for a client certificate, and demand one from that CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    if trusts:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(trusts)
    return context
