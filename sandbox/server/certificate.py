"""The certificate that all doors of a server show: for every name that a machine over this state was given, renewed
in time, and another one as soon as another machine had to make the server root anew."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from ca.authority import Credentials
from ca.clock import SystemClock
from ca.errors import NameNotCovered
from ca.x509.keys import PrivateKey, make_key
from sandbox.errors import Surroundings
from sandbox.journal.entry import Entry, Stage
from sandbox.providers import PROVIDERS
from sandbox.server.trust import Trust
from sandbox.server.writer import Writer
from sandbox.services.state import State, write_ca_file
from sandbox.settings import LOOPBACK
from sandbox.storage.facts import server_names
from sandbox.storage.work import Work
from sandbox.tls.contexts import DoorContexts

HOSTS = tuple(host for provider in PROVIDERS for door in provider.doors for host in door.server_names)
ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
"""Of what is not shown yet, there is nothing to renew."""


class ServerCertificate:
    """Keeps what the doors show. Asked on the event loop, but for `begin`, which waits for the store."""

    def __init__(self, state: State, writer: Writer, trust: Trust) -> None:
        self._state = state
        self._writer = writer
        self._trust = trust
        self._doors: list[DoorContexts] = []
        self._shown: Credentials | None = None
        self._validity = ALWAYS
        self._coming: asyncio.Task[None] | None = None
        self._beside = asyncio.Lock()
        self.changes = 1
        """The read cache's count up to which this is right. The first look changes nothing: the doors are new."""

    def begin(self) -> Credentials:
        """What the doors show from their opening on. Raises Surroundings."""
        return self._show(self._credentials())

    def _show(self, credentials: Credentials) -> Credentials:
        leaf = credentials.chain[0]
        self._shown, self._validity = credentials, (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
        return credentials

    def take(self, contexts: DoorContexts) -> None:
        """Take a door under care, which shows what `begin` gave."""
        contexts.make_beside = self._make_beside
        self._doors.append(contexts)

    async def _make_beside(self) -> None:
        """Show an RSA certificate beside the other one: the first client that takes no other waits for its key. Where
        the store does not answer, the client is refused as if there were none."""
        async with self._beside:
            waiting = [contexts for contexts in self._doors if contexts.beside is None]
            if not waiting:
                return
            with suppress(Surroundings):
                found = await self._writer.alone(self._beside_of(None))
                if found is None:
                    key = await asyncio.to_thread(make_key, "rsa-2048")  # half a second at worst; the loop goes on
                    found = await self._writer.alone(self._beside_of(key))
                # Where another root was made meanwhile, the two would not be of one issuer.
                if found and self._shown and found.chain[1:] == self._shown.chain[1:]:
                    for contexts in waiting:
                        contexts.show_beside(found)

    def _beside_of(self, key: PrivateKey | None) -> Callable[[], Credentials | None]:
        def made() -> Credentials | None:
            with self._state.store.write() as work:
                names = self._names(work)
                return self._state.authority.rsa_credentials(work, names=names, now=SystemClock().now(), key=key)

        return made

    async def keep(self, changes: int) -> None:
        """See that the doors show what is right after so many changes.

        Where the store does not answer, all stays as it was, to be tried again at the next look. So it does where an
        older program, which knows nothing of the list of names, has made a CA without them."""
        with suppress(Surroundings, NameNotCovered):
            credentials = await self._writer.alone(self._credentials)
            before = self._shown.chain if self._shown else ()
            if credentials.chain != before:
                if credentials.chain[1:] != before[1:]:
                    await self._writer.alone(self._tell(credentials))
                # Nothing is awaited from here on: a book that was read before might be older than the door's own.
                books = [self._trust.book(contexts) for contexts in self._doors]
                for contexts, book in zip(self._doors, books, strict=True):
                    contexts.renew(credentials, book)
                self._trust.staple_again()
                self._show(credentials)
            self.changes = changes

    def in_time(self) -> bool:
        """Whether what the doors show is, by real time: somebody may have set the computer's clock."""
        begin, end = self._validity
        return begin <= SystemClock().now() <= end

    async def come_in_time(self) -> None:
        """Show what is, for clients on this computer go by the same clock. Many may ask at once, and wait together:
        where the store is held by others, none of them waits longer for it than one would."""
        if self._coming is None or self._coming.done():
            self._coming = asyncio.ensure_future(self.keep(self.changes))
        await asyncio.shield(self._coming)  # who hangs up does not end it for the others

    def _credentials(self) -> Credentials:
        with self._state.store.write() as work:
            # By real time, not by the sandbox's clock: the client's side judges it so.
            return self._state.authority.server_credentials(work, names=self._names(work), now=SystemClock().now())

    def _names(self, work: Work) -> tuple[str, ...]:
        return tuple(dict.fromkeys(("localhost", *LOOPBACK, *HOSTS, *server_names(work))))

    def _tell(self, credentials: Credentials) -> Callable[[], None]:
        def tell() -> None:
            write_ca_file(self._state)
            state = self._state
            note = f"for another machine's server name; give {state.folder.ca_file} to everyone who trusts the old one"
            state.journal.append(
                Entry(
                    id=state.ids.trace(),
                    at=state.clock.now(),
                    kind="certificate",
                    provider=None,
                    door="",
                    certificate=credentials.chain[1].subject.rfc4514_string(),
                    title="the server root is another one",
                    outcome="made anew",
                    stages=(Stage(name="renewal", ok=True, note=note),),
                )
            )

        return tell
