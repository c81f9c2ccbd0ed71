"""The sandbox in Python: inside a program or a test, on free ports, gone when the ``with`` block ends."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ca.clock import Clock
from sandbox.errors import Misuse, StateLocked
from sandbox.ids import Ids
from sandbox.providers import PROVIDERS
from sandbox.server.lifecycle import ControlApp, LaterApp, Server
from sandbox.services.doors import authority_url as authority_url_of
from sandbox.services.doors import control_url
from sandbox.services.seeding import seeding
from sandbox.services.state import State, open_state
from sandbox.settings import LOOPBACK, Database, Settings
from sandbox.storage.folder import Hold, hold_as_server
from sandbox.storage.lifetime import TemporaryFolder

if TYPE_CHECKING:
    # Loaded when something is asked of a running sandbox in Python, which `sandbank serve` never does.
    from sandbox.embed.advice import Speaker
    from sandbox.embed.handles import ClockHandle, ProviderHandle
    from sandbox.embed.journal import JournalHandle, WebhooksHandle
    from sandbox.services.clients import Known

START_SECONDS = 30.0
"""A start takes about a second; after thirty something holds it, and a test run must not hang on it."""
STOP_SECONDS = 10.0
"""A stop takes about a second. After ten the program goes on without waiting for it."""


def _control(settings: Settings) -> ControlApp:
    """The application of the control door, loaded when somebody calls there."""

    def build(*house: Any) -> Any:
        from sandbox.control.app import control_app

        return control_app(settings, LaterApp(partial(_pages, settings, *house)).made)(*house)

    return build


def _pages(settings: Settings, *house: Any) -> Any:
    """The application of the hub, loaded when somebody asks for its first page."""
    from sandbox.hub.app import hub_app

    return hub_app(settings)(*house)


async def run_server(
    state: State,
    settings: Settings,
    *,
    ready: Callable[[Server], None],
    stop: asyncio.Event,
    handed: Mapping[str, list[socket.socket]] | None = None,
) -> None:
    """Serve until *stop* is set; *ready* is called when every door answers. Raises PortTaken.

    *handed* are the doors' sockets, where another process has bound them and shares them with this one.
    """
    server = Server(state, settings, _control(settings), handed=handed)
    try:
        await server.start()
        ready(server)
        await stop.wait()
    finally:
        await server.stop()


class _Serving:
    """The thread that serves, from its start to its end."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._settings = settings
        self._lock = threading.Lock()
        self._told = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._server: Server | None = None
        self._error: BaseException | None = None
        self._ending = False
        self._over = False
        self._clean_up: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="sandbank", daemon=True)

    def begin(self) -> Server:
        """The server, when its doors answer. Raises what its start did, or TimeoutError; it is to be ended all the
        same."""
        self._thread.start()
        if not self._told.wait(START_SECONDS):
            raise TimeoutError(f"the sandbox did not start within {START_SECONDS:g} seconds")
        if self._server is None:
            raise self._error or RuntimeError("the sandbox's thread ended before it served")
        return self._server

    def end(self, clean_up: Callable[[], None]) -> None:
        """Close every door, then clean up. Where something holds the thread for too long, it cleans up by itself later:
        the state must not be closed while it is used."""
        with self._lock:
            self._ending, loop = True, self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(self._leave)
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
            with self._lock:
                if not self._over:
                    self._clean_up = clean_up
                    return
            self._thread.join()
        clean_up()

    def disown(self) -> None:
        """Let go of what a forked child has of it: sockets that nobody in it listens on, and its locks."""
        if self._server is not None:
            self._server.disown()

    def _leave(self) -> None:
        self._stop.set()
        if self._server is None and self._task is not None:
            self._task.cancel()  # in the middle of its start

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits, which raises it
            self._error = error
        finally:
            self._told.set()
            with self._lock:
                self._over, clean_up = True, self._clean_up
            if clean_up is not None:
                clean_up()

    async def _serve(self) -> None:
        with self._lock:
            if self._ending:
                return
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        await run_server(self._state, self._settings, ready=self._ready, stop=self._stop)

    def _ready(self, server: Server) -> None:
        self._server = server
        self._told.set()


