"""Ports for whoever must know them before they are opened: a row for a sandbox that is told its base, or one."""

import atexit
import socket

ROW = 20
DOORS = 11


def base_of_free_ports(start: int) -> int:
    """A port base from *start* on whose eleven doors are free, and which nobody else is given.

    Below 32768, where systems take the ports of outgoing connections from: there nobody comes in between. The last port
    of the row is bound until this process ends, so that another that runs tests takes another row.
    """
    for base in range(start, 32_000, ROW):
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", base + ROW - 1))
            for offset in range(DOORS):
                socket.create_server(("127.0.0.1", base + offset)).close()
        except OSError:
            held.close()
            continue
        atexit.register(held.close)
        return base
    raise AssertionError("no eleven free ports in a row")


def free_port() -> int:
    """One that stays free while whoever is to have it starts, and while it is started again."""
    return base_of_free_ports(29_000)
