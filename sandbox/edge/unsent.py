"""What was said to a peer and has not gone out: it does at the end of the loop's turn, head and body in one piece."""

import asyncio
from collections.abc import Callable

FLUSH_BYTES = 65536
"""Or at this size, one turn or not."""


class Unsent:
    """The bytes that wait, of one connection."""

    __slots__ = ("_bytes", "_loop", "_parts", "_transport", "_write", "_writer")

    def __init__(self, write: Callable[[bytes], None], writer: asyncio.StreamWriter) -> None:
        """*write*: the stream's, whatever carries it; it may raise ConnectionError."""
        self._write = write
        self._writer = writer
        self._transport = writer.transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []
        self._bytes = 0

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
        if self._transport.is_closing():
            return
        try:
            self._write(data)
        except ConnectionError:
            self._transport.abort()