class Sandbox:
    """A whole sandbox in a background thread.

    ``with Sandbox() as sandbox:`` takes free ports and a temporary state; *state* names a folder that stays,
    *database* (``postgresql://…``) one that several machines share. *seed* names a seed file (``sandbank.toml``) to
    apply before the doors open; *random_seed* makes ids predictable. With a *clock* of the caller's it goes by that
    one, and ``sandbox.clock`` only shows it.
    """

    def __init__(
        self,
        *,
        state: Path | str | None = None,
        database: str | None = None,
        port_base: int = 0,
        bind: tuple[str, ...] = LOOPBACK,
        control_bind: tuple[str, ...] = LOOPBACK,
        server_names: tuple[str, ...] = (),
        authority_url: str = "",
        clock: Clock | None = None,
        seed: Path | str | None = None,
        random_seed: int | None = None,
        handshake_seconds: float = 10.0,
        front: tuple[int, ...] = (),
        production_names: bool = False,
        webhook_allow: tuple[str, ...] = (),
    ) -> None:
        self._folder = None if state is None else Path(state)
        self._temporary: TemporaryFolder | None = None
        self._settings = Settings(
            database=None if database is None else Database(database),
            port_base=port_base,
            bind=bind,
            control_bind=control_bind,
            server_names=server_names,
            authority_url=authority_url,
            handshake_seconds=handshake_seconds,
            front=front,
            production_names=production_names,
            webhook_allow=webhook_allow,
        )
        self._clock = clock
        self._seed = None if seed is None else Path(seed)
        self._ids = Ids(random_seed)
        self._state: State | None = None
        self._known: Known = {}
        self._serving: _Serving | None = None
        self._hold = Hold()
        self._process = 0
        """Which has started it: a child that it forks has the object too, and none of its threads."""
        self._started = threading.Lock()
        self._changing = threading.Lock()
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the doors; returns when they answer. Where that fails, nothing is left behind.

        Raises SandbankError (ports, rights, a newer state, the seed), Misuse when it runs already."""
        if not self._started.acquire(blocking=False):
            raise Misuse("this sandbox is already running", next_step="stop() it first, or make another Sandbox()")
        self._process = os.getpid()
        try:
            apply_to = seeding(self._seed)
            self._state = state = self._open_state()
            with suppress(StateLocked):  # beside `sandbank serve`, or another program: each on ports of its own
                self._hold = hold_as_server(state.folder, "program")
            self._known = apply_to(state)
            self._serving = _Serving(state, self._settings)
            self.ports = self._serving.begin().ports
        except BaseException:
            self.stop()
            raise

    def _open_state(self) -> State:
        if self._folder is None:
            self._temporary = TemporaryFolder()
        return open_state(
            self._folder or (self._temporary.path if self._temporary else Path()) / "state",
            database=self._settings.database,
            clock=self._clock,
            ids=self._ids,
            server_names=self._settings.server_names,
        )

    def stop(self) -> None:
        """Close every door, then the state; a temporary one is removed.

        In a forked child nothing is stopped: it lets go of what it has inherited, and all goes on where it was started.
        """
        with self._changing:
            state, serving, temporary = self._state, self._serving, self._temporary
            self._state = self._serving = self._temporary = None
            if self._process and self._process != os.getpid():
                self._hold.let_go()
                if serving is not None:
                    serving.disown()
                return
        with ExitStack() as clean_up:  # the last one first, and each of them whatever the others raise
            if temporary is not None:
                clean_up.callback(temporary.remove)
            if state is not None:
                clean_up.callback(state.close)
            clean_up.callback(self._hold.let_go)
            if serving is not None:
                serving.end(clean_up.pop_all().close)
        with self._changing:
            if self._started.locked():
                self._started.release()

    @property
    def state(self) -> State:
        """The open state, for services that have no handle here. Raises Misuse before the start."""
        if self._state is None:
            raise Misuse("the sandbox is not running", next_step="use it as a context manager, or call start()")
        return self._state

    def __getattr__(self, name: str) -> "ProviderHandle":
        """Each provider under its name: ``sandbox.wise``. Raises Misuse before the start."""
        if name not in self.providers:
            raise AttributeError(
                f"{type(self).__name__} has no {name!r}; its providers are {', '.join(self.providers)}"
            )
        from sandbox.embed.handles import ProviderHandle

        return ProviderHandle(self.state, name, self.ports, self._known, self._speaker())

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.providers]

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of those that are imitated; each is an attribute of the sandbox."""
        return tuple(provider.name for provider in PROVIDERS)

    @property
    def clock(self) -> "ClockHandle":
        """``sandbox.clock.move(months=13)``, ``.freeze(at)``, ``.reset()``."""
        from sandbox.embed.handles import ClockHandle

        return ClockHandle(self.state)

    @property
    def journal(self) -> "JournalHandle":
        from sandbox.embed.journal import JournalHandle

        return JournalHandle(self.state, speaker=self._speaker())

    def _speaker(self) -> "Speaker":
        """How a program names what is in it."""
        from sandbox.embed.advice import Speaker

        return Speaker(
            sandbox="sandbox",
            clock="sandbox.clock",
            named="Sandbox(server_names=({name},))",
            state=str(self.state.folder.path),
            client=self._client_in_python,
        )

    def _client_in_python(self, provider: str, client: str | None) -> str:
        """How a program names it: by its name, or its id where it is gone."""
        from sandbox.services.clients import client_names

        name = client_names(self.state, provider, [client]).get(client, client) if client else ""
        return f"sandbox.{provider}.client({repr(name) if name else ''})"

    @property
    def webhooks(self) -> "WebhooksHandle":
        """``sandbox.webhooks.drain()`` waits until nothing is due any more; ``.all(event=...)``."""
        from sandbox.embed.journal import WebhooksHandle

        return WebhooksHandle(self.state)

    @property
    def ca_file(self) -> Path:
        """The CA certificate to trust: ``ssl.create_default_context(cafile=sandbox.ca_file)``."""
        return self.state.folder.ca_file

    def crls(self) -> str:
        """Which clients' certificates are revoked: the CRLs of their root and of each issuing CA, in PEM, as
        ``sandbank ca --crl`` prints them."""
        from sandbox.services.authority import client_crls

        return client_crls(self.state).decode()

    @property
    def control(self) -> str:
        """Base URL of the control API."""
        return control_url(self.state)

    @property
    def authority(self) -> str:
        """Base URL of CRLs and OCSP, as client certificates have it."""
        with self.state.store.read() as work:
            return authority_url_of(work)
