"""The plain HTTP side of a connection: bytes in and out, as they are; the TLS side is tls/stream.py."""

import asyncio

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
