"""Ending a connection so that the peer hears the last word; what that word is, is the caller's."""

import asyncio
import contextlib

FAREWELL_SECONDS = 1.0  # long enough for a round trip around the world, short enough for a stop within a second or so

_READ_BYTES = 65536


async def part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last_word: bytes) -> None:
    """Say the last word, half-close, and read on until the peer closes, at most a second.

    Closing with unread bytes makes TCP send a reset, which overtakes the last word (RFC 9112 section 9.6)."""
    with contextlib.suppress(OSError, TimeoutError):
        if last_word:
            writer.write(last_word)
        if writer.can_write_eof():
            writer.write_eof()
        async with asyncio.timeout(FAREWELL_SECONDS):
            while await reader.read(_READ_BYTES):
                pass
    writer.transport.abort()
