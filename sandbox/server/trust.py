"""What the doors trust and show beside their certificates, looked at before each handshake: CAs, pins, the staple.

Who makes these is ca's, and how a handshake judges by them `tls`'s."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from cryptography import x509

from ca.clock import SystemClock
from ca.records import write_serial
from ca.store.store import pinned
from sandbox.errors import Surroundings
from sandbox.server.cache import ReadCache
from sandbox.server.writer import Writer
from sandbox.services import authority
from sandbox.services.state import State
from sandbox.tls.contexts import DoorContexts, TrustBook

STAPLE_AGE = timedelta(hours=6)
"""A quarter of a staple's life. It is made anew long before its end: that the computer slept is noticed when a client
asks for it."""


@dataclass(frozen=True, slots=True)
class Revocations:
    """What the store says of the certificates that a provider's CA issued, as a handshake asks it.

    Not the CRL: OpenSSL verifies the signature of a whole list at each handshake, which doubles the time of one where
    10,000 are revoked, and each new revocation would have to be signed first."""

    provider: str
    state: State
    register: ReadCache

    def __call__(self, serial: int) -> bool:
        """Whether the certificate with this serial is revoked at this instant. Where the store cannot be asked nobody
        is refused here: it is asked again at each call, which then says so."""
        with suppress(Surroundings):
            return self.register.revoked_at(self.provider, write_serial(serial)) <= self.state.clock.now()
        return False


@dataclass(frozen=True, slots=True)
class _Judging:
    """A door that judges in its handshake."""

    provider: str
    purpose: str
    contexts: DoorContexts
    revoked: Revocations


class Trust:
    """Keeps the contexts of all doors right. Asked on the event loop; `begin` before it serves."""

    def __init__(self, state: State, register: ReadCache, writer: Writer) -> None:
        self._state = state
        self._register = register
        self._writer = writer
        self._judging: list[_Judging] = []
        self._contexts: list[DoorContexts] = []
        self._changes = -1
        self._staple = b""
        self._stapled: datetime | None = None
        self._lock = asyncio.Lock()

    def begin(self, provider: str, contexts: DoorContexts, *, purpose: str = "transport", stapled: bool = True) -> None:
        """Take a door under care whose contexts are new. *purpose* is that of the certificates which it lets in; not
        *stapled* it hands over no OCSP answer, since it shows another certificate than the usual one."""
        if stapled:
            contexts.staple = self._fresh_staple
            self._contexts.append(contexts)
        if contexts.book is not None:
            revoked = Revocations(provider, self._state, self._register)
            self._judging.append(_Judging(provider, purpose, contexts, revoked))
            contexts.trust(self._book(self._judging[-1]))

    def look(self) -> None:
        """Before a handshake, after the read cache was refreshed: nothing, where all is right. Raises Surroundings
        where the store cannot be asked, and then looks again at the next one."""
        changes = self._register.changes
        if changes != self._changes:
            self._renew_books()
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

    def _renew_books(self) -> None:
        for one in self._judging:
            book = self._book(one)
            if book != one.contexts.book:  # most changes are none of whom to trust
                one.contexts.trust(book)

    def _book(self, one: _Judging) -> TrustBook:
        with self._state.store.read() as work:
            issuing = self._state.authority.issuing(work, one.provider)
            pins = tuple(map(x509.load_der_x509_certificate, pinned(work, one.provider, one.purpose)))
        return TrustBook(authorities=(issuing,), pins=pins, revoked=one.revoked)

    def _staple_right(self, now: datetime) -> bool:
        return self._stapled is not None and timedelta() <= now - self._stapled < STAPLE_AGE

    async def _fresh_staple(self) -> bytes:
        """Made when a client asks for the first, and anew at its age: most clients ask for none."""
        # Where the store is held by others, the staple stays as it was: it is good for longer than it is kept.
        if not self._staple_right(SystemClock().now()):
            async with self._lock:
                with suppress(Surroundings):
                    if not self._staple_right(SystemClock().now()):
                        await self._writer.alone(partial(self._keep_staple, self._contexts[0].certificate))
        return self._staple

    def _keep_staple(self, certificate: x509.Certificate) -> None:
        now = SystemClock().now()
        self._staple = authority.make_staple(self._state, certificate, now)
        self._stapled = now
