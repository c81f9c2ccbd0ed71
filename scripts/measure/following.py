"""Somebody who has the hub's journal open, as a browser would: one stream of events that is read to its end."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE_SECONDS = 20


@dataclass(slots=True)
class Follower:
    """What was seen of the stream. Each event has the newest entry of its moment, so that the longest pause between two
    of them, while calls are made, bounds how far behind the page ever was."""

    moments: list[float] = field(default_factory=list)

    @property
    def behind_us(self) -> float:
        pauses = [later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False)]
        return max(pauses, default=0.0) * 1e6


@contextmanager
def following(control: int) -> Iterator[Follower]:
    """While the block runs, the journal is followed over the control door."""
    connection = http.client.HTTPConnection("127.0.0.1", control, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/hub/live?")
    answer = connection.getresponse()
    answer.readline()  # "retry": the stream has begun
    follower = Follower()
    reader = threading.Thread(target=_read, args=(answer, follower), daemon=True)
    reader.start()
    try:
        yield follower
    finally:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
        reader.join()
        connection.close()


def _read(answer: http.client.HTTPResponse, follower: Follower) -> None:
    while line := answer.readline():
        if line.startswith(b"id:"):
            follower.moments.append(time.monotonic())
