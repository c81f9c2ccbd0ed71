"""The CRLs of a running server: kept in memory until something changes, signed when needed in a thread of their own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

from ca.publishing import Crl
from sandbox.server.writer import Writer
from sandbox.services import authority
from sandbox.services.state import State
from sandbox.storage.facts import Watch

SIGNING_PAUSE = 0.25
"""Seconds from the end of one signing to the next: with 10,000 revoked certificates one takes 0.15 s of a core."""


class CrlCache:
    """Asked on one event loop. *monotonic* and *sleep* tell and pass the time between two signings, in seconds."""

    def __init__(
        self,
        state: State,
        writer: Writer,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._state = state
        self._writer = writer
        self._monotonic = monotonic
        self._sleep = sleep
        self._watch = Watch(state.store)
        self._kept: dict[str, Crl] = {}
        self._changes = 0
        self._signed: float | None = None
        self._lock = asyncio.Lock()

    def _look(self) -> int:
        """A number that is another one after every change of the store, by this process or another; then nothing is
        remembered any more."""
        if self._watch.moved():
            self._changes += 1
            self._kept.clear()
        return self._changes

    def at_hand(self, issuer: str) -> Crl | None:
        """The CRL from memory, if it is certainly the right one."""
        self._look()
        kept = self._kept.get(issuer)
        return kept if kept and kept.right_at(self._state.clock.now()) else None

    async def current(self, issuer: str) -> Crl:
        """The CRL that is right now. Raises NotFounded, and Surroundings when it cannot be kept."""
        async with self._lock:
            if kept := self.at_hand(issuer):
                return kept
            changes, crl = await self._looked_up(issuer)
            if changes == self._look():  # else it may be older than what came in between
                self._kept[issuer] = crl
            return crl

    async def _looked_up(self, issuer: str) -> tuple[int, Crl]:
        """The CRL from the store, or a new one; and the number of changes before it was looked for."""
        while True:
            changes = self._look()
            crl = await self._writer.alone(partial(authority.kept_crl, self._state, issuer))
            if crl is None:
                if self._signed is not None:
                    await self._sleep(max(0.0, self._signed + SIGNING_PAUSE - self._monotonic()))
                changes, crl = self._look(), await self._made(issuer)
            if crl is not None:
                return changes, crl

    async def _made(self, issuer: str) -> Crl | None:
        """A new one, or somebody else's; None where a newer one is kept that may be due itself."""
        begun = await self._writer.alone(partial(authority.begin_crl, self._state, issuer))
        if isinstance(begun, Crl):
            return begun
        # Neither in the thread that writes nor in a transaction: nobody who writes has to wait for this.
        signed = await asyncio.to_thread(authority.sign_crl, self._state, begun)
        self._signed = self._monotonic()
        return await self._writer.alone(partial(authority.keep_crl, self._state, signed))
