"""What many handshakes do at once when the certificate that the doors show is not in time."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from ca.clock import SystemClock
from sandbox.errors import StateLocked
from sandbox.server.cache import ReadCache
from sandbox.server.certificate import ServerCertificate
from sandbox.server.trust import Trust
from sandbox.server.writer import Writer
from sandbox.services.state import State

MANY = 20


class Away(Writer):
    """Asked in vain until the store is back, as over one that others hold."""

    def __init__(self, state: State) -> None:
        super().__init__(state.store)
        self.asked = 0
        self.back = False

    async def alone(self, work: Callable[[], object]) -> object:  # type: ignore[override]
        self.asked += 1
        await asyncio.sleep(0)
        if not self.back:
            raise StateLocked("held by another process")
        return work()


def test_many_wait_together_and_who_hangs_up_ends_it_for_nobody(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store is held, each waits once for it and not once for each that came before; then it is shown."""

    async def ask() -> None:
        writer = Away(state)
        showing = ServerCertificate(state, writer, Trust(state, ReadCache(state), writer))
        with monkeypatch.context() as patched:
            long_ago = SystemClock().now() - timedelta(days=3650)
            patched.setattr("sandbox.server.certificate.SystemClock.now", lambda _: long_ago)
            showing.begin()
        assert not showing.in_time()
        handshakes = [asyncio.ensure_future(showing.come_in_time()) for _ in range(MANY)]
        await asyncio.sleep(0)
        handshakes[0].cancel()
        done = await asyncio.gather(*handshakes, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError) and done[1:] == [None] * (MANY - 1)
        assert writer.asked == 1 and not showing.in_time()
        writer.back = True
        await asyncio.gather(*(showing.come_in_time() for _ in range(MANY)))
        assert writer.asked == 2 and showing.in_time()

    asyncio.run(ask())
