"""The Python face: a sandbox inside a program or a test, on free ports, gone when the ``with`` block ends."""

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ca.clock import Clock
from sandbox.errors import Misuse, SandbankError
from sandbox.ids import Ids
from sandbox.providers import PROVIDERS
from sandbox.server.lifecycle import ControlApp, LaterApp, Server
from sandbox.services.authority import authority_url as authority_url_of
from sandbox.services.authority import client_crls
from sandbox.services.ready import control_url
from sandbox.services.seeding import seeding
from sandbox.services.state import State, open_state
from sandbox.settings import LOOPBACK, Database, Settings

if TYPE_CHECKING:
    # Loaded when something is asked of a running sandbox in Python, which `sandbank serve` never does.
    from sandbox.embed.handles import ClockHandle, ProviderHandle
    from sandbox.embed.journal import JournalHandle
    from sandbox.services.secrets import Known

START_SECONDS = 30.0
"""A start takes about a second; after thirty something holds it, and a test run must not hang on it."""


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


@dataclass(slots=True)
class _Running:
    thread: threading.Thread
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


@dataclass(slots=True)
class _Start:
    """What the server's thread tells the thread that waits for it."""

    done: threading.Event = field(default_factory=threading.Event)
    server: Server | None = None
    running: _Running | None = None
    error: BaseException | None = None


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
    ) -> None:
        self._folder = None if state is None else Path(state)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._settings = Settings(
            database=None if database is None else Database(database),
            port_base=port_base,
            bind=bind,
            control_bind=control_bind,
            server_names=server_names,
            authority_url=authority_url,
            handshake_seconds=handshake_seconds,
        )
        self._clock = clock
        self._seed = None if seed is None else Path(seed)
        self._ids = Ids(random_seed)
        self._state: State | None = None
        self._known: Known = {}
        self._running: _Running | None = None
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the doors; returns when they answer. Raises SandbankError (ports, rights, a newer state, the seed)."""
        plant = seeding(self._seed)
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="sandbank-")
        folder = self._folder or Path(self._temporary.name if self._temporary else "") / "state"
        self._state = state = open_state(
            folder,
            database=self._settings.database,
            clock=self._clock,
            ids=self._ids,
            server_names=self._settings.server_names,
        )
        try:
            self._known = plant(state)
        except SandbankError:
            self.stop()
            raise
        start = _Start()
        thread = threading.Thread(target=self._serve, args=(state, start), name="sandbank", daemon=True)
        thread.start()
        if not start.done.wait(START_SECONDS):
            raise TimeoutError(f"the sandbox did not start within {START_SECONDS:g} seconds")
        if start.error is not None or start.server is None:
            thread.join()
            self.stop()
            raise start.error or RuntimeError("the sandbox's thread ended before it served")
        self.ports, self._running = start.server.ports, start.running

    def stop(self) -> None:
        """Close every door, then the state; a temporary one is removed."""
        if self._running is not None:
            self._running.loop.call_soon_threadsafe(self._running.stop.set)
            self._running.thread.join()
            self._running = None
        if self._state is not None:
            self._state.close()
            self._state = None
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    @property
    def state(self) -> State:
        """The open state, for errands that have no shorter way here. Raises Misuse before the start."""
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

        return ProviderHandle(self.state, name, self.ports, self._known)

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

        return JournalHandle(self.state)

    @property
    def ca_file(self) -> Path:
        """The CA certificate to trust: ``ssl.create_default_context(cafile=sandbox.ca_file)``."""
        return self.state.folder.ca_file

    def crls(self) -> str:
        """Which clients' certificates are revoked: the CRLs of their root and of each issuing CA, in PEM, as
        ``sandbank ca --crl`` prints them."""
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

    def _serve(self, state: State, start: _Start) -> None:
        def ready(server: Server) -> None:
            start.server = server
            start.done.set()

        async def main() -> None:
            stop = asyncio.Event()
            start.running = _Running(threading.current_thread(), asyncio.get_running_loop(), stop)
            await run_server(state, self._settings, ready=ready, stop=stop)

        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits, which raises it
            start.error = error
        finally:
            start.done.set()
