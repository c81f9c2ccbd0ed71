"""Finds and binds the addresses of a door; who listens on them is the listener."""

import contextlib
import errno
import os
import socket
from collections.abc import Sequence

LOOPBACK = ("127.0.0.1", "::1")

BACKLOG = 512  # connections that wait to be accepted: a client's pool opens all of its connections at once
TRIES = 20  # a port free on one family can be taken on the other; twenty such accidents in a row are not accidents

_NO_SUCH_FAMILY = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, getattr(errno, "EPROTONOSUPPORT", errno.EAFNOSUPPORT)}


def bind_sockets(hosts: Sequence[str] = LOOPBACK, port: int = 0) -> list[socket.socket]:
    """Bind one port on every host; port 0 takes one that is free on all. A host whose family is missing is left out."""
    tries = TRIES if port == 0 else 1
    for remaining in range(tries - 1, -1, -1):
        try:
            return _bind_all(hosts, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or remaining == 0:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _bind_all(hosts: Sequence[str], port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    missing: OSError | None = None
    with contextlib.ExitStack() as undo:
        for host in hosts:
            try:
                one = _bind(host, port)
            except OSError as error:
                if error.errno not in _NO_SUCH_FAMILY:
                    raise
                missing = error
                continue
            undo.callback(one.close)
            bound.append(one)
            port = port or one.getsockname()[1]
        undo.pop_all()
    if missing is not None and not bound:
        raise missing
    return bound


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: only then asyncio sets TCP_NODELAY, without which every handshake waits 40 ms for an ACK.
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # on Windows the same option lets two programs share a port
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((host, port))
        one.listen(BACKLOG)  # SO_REUSEADDR lets two programs bind; only here one learns that the port is taken
        one.setblocking(False)
    except BaseException:
        one.close()
        raise
    return one
