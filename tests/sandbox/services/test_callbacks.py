"""The address of a new subscription is called by a call that may end before the receiver has answered."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.errors import Refusal
from sandbox.journal.entry import View
from sandbox.services import clients, webhooks
from sandbox.services.callbacks import call_address
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Subscription

NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def called(state: Any, meanwhile: Callable[[asyncio.Task[Refusal | None]], bool]) -> Refusal | None:
    """A call of a receiver that does something once it is connected, and says whether it answers then; else it waits
    until its peer is gone."""

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if meanwhile(call):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        while await reader.read(4096):
            pass
        writer.close()
        gone.set()

    gone = asyncio.Event()
    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    to = Subscription(id="", url=url, events=frozenset({"transfers#state-change"}), version="2.0.0")
    call = asyncio.create_task(call_address(state, Reach(exposed=False), "wise", "demo", to, NOW))
    async with server:
        await asyncio.wait([call])
        await asyncio.wait_for(gone.wait(), 60)
    return call.result()


def test_a_call_that_is_cancelled_lets_go_of_its_receiver(state: Any) -> None:
    """At once, so that no stop of a server waits for it; and nothing is kept. One that is answered is kept."""
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(called(state, lambda call: not call.cancel()))
    assert webhooks.list_deliveries(state, provider="wise", client="demo") == ()
    assert asyncio.run(called(state, lambda call: True)) is None
    assert [one.status for one in webhooks.list_deliveries(state, provider="wise", client="demo")] == ["delivered"]


def test_nothing_is_kept_for_a_client_that_is_removed_meanwhile(state: Any) -> None:
    """It is no fault either: the call is judged again, and says that the client is gone."""

    def remove(call: object) -> bool:
        clients.remove_client(state, "wise", "demo")
        return True

    assert asyncio.run(called(state, remove)) is None
    assert state.journal.read(View(kind="webhook")) == ()
