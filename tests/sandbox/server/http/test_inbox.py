import asyncio
from typing import Any

from sandbox.server.http.calls import ROOM, Inbox

END: Any = {"type": "http.disconnect"}


def piece(number: int) -> Any:
    return {"type": "http.request", "body": b"%d" % number, "more_body": True}


def test_events_come_in_order() -> None:
    """What was put first is read first, also by an app that waits."""

    async def read_two() -> list[Any]:
        inbox = Inbox()
        waiting = asyncio.ensure_future(inbox.get())
        await asyncio.sleep(0)
        await inbox.put(piece(1))
        await inbox.put(piece(2))
        return [await waiting, await inbox.get()]

    assert asyncio.run(read_two()) == [piece(1), piece(2)]


def test_a_slow_app_holds_the_connection() -> None:
    """When there is no room the next piece waits until one was read."""

    async def fill() -> tuple[bool, bool]:
        inbox = Inbox()
        for number in range(ROOM):
            await inbox.put(piece(number))
        more = asyncio.ensure_future(inbox.put(piece(ROOM)))
        await asyncio.sleep(0)
        held = not more.done()
        await inbox.get()
        await more
        return held, more.done()

    assert asyncio.run(fill()) == (True, True)


def test_a_disconnect_frees_a_piece_that_waits_for_room() -> None:
    """An app that reads no more cannot hold the connection; what was read before the end is still there to read."""

    async def leave() -> list[Any]:
        inbox = Inbox()
        for number in range(ROOM):
            await inbox.put(piece(number))
        more = asyncio.ensure_future(inbox.put(piece(ROOM)))
        await asyncio.sleep(0)
        await inbox.put(END)
        await asyncio.wait_for(more, 5)
        await inbox.put(piece(99))
        return [await inbox.get() for _ in range(ROOM + 2)]

    assert asyncio.run(leave()) == [*(piece(number) for number in range(ROOM)), END, END]


def test_a_disconnect_wakes_an_app_that_waits() -> None:
    """An app that waits for nothing but the end gets it."""

    async def wait() -> Any:
        inbox = Inbox()
        waiting = asyncio.ensure_future(inbox.get())
        await asyncio.sleep(0)
        await inbox.put(END)
        return await waiting

    assert asyncio.run(wait()) == END
