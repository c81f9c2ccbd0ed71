"""A TCP proxy in front of a database: a network that swallows everything, or breaks at a commit."""

import contextlib
import socket
import threading
from typing import Self


class Wire:
    """Carries everything to the port that it is given, until it is told otherwise."""

    def __init__(self, port: int) -> None:
        self._far_port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._flows = threading.Event()
        self._flows.set()
        self._fatal: tuple[bytes, ...] = ()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._server.close()
        self.flow()

    def swallow(self) -> None:
        """From now on nothing arrives, and nobody is told: the kernel still takes every byte."""
        self._flows.clear()

    def flow(self) -> None:
        """Carry again what is connected from now on; what was connected before is reset."""
        with self._lock:
            for one in self._sockets:
                _end(one)
            self._sockets.clear()
        self._flows.set()

    def break_after(self, *words: bytes) -> None:
        """Once, where one connection carries these words one after the other: the last ones still reach the server, and
        its answer nobody."""
        self._fatal = words

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                with self._lock:
                    self._sockets.append(near)
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._flows.wait()
        breaking = threading.Event()
        with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._far_port)) as far:
            back = threading.Thread(target=self._back, args=(far, near, breaking), daemon=True)
            back.start()
            self._forth(near, far, breaking)
            _end(far)
            back.join()

    def _forth(self, near: socket.socket, far: socket.socket, breaking: threading.Event) -> None:
        watched, left = self._fatal, list(self._fatal)
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                self._flows.wait()
                if self._fatal is not watched:
                    watched, left = self._fatal, list(self._fatal)
                while left and left[0] in data:
                    left.pop(0)
                if watched and not left:
                    self._fatal = ()
                    breaking.set()
                far.sendall(data)

    def _back(self, far: socket.socket, near: socket.socket, breaking: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while (data := far.recv(65536)) and not breaking.is_set():
                self._flows.wait()
                near.sendall(data)
        _end(near)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
