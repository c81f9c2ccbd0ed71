"""Takes the port of a door: base plus offset, or the free one that the state remembers, or any free one."""

import contextlib
import errno
import socket
from collections.abc import Sequence

from sandbox.edge.sockets import bind_sockets
from sandbox.errands.doors import free_port, keep_port
from sandbox.errands.state import State
from sandbox.errors import PortTaken
from sandbox.settings import Settings


def take_port(state: State, settings: Settings, door: str, offset: int, hosts: Sequence[str]) -> list[socket.socket]:
    """Bound sockets of the door, the port noted in the state. Raises PortTaken."""
    sockets = _bind(settings.port_base + offset, hosts, door) if settings.port_base else _bind_free(state, door, hosts)
    with state.store.write() as work:
        host, port = sockets[0].getsockname()[:2]
        keep_port(work, door, host, port, free=settings.port_base == 0)
    return sockets


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
