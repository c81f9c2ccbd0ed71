"""The ports of the doors: base plus offset, or free ones that the state remembers; and binding them."""

import contextlib
import errno
import os
import socket
from collections.abc import Sequence

from sandbox.errors import PortTaken
from sandbox.services.state import State
from sandbox.settings import Settings
from sandbox.storage.facts import free_port, keep_port

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
                one = _bind_one(host, port)
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


def _bind_one(host: str, port: int) -> socket.socket:
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


def take_port(state: State, settings: Settings, door: str, offset: int, hosts: Sequence[str]) -> list[socket.socket]:
    """Bound sockets of the door, the port noted in the state. Raises PortTaken."""
    sockets = _bind(settings.port_base + offset, hosts, door) if settings.port_base else _bind_free(state, door, hosts)
    try:
        with state.store.write() as work:
            host, port = sockets[0].getsockname()[:2]
            keep_port(work, door, host, port, free=settings.port_base == 0)
    except BaseException:
        for one in sockets:
            one.close()
        raise
    return sockets


def bind_front(port: int, hosts: Sequence[str]) -> list[socket.socket]:
    """Bound sockets of a front door. Raises PortTaken."""
    return _bind(port, hosts, "front")


def _bind_free(state: State, door: str, hosts: Sequence[str]) -> list[socket.socket]:
    with state.store.read() as work:
        remembered = free_port(work, door)
    if remembered:
        with contextlib.suppress(PortTaken):
            return _bind(remembered, hosts, door)
    return _bind(0, hosts, door)


def _bind(port: int, hosts: Sequence[str], door: str) -> list[socket.socket]:
    where = ", ".join(hosts)
    try:
        return bind_sockets(hosts, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            detail, step = f"port {port} of the {door} door is in use on {where}", "stop what listens there (ss -ltnp)"
        elif error.errno in (errno.EACCES, errno.EPERM):
            detail, step = f"you may not listen on port {port} of {where}", "take ports over 1023"
        else:
            detail, step = f"the {door} door cannot listen on {where}: {error.strerror}", "check --bind"
        raise PortTaken(detail, next_step=f"{step}, or choose others with --port-base N (0: any free)") from error
