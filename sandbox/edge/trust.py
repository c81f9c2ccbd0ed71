"""What the doors trust and show beside their certificates, looked at before each handshake: CRLs, pins, the staple.

Who signs what is `ca.publishing`'s, and how a handshake judges by it `tls`'s."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from cryptography import x509

from ca.clock import SystemClock
from ca.crls import pinned
from ca.ocsp import STAPLE_LIFE
from ca.publishing import Crl
from sandbox.edge.lists import Lists
from sandbox.edge.writer import Writer
from sandbox.errands import revocation
from sandbox.errands.state import State
from sandbox.errors import Surroundings
from sandbox.tls.contexts import DoorContexts, TrustBook
from sandbox.tls.crl import Crl as Parsed

STAPLE_AGE = STAPLE_LIFE / 4
"""A staple is made anew long before its end: that the computer slept is noticed at the next handshake."""


@dataclass(slots=True)
class _Judging:
    """A door that judges in its handshake."""

    provider: str
    contexts: DoorContexts
    crl: Crl
    parsed: Parsed


class Trust:
    """Keeps the contexts of all doors right. Asked on the event loop; `begin` before it serves."""

    def __init__(self, state: State, lists: Lists, writer: Writer) -> None:
        self._state = state
        self._lists = lists
        self._writer = writer
        self._judging: list[_Judging] = []
        self._contexts: list[DoorContexts] = []
        self._changes = -1
        self._staple = b""
        self._stapled: datetime | None = None
        self._lock = asyncio.Lock()

    def begin(self, provider: str, contexts: DoorContexts, certificate: x509.Certificate) -> None:
        """Take a door under care whose contexts are new."""
        if not self._staple:
            self._keep_staple(certificate)
        contexts.staple = self._staple
        self._contexts.append(contexts)
        if contexts.book is not None:
            crl = revocation.current_crl(self._state, revocation.client_ca(provider))
            self._judging.append(_Judging(provider, contexts, crl, Parsed(crl.der)))
            contexts.trust(self._book(self._judging[-1]))

    def look(self) -> Awaitable[None] | None:
        """Before a handshake: nothing, for some microseconds, where all is right; else what to wait for."""
        return None if self._right() else self._make_right()

    def _right(self) -> bool:
        now = self._state.clock.now()
        lists = self._lists.changes == self._changes and all(one.crl.right_at(now) for one in self._judging)
        return lists and self._staple_right(SystemClock().now())

    def _staple_right(self, now: datetime) -> bool:
        return self._stapled is not None and timedelta() <= now - self._stapled < STAPLE_AGE

    async def _make_right(self) -> None:
        # Where the store is held by others, the lists stay as they were: each call is judged by the store itself.
        async with self._lock:
            with suppress(Surroundings):
                if not self._right():
                    await self._renew()

    async def _renew(self) -> None:
        changes = self._lists.changes
        if not self._staple_right(SystemClock().now()):
            certificate = self._contexts[0].certificate
            await self._writer.alone(partial(self._keep_staple, certificate))
            for contexts in self._contexts:
                contexts.staple = self._staple
        for one in self._judging:
            crl = await self._lists.current(revocation.client_ca(one.provider))
            if crl.der != one.crl.der:
                one.parsed = Parsed(crl.der)
            one.crl = crl
            book = self._book(one)
            if book != one.contexts.book:  # most changes are none of whom to trust
                one.contexts.trust(book)
        self._changes = changes

    def book(self, contexts: DoorContexts) -> TrustBook | None:
        """What the door with these contexts trusts, also where its CA is another one now."""
        for one in self._judging:
            if one.contexts is contexts:
                return self._book(one)
        return None

    def staple_again(self) -> None:
        """The server certificate is another one: so is what is said of it, from the next handshake on."""
        self._stapled = None

    def _book(self, one: _Judging) -> TrustBook:
        with self._state.store.read() as work:
            issuing = self._state.authority.issuing(work, one.provider)
            pins = tuple(map(x509.load_der_x509_certificate, pinned(work, one.provider)))
        # An empty list refuses nobody, and looking at it costs 0.08 ms: an eighth of OpenSSL's part of a handshake.
        crls = (one.parsed,) if one.crl.revokes else ()
        return TrustBook(authorities=(issuing,), pins=pins, crls=crls)

    def _keep_staple(self, certificate: x509.Certificate) -> None:
        now = SystemClock().now()
        self._staple = revocation.make_staple(self._state, certificate, now)
        self._stapled = now
