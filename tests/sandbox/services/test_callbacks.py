"""The address of a new subscription is called by a call that may end before the receiver has answered."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sandbox.errors import Refusal
from sandbox.journal.entry import View
from sandbox.services import clients, webhooks
from sandbox.services.callbacks import call_address
from sandbox.services.listening import Ear, Heard, listening_thread
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


def test_the_receiver_of_ours_takes_the_test_of_the_first_subscription(state: Any) -> None:
    """There is no other by which it would know the key; what is signed by another key it refuses still."""
    heard: list[Heard] = []
    ear = Ear(state, "wise", "demo", mtls=False, forward="", port=0, told=heard.append)
    thread = listening_thread(ear)
    try:
        to = Subscription(id="", url=ear.url, events=frozenset({"transfers#state-change"}), version="2.0.0")
        assert asyncio.run(call_address(state, Reach(exposed=False), "wise", "demo", to, NOW)) is None
        again = Request(ear.url, heard[0].body, {**heard[0].headers, "x-signature-sha256": "AAAA"})
        trusting = ssl.create_default_context(cafile=state.folder.ca_file)
        with pytest.raises(HTTPError, match="401"):
            urlopen(again, context=trusting, timeout=60)
    finally:
        ear.close()
        thread.join()
    assert [one.status for one in heard] == [200, 401]


def test_nothing_is_kept_for_a_client_that_is_removed_meanwhile(state: Any) -> None:
    """It is no fault either: the call is judged again, and says that the client is gone."""

    def remove(call: object) -> bool:
        clients.remove_client(state, "wise", "demo")
        return True

    assert asyncio.run(called(state, remove)) is None
    assert state.journal.read(View(kind="webhook")) == ()
