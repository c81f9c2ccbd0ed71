"""What stands behind the pytest fixtures: a running sandbox as one test has it.

The fixtures themselves are in `sandbank.py`."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sandbox.embed.advice import Speaker, proxy_in_between
from sandbox.embed.handles import Client, ClockHandle, ProviderHandle
from sandbox.embed.journal import JournalHandle, OwnJournal
from sandbox.embed.sandbox import Sandbox
from sandbox.errors import Misuse, NotThere, SandbankError, Surroundings
from sandbox.journal.entry import Entry

MAX_SLUG = 48
"""Of a test's name in its client's: a client's name has 64 characters at most, and some tell it from others."""


class FixtureProvider:
    """One imitated provider: its doors, the test's own client, and those that the test makes beside it."""

    def __init__(self, face: ProviderHandle, test: str, owners: set[str], speaker: Speaker) -> None:
        self._speaker = face.speaker = speaker
        self._face = face
        self._test = test
        self._owners = owners
        self._made: list[Client] = []
        self._client: Client | None = None
        self.name = face.name
        self.urls = face.urls
        """Base URL of each door: ``urls["mtls"]``, ``urls["api"]``."""
        self.webhook_key = face.webhook_key
        """For the program's receiver: the key, and what is said at :class:`ProviderHandle` of these four."""
        self.webhook_ca = face.webhook_ca
        self.webhook_certificate = face.webhook_certificate
        self.webhook_csr = face.webhook_csr

    @property
    def clients(self) -> dict[str, Client]:
        """Those that the test made, its own among them, by their names."""
        return {client.name: client for client in self._made}

    def spoken(self, client: str | None) -> str:
        """How the test names the client of that id: its own one, or another that it made."""
        for one in self._made:
            if one.id == client and one is not self._client:
                return f"{self.name}.clients[{one.name!r}]"
        return f"{self.name}.client"

    @property
    def client(self) -> Client:
        """The test's own client, made when it is first asked for."""
        if self._client is None:
            self._client = self.new_client(self._test)
        return self._client

    def new_client(
        self,
        name: str,
        *,
        id: str = "",
        secret: str = "",
        require_jws: bool = False,
        require_mtls: bool = False,
        rate_limit: str = "",
        sca: bool = False,
        check_callbacks: bool = False,
    ) -> Client:
        """Register another client; it is gone after the test. Raises :class:`sandbox.errors.Taken`."""
        requires = {"require_jws": require_jws, "require_mtls": require_mtls, "check_callbacks": check_callbacks}
        client = self._face.new_client(name, id=id, secret=secret, rate_limit=rate_limit, sca=sca, **requires)
        client.speaker = self._speaker
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


class FixtureSandbox:
    """What tests are given, whether the server is shared or not."""

    journal: JournalHandle
    fixture: str
    """The name of the fixture, which is the test's own name for it."""

    def __init__(self, sandbox: Sandbox, test: str) -> None:
        self._sandbox = sandbox
        self._owners: set[str] = set()
        self._test = test
        slug = re.sub(r"[^A-Za-z0-9]+", "-", test)[:MAX_SLUG].strip("-") or "test"
        self._slug = f"{slug}-{sandbox.state.ids.trace()[:8]}"
        self._lent: dict[str, FixtureProvider] = {}
        self._kept: Sequence[Entry] = ()
        self.ca_file = sandbox.ca_file
        """The CA certificate to trust: ``ssl.create_default_context(cafile=sandbank.ca_file)``."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._test}>"

    def __getattr__(self, name: str) -> FixtureProvider:
        """Each provider under its name, with a client of this test's own: ``.client``, ``.urls``, ``.new_client``."""
        if name.startswith("_") or name not in self._sandbox.providers:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        if name not in self._lent:
            speaker = self._speaker(self.fixture)
            self._lent[name] = FixtureProvider(getattr(self._sandbox, name), self._slug, self._owners, speaker)
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

    def _speaker(self, fixture: str) -> Speaker:
        """How a test that has this as *fixture* reads what it may do next."""
        return Speaker(
            sandbox=fixture,
            clock="sandbank_alone.clock",
            named="the fixture sandbank_settings, which returns {{'server_names': ({name},)}}",
            state=str(self._sandbox.state.folder.path),
            client=lambda provider, client: f"{fixture}.{getattr(self, provider).spoken(client)}",
        )

    def refusals(self) -> Sequence[Entry]:
        """The newest, one more than are shown; those that were kept where the server has ended since."""
        try:
            return self.journal.entries(refused=True, limit=SHOWN + 1)
        except SandbankError:
            return self._kept

    def keep_refusals(self) -> None:
        """Another fixture of the test may fail as it ends, which is reported when the server may have ended too."""
        self._kept = self.refusals()

    def was_not_called(self) -> bool:
        """No program came to a door as long as this test went on."""
        try:
            return not any(entry.kind in ("handshake", "call") for entry in self.journal.entries())
        except SandbankError:
            return False

    def trouble(self) -> str:
        """Why the sandbox could not work, where the test or another took its folder away."""
        try:
            self.journal.entries(limit=1)
        except Surroundings as error:
            return f"{error}\n{error.advice()}".strip()
        except SandbankError:
            pass  # the test has stopped its own server: its failure is reported without us
        return ""

    def give_back(self) -> None:
        """Leave nothing of this test's behind."""
        for provider in self._lent.values():
            provider.remove_clients()


