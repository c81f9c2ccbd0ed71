"""What a connection sends: bytes that wait for the end of a turn, and whether its peer takes what was written."""

import asyncio
from collections.abc import Callable

READ_BYTES = 65536


class PlainStream:
    """A connection of a door without TLS."""

    __slots__ = ("_reader", "_writer")

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """What the peer said next; empty once it says no more."""
        return await self._reader.read(READ_BYTES)

    def write(self, data: bytes) -> None:
        """Say something to the peer."""
        self._writer.write(data)

    def say_goodbye(self) -> None:
        """Nothing: the half-close that follows is the goodbye."""


FLUSH_BYTES = 65536
"""Or at this size, one turn or not."""


class Unsent:
    """The bytes that wait, of one connection."""

    __slots__ = ("_bytes", "_loop", "_parts", "_transport", "_write", "_writer", "written")

    def __init__(self, write: Callable[[bytes], None], writer: asyncio.StreamWriter) -> None:
        """*write*: the stream's, whatever carries it; it may raise ConnectionError."""
        self._write = write
        self._writer = writer
        self._transport = writer.transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []
        self._bytes = 0
        self.written = 0
        """Bytes that were handed to the transport, before any encryption."""

    def add(self, data: bytes) -> bool:
        """Whether so much waits now that whoever says it must wait too, by `drain`."""
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)
        self._bytes += len(data)
        # Many small answers fill the transport's own buffer as surely as one large one.
        return self._bytes >= FLUSH_BYTES or self._transport.get_write_buffer_size() >= FLUSH_BYTES

    async def drain(self) -> None:
        """Send it, and wait until the peer has taken enough. Raises ConnectionError."""
        self.flush()
        await self._writer.drain()

    def flush(self) -> None:
        """Send it now; nobody hears of a peer that is gone."""
        if not self._parts:
            return
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._bytes = 0
        self.written += len(data)
        if self._transport.is_closing():
            return
        try:
            self._write(data)
        except ConnectionError:
            self._transport.abort()


LATE_SECONDS = 5.0
"""A look that comes so much too late: the process was stopped, as by Ctrl-Z, and has sent nothing meanwhile."""


class Taking:
    """Whether the peer of a connection takes what waits for it. It is told how much that is, now and then."""

    __slots__ = ("_looked", "_passed", "_period", "_since", "_written")

    def __init__(self, now: float, period: float) -> None:
        """It is looked at after each *period*."""
        self._since = self._looked = now
        self._period = period
        self._passed = self._written = 0

    def deaf_for(self, now: float, *, windows: int, passed: int, transport: int, written: int) -> float:
        """For how many seconds it has taken nothing, while something waited at each look.

        *windows* bytes of answers wait for the peer's HTTP/2 windows, *passed* have come through; *transport* bytes
        wait in the transport, of all that were *written* there. A peer that answers PINGs and opens no window is deaf;
        one that takes an answer drop by drop is not. Nor is one whose answers waited because we stood still.
        """
        stood_still = now - self._looked > self._period + LATE_SECONDS
        taken = written - transport  # less what TLS adds, so that it may seem to shrink: only more is a sign of life
        if stood_still or not (windows or transport) or passed > self._passed or (transport and taken > self._written):
            self._since = now
        self._looked = now
        self._passed, self._written = passed, max(taken, self._written)
        return now - self._since
