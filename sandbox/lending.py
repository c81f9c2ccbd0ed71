"""A running sandbox as one test has it: its own clients, data and journal. Which test that is, the plugin knows."""

import re
from typing import NoReturn

from sandbox.embed import Sandbox
from sandbox.errors import Misuse, NotThere
from sandbox.faces import Client, ClockFace, JournalFace, OwnJournal, ProviderFace

MAX_SLUG = 48
"""Of a test's name in its client's: a client's name has 64 characters at most, and some tell it from others."""


class LentProvider:
    """One imitated provider: its doors, the test's own client, and those that the test makes beside it."""

    def __init__(self, face: ProviderFace, test: str, owners: set[str]) -> None:
        self._face = face
        self._test = test
        self._owners = owners
        self._made: list[Client] = []
        self._client: Client | None = None
        self.name = face.name
        self.urls = face.urls
        """Base URL of each door: ``urls["mtls"]``, ``urls["api"]``."""

    @property
    def client(self) -> Client:
        """The test's own client, made when it is first asked for."""
        if self._client is None:
            self._client = self.new_client(self._test)
        return self._client

    def new_client(self, name: str, *, id: str = "", secret: str = "", require_jws: bool = False) -> Client:
        """Register another client; it is gone after the test. Raises :class:`sandbox.errors.Taken`."""
        client = self._face.new_client(name, id=id, secret=secret, require_jws=require_jws)
        self._made.append(client)
        self._owners.add(client.id)
        return client

    def remove_clients(self) -> None:
        """Free their names and ids for the next test, and refuse what the test may have left running."""
        for client in self._made:
            try:
                client.remove()
            except NotThere:
                pass  # the test has removed it


class Lent:
    """What tests are given, whether the server is shared or not."""

    journal: JournalFace

    def __init__(self, sandbox: Sandbox, test: str) -> None:
        self._sandbox = sandbox
        self._owners: set[str] = set()
        self._test = test
        slug = re.sub(r"[^A-Za-z0-9]+", "-", test)[:MAX_SLUG].strip("-") or "test"
        self._slug = f"{slug}-{sandbox.state.ids.trace()[:8]}"
        self._lent: dict[str, LentProvider] = {}
        self.ca_file = sandbox.ca_file
        """The CA certificate to trust: ``ssl.create_default_context(cafile=sandbank.ca_file)``."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._test}>"

    def __getattr__(self, name: str) -> LentProvider:
        """Each provider under its name, with a client of this test's own: ``.client``, ``.urls``, ``.new_client``."""
        if name.startswith("_") or name not in self._sandbox.providers:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        if name not in self._lent:
            self._lent[name] = LentProvider(getattr(self._sandbox, name), self._slug, self._owners)
        return self._lent[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._sandbox.providers]

    def environment(self) -> dict[str, str]:
        """What a program needs in order to be this test's client, at every provider: what ``sandbank client env``
        prints."""
        return {
            name: said
            for provider in self._sandbox.providers
            for name, said in getattr(self, provider).client.environment().items()
        }

    def give_back(self) -> None:
        """Leave nothing of this test's behind."""
        for provider in self._lent.values():
            provider.remove_clients()


class SharedSandbox(Lent):
    """What the fixture ``sandbank`` gives: one server for all tests of a process, and of its data only one's own."""

    def __init__(self, sandbox: Sandbox, test: str) -> None:
        super().__init__(sandbox, test)
        since = sandbox.state.journal.newest()
        self.journal = OwnJournal(sandbox.state, since=since, owners=self._owners)
        """Since this test began, of its own clients, and what never got as far as a client (``client`` is None)."""

    @property
    def clock(self) -> NoReturn:
        raise Misuse(
            "the clock of the fixture sandbank is that of all tests of this run and cannot be moved or replaced: "
            "take the fixture sandbank_alone, whose server and clock are this test's own"
        )

    @clock.setter
    def clock(self, _: object) -> None:
        _ = self.clock


class OwnSandbox(Lent):
    """What the fixture ``sandbank_alone`` gives: a server for one test, where everything is allowed."""

    def __init__(self, sandbox: Sandbox, test: str) -> None:
        super().__init__(sandbox, test)
        self.sandbox = sandbox
        """The whole of it: ports, control API, the demo client."""
        self.clock: ClockFace = sandbox.clock
        """``clock.move(timedelta(days=400))``, ``clock.freeze(at)``."""
        self.journal = sandbox.journal
        """Everything that happened."""
