"""What waits to be written goes out in one piece, and nobody who says it hears of a peer that is gone."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from sandbox.server.http.sent import FLUSH_BYTES, Unsent


def over_a_pair(work: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
    """The work, with the reader of one end of a connection and the writer of the other."""

    async def run() -> None:
        ends = socket.socketpair()
        (reader, theirs), (_, writer) = [await asyncio.open_connection(sock=end) for end in ends]
        try:
            await asyncio.wait_for(work(reader, writer), 20)
        finally:
            for each in (theirs, writer):
                each.transport.abort()

    asyncio.run(run())


def test_one_turn_of_the_loop_is_one_write():
    """Head and body together; what is said in the next turn is another."""

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        written: list[bytes] = []
        unsent = Unsent(written.append, writer)
        assert not unsent.add(b"head ") and not unsent.add(b"body")
        assert written == []
        await asyncio.sleep(0)
        assert written == [b"head body"]
        unsent.add(b"next")
        unsent.flush()
        unsent.flush()
        await asyncio.sleep(0)
        assert written == [b"head body", b"next"]

    over_a_pair(work)


def test_who_says_much_must_wait():
    """At so many bytes in one turn; and as long as the peer takes none of what was written before."""

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        unsent = Unsent(writer.write, writer)
        assert not unsent.add(bytes(FLUSH_BYTES - 1))
        assert unsent.add(b"!")
        unsent.flush()
        writer.write(bytes(8 * 1024 * 1024))  # more than the system holds for a peer that reads nothing
        assert unsent.add(b"?")
        waiting = asyncio.ensure_future(unsent.drain())
        await asyncio.sleep(0)
        assert not waiting.done()
        await reader.readexactly(FLUSH_BYTES + 8 * 1024 * 1024)
        await waiting
        assert await reader.readexactly(1) == b"?"

    over_a_pair(work)


@pytest.mark.parametrize("error", [BrokenPipeError, ConnectionResetError])
def test_a_peer_that_is_gone_ends_the_connection_and_raises_nothing(error):
    """Neither then nor afterwards, when nothing is written any more."""

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tried: list[bytes] = []

        def fail(data: bytes) -> None:
            tried.append(data)
            raise error

        unsent = Unsent(fail, writer)
        unsent.add(b"said")
        unsent.flush()
        assert writer.transport.is_closing()
        unsent.add(b"more")
        unsent.flush()
        assert tried == [b"said"]

    over_a_pair(work)