class SharedSandbox(FixtureSandbox):
    """What the fixture ``sandbank`` gives: one server for all tests of a process, and of its data only one's own."""

    fixture = "sandbank"

    def __init__(self, sandbox: Sandbox, test: str) -> None:
        super().__init__(sandbox, test)
        since = sandbox.state.journal.newest()
        self.journal = OwnJournal(sandbox.state, since=since, owners=self._owners, speaker=self._speaker(self.fixture))
        """Since this test began, of its own clients, and what never got as far as a client (``client`` is None)."""

    @property
    def clock(self) -> NoReturn:
        raise Misuse(
            "all tests of this run share the clock of the fixture sandbank, so it cannot be moved or replaced: "
            "take the fixture sandbank_alone, whose server and clock are this test's own",
            next_step="take the fixture sandbank_alone",  # pytest shows the sentence alone
        )

    @clock.setter
    def clock(self, _: object) -> None:
        _ = self.clock


class OwnSandbox(FixtureSandbox):
    """What the fixture ``sandbank_alone`` gives: a server for one test, where everything is allowed."""

    fixture = "sandbank_alone"

    def __init__(self, sandbox: Sandbox, test: str) -> None:
        super().__init__(sandbox, test)
        self.sandbox = sandbox
        """The whole of it: ports, control API, the demo client."""
        self.clock: ClockHandle = sandbox.clock
        """``clock.move(timedelta(days=400))``, ``clock.freeze(at)``."""
        self.journal = JournalHandle(sandbox.state, speaker=self._speaker(self.fixture))
        """Everything that happened."""
        self.webhooks = sandbox.webhooks
        """``webhooks.drain()`` waits until nothing is due any more; ``webhooks.all(event=...)``."""


SHOWN = 10
"""Refusals in one report: a test rarely has more than two, and of a loop the newest say enough."""

_LENT = pytest.StashKey[list[FixtureSandbox]]()
_PER_SERVER = ("state", "port_base")
"""Settings that two servers of one run cannot share."""


def serve(request: pytest.FixtureRequest, settings: Mapping[str, Any]) -> Iterator[Sandbox]:
    """The server of the run, or of the xdist worker."""
    settings = dict(settings)
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    if worker and settings.get("state"):
        settings["state"] = Path(settings["state"]) / worker
    sandbox = _started(settings)
    yield sandbox
    sandbox.stop()


def lend(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[SharedSandbox]:
    """The run's server as one test has it."""
    face = SharedSandbox(sandbox, request.node.name)
    with _reported(request, face):
        yield face
    face.give_back()


def serve_alone(request: pytest.FixtureRequest, settings: Mapping[str, Any]) -> Iterator[OwnSandbox]:
    """A server for one test, with a state and free ports of its own."""
    sandbox = _started({name: value for name, value in settings.items() if name not in _PER_SERVER})
    face = OwnSandbox(sandbox, request.node.name)
    with _reported(request, face):
        yield face
    sandbox.stop()


def _started(settings: Mapping[str, Any]) -> Sandbox:
    if "clock" in settings:
        pytest.fail(
            "sandbank_settings has a clock, which all tests of the run would share: "
            "take the fixture sandbank_alone in the tests that need it, and freeze or move sandbank_alone.clock",
            pytrace=False,
        )
    try:
        sandbox = Sandbox(**settings)
        sandbox.start()
    except SandbankError as error:
        said = f"Sandbank did not start: {error}. {error.advice()}".strip()
        raise pytest.fail.Exception(said, pytrace=False) from None
    return sandbox


@contextmanager
def _reported(request: pytest.FixtureRequest, face: FixtureSandbox) -> Iterator[None]:
    """While it is lent, a failure of the test shows what *face* has in its journal."""
    if not request.config.pluginmanager.has_plugin(Refusals.NAME):
        request.config.pluginmanager.register(Refusals(), Refusals.NAME)
    lent = request.node.stash.setdefault(_LENT, [])
    lent.append(face)
    yield
    face.keep_refusals()


class Refusals:
    """Says in the report of a failed test what the sandbox refused, and why; nothing when it refused nothing."""

    NAME = "sandbank_refusals"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        for face in item.stash.get(_LENT, []) if report.failed else []:
            if said := _explained(face.refusals()):
                report.sections.append(("Sandbank refused", said))
            elif said := face.trouble():
                report.sections.append(("Sandbank could not work", said))
            elif said := proxy_in_between() if face.was_not_called() else "":
                report.sections.append(("Sandbank was not called", said))
        if report.when == "teardown":
            item.stash.setdefault(_LENT, []).clear()
        return report


def _explained(refused: Sequence[Entry]) -> str:
    left_out = ["(earlier refusals are left out)"] if len(refused) > SHOWN else []
    return "\n\n".join([*left_out, *(entry.explain() for entry in refused[-SHOWN:])])
