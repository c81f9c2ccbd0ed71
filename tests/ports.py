"""Ports in a row for a sandbox that is told its base."""

import socket


def base_of_free_ports(start: int) -> int:
    """A port base from *start* on whose eleven doors are free at this moment.

    Below 32768, where systems take the ports of outgoing connections from: there nobody comes in between.
    """
    for base in range(start, 32_000, 20):
        try:
            for offset in range(11):
                socket.create_server(("127.0.0.1", base + offset)).close()
        except OSError:
            continue
        return base
    raise AssertionError("no eleven free ports in a row")
