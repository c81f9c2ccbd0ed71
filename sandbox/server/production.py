"""The certificate that the doors show to who calls the providers' production hosts, where a server was told to.

Those names stand under a root of their own, which nobody trusts by accident: whoever trusts it lets this sandbox speak
for the providers' live services.
"""

from collections.abc import Callable
from contextlib import suppress

from ca.authority import Credentials
from ca.clock import SystemClock
from ca.errors import NameNotCovered
from sandbox.errors import Surroundings
from sandbox.providers.declare import Provider
from sandbox.providers.doors import Door
from sandbox.providers.known import PRODUCTION_HOSTS
from sandbox.server.trust import Trust
from sandbox.server.writer import Writer
from sandbox.services.state import State
from sandbox.tls.contexts import DoorContexts


class ProductionCertificate:
    """Keeps what doors show at production names: the same trust in clients, another certificate of their own."""

    def __init__(self, state: State, writer: Writer, trust: Trust) -> None:
        self._state = state
        self._writer = writer
        self._trust = trust
        self._shown = self._credentials()
        self._doors: list[DoorContexts] = []

    def take(self, provider: Provider, door: Door, contexts: DoorContexts) -> None:
        """Have a door answer to its production names as well."""
        if not door.production:
            return
        there = DoorContexts(self._shown, contexts.book, asks=door.client_certificate)
        self._trust.begin(provider.name, there, purpose=door.purpose, stapled=False)
        contexts.at_name = _those_in(door, there)
        self._doors.append(there)

    async def keep(self) -> None:
        """Renew it in time. Where the store does not answer, it stays as it was until the next look."""
        with suppress(Surroundings, NameNotCovered):
            credentials = await self._writer.alone(self._credentials)
            if credentials.chain != self._shown.chain:
                self._shown = credentials
                for there in self._doors:
                    there.renew(credentials, self._trust.book(there))

    def _credentials(self) -> Credentials:
        with self._state.store.write() as work:
            names, now = PRODUCTION_HOSTS, SystemClock().now()
            return self._state.authority.production_credentials(work, names=names, now=now)


def _those_in(door: Door, contexts: DoorContexts) -> Callable[[str], DoorContexts | None]:
    return lambda name: contexts if door.in_production(name) else None
