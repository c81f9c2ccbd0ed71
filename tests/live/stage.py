"""A listener on a loop of its own thread, so that tests can be blocking clients; and what it told its witness."""

import asyncio
import gc
import queue
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.server.listener import Limits, Listener, OpenDoor, Peer, bind_sockets
from sandbox.tls.contexts import DoorContexts
from sandbox.tls.stream import Handshake

PATIENCE = 30  # seconds after which a test that waits has failed


@dataclass(frozen=True, kw_only=True)
class Broken:
    door: str
    peer: Peer
    cause: str
    seen: str
    expected: str
    status: int


class Notebook:
    """A witness that hands over what it hears, in order, across threads."""

    def __init__(self) -> None:
        self.handshakes: queue.Queue[Handshake] = queue.Queue()
        self.breaks: queue.Queue[Broken] = queue.Queue()

    def handshake(self, door: str, address: tuple[str, int], handshake: Handshake) -> None:
        assert len(address) == 2
        self.handshakes.put(handshake)

    def broken(self, door: str, peer: Peer, cause: str, seen: str, expected: str, status: int) -> None:
        self.breaks.put(Broken(door=door, peer=peer, cause=cause, seen=seen, expected=expected, status=status))

    def next_handshake(self) -> Handshake:
        return self.handshakes.get(timeout=PATIENCE)

    def next_break(self) -> Broken:
        return self.breaks.get(timeout=PATIENCE)


class RealTime:
    real = True

    def now(self) -> Any:
        raise AssertionError("on real time nobody needs to ask")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body that came, or with as many bytes as the path says."""
    body = await read_body(receive)
    if scope["path"].startswith("/bytes/"):
        body = b"x" * int(scope["path"].removeprefix("/bytes/"))
    await answer(send, body or f"{scope['method']} {scope['path']}".encode())


async def read_body(receive: Any) -> bytes:
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            return body


async def answer(send: Any, body: bytes, status: int = 200) -> None:
    headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Stage:
    """A running listener with one door."""

    def __init__(self, *, app: Any, contexts: DoorContexts | None, limits: Limits, clock: Any) -> None:
        self.observer = Notebook()
        self.loop = asyncio.new_event_loop()
        self.noise: list[dict[str, Any]] = []
        """What asyncio would have logged: exceptions that nobody retrieved, and such."""
        self.loop.set_exception_handler(lambda _, context: self.noise.append(context))
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.sockets = bind_sockets()
        self.port = self.sockets[0].getsockname()[1]
        door = OpenDoor(name="wise.mtls", app=app, contexts=contexts, sockets=self.sockets)
        self.listener = Listener(doors=[door], observer=self.observer, clock=clock, limits=limits)
        self.run(self.listener.start)

    def run(self, what: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return asyncio.run_coroutine_threadsafe(what(), self.loop).result(PATIENCE)

    def close(self) -> None:
        held = self.run(self._wait_for_connections)
        self.run(self.listener.stop)
        left = self.run(self._others)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()
        gc.collect()  # an exception that nobody retrieved is told when its task is collected
        assert not held, "a connection whose client has left is still there"
        assert not left, "tasks outlived the listener"
        assert not self.noise

    async def _wait_for_connections(self) -> list[str]:
        if not self.listener._arriving:
            return []
        _, pending = await asyncio.wait(self.listener._arriving, timeout=PATIENCE / 2)
        return [repr(task) for task in pending]

    async def _others(self) -> list[str]:
        return [repr(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def connect_tls(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        raw = self.connect()
        try:
            return context.wrap_socket(raw, server_hostname="localhost")
        except BaseException:
            raw.close()
            raise


@contextmanager
def stage(
    *, app: Any = echo, contexts: DoorContexts | None = None, limits: Limits | None = None, clock: Any = None
) -> Iterator[Stage]:
    """Open a door; at the end close it, and see that nothing is left behind and nothing was logged."""
    one = Stage(app=app, contexts=contexts, limits=limits or Limits(), clock=clock or RealTime())
    try:
        yield one
    finally:
        one.close()


def call(sock: socket.socket, path: str = "/", *, body: bytes = b"", head: str = "") -> tuple[int, bytes]:
    """One HTTP/1.1 call on an open connection, by hand."""
    length = f"content-length: {len(body)}\r\n" if body else ""
    method = "POST" if body else "GET"
    sock.sendall(f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{length}{head}\r\n".encode() + body)
    return read_answer(sock)


def read_answer(sock: socket.socket, rest: bytearray | None = None) -> tuple[int, bytes]:
    """Status and body of the next answer; `rest` keeps what came of the one after it."""
    data = rest if rest is not None else bytearray()
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise EOFError(f"the connection ended after {bytes(data[:200])!r}")
        data += more
    head, _, _ = bytes(data).partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    end = len(head) + 4 + length
    while len(data) < end:
        more = sock.recv(65536)
        if not more:
            raise EOFError("the connection ended in a body")
        data += more
    body = bytes(data[len(head) + 4 : end])
    del data[:end]
    return int(head.split()[1]), body


def read_to_end(sock: socket.socket) -> bytes:
    """Everything until the peer closes; a reset is an end too."""
    data = b""
    while True:
        try:
            more = sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            return data
        if not more:
            return data
        data += more


def command(*words: Any, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Somebody else's client."""
    return subprocess.run(
        [str(word) for word in words], input=given, capture_output=True, timeout=PATIENCE, check=False
    )
