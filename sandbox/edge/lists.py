"""The CRLs of a running server: kept in memory until something changes, signed by the writing thread when needed."""

import asyncio
from functools import partial
from math import inf

from ca.publishing import Crl
from sandbox.edge.writer import Writer
from sandbox.errands import revocation
from sandbox.errands.state import State
from sandbox.storage.generation import Watch

SIGNING_PAUSE = 0.25
"""Seconds between two signings: with 10,000 revoked certificates one takes 0.15 s of the writing thread."""


class Lists:
    """Asked on one event loop."""

    def __init__(self, state: State, writer: Writer) -> None:
        self._state = state
        self._writer = writer
        self._watch = Watch(state.store)
        self._kept: dict[str, Crl] = {}
        self._changes = 0
        self._numbers: dict[str, int] = {}
        self._signed = -inf
        self._lock = asyncio.Lock()

    @property
    def changes(self) -> int:
        """A number that is another one after every change of the store, by this process or another."""
        if self._watch.moved():
            self._changes += 1
            self._kept.clear()
        return self._changes

    def at_hand(self, issuer: str) -> Crl | None:
        """The CRL from memory, if it is certainly the right one."""
        _ = self.changes
        kept = self._kept.get(issuer)
        return kept if kept and kept.right_at(self._state.clock.now()) else None

    async def current(self, issuer: str) -> Crl:
        """The CRL that is right now. Raises NotFounded, and Surroundings when it cannot be kept."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            if kept := self.at_hand(issuer):
                return kept
            await asyncio.sleep(max(0.0, self._signed + SIGNING_PAUSE - loop.time()))
            changes = self.changes
            crl = await self._writer.alone(partial(revocation.current_crl, self._state, issuer))
            if crl.number != self._numbers.get(issuer, crl.number):
                self._signed = loop.time()
            self._numbers[issuer] = crl.number
            if changes == self.changes:  # else it may be older than what came in between
                self._kept[issuer] = crl
            return crl
