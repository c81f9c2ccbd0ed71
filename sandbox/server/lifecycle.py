"""A whole server over one state: its doors are opened, kept up to date, and closed.

What happens behind a door is in `pipeline`."""

import asyncio
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from ca.authority import Credentials
from sandbox.errors import StateRemoved, Surroundings
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider
from sandbox.providers.doors import Door
from sandbox.server.cache import ReadCache
from sandbox.server.certificate import ServerCertificate
from sandbox.server.http.connection import Limits
from sandbox.server.listener import Listener, OpenDoor
from sandbox.server.observer import JournalObserver, LoopTrouble
from sandbox.server.pipeline.pipeline import Pipeline
from sandbox.server.pipeline.work import ServerContext
from sandbox.server.ports import bind_front, take_port
from sandbox.server.rates import CallRates
from sandbox.server.secrets import SecretVerifier
from sandbox.server.trust import Trust
from sandbox.server.writer import Writer
from sandbox.services.authority import cover_production_names, cover_server_names
from sandbox.services.doors import keep_authority_url
from sandbox.services.state import State, write_ca_file
from sandbox.settings import Settings
from sandbox.storage.facts import AUTHORITY, AUTHORITY_OFFSET, CONTROL_OFFSET
from sandbox.storage.folder import Hold, hold_serving
from sandbox.tls.contexts import DoorContexts, TrustBook

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sandbox.server.production import ProductionCertificate
    from sandbox.server.sender import Sender
    from sandbox.storage.work import Lead
    from sandbox.webhooks.addresses import Reach


class LaterApp:
    """Makes its application once, whichever thread is first."""

    def __init__(self, make: "Callable[[], ASGIApp]") -> None:
        self._make = make
        self._app: ASGIApp | None = None
        self._lock = threading.Lock()

    def made(self) -> "ASGIApp":
        """The application."""
        with self._lock:
            if self._app is None:
                self._app = self._make()
            return self._app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        await (self._app or self.made())(scope, receive, send)


LOOK_SECONDS = 0.5
"""How often a server looks for changes when nobody calls: then a service of the program around it has the time of a
clock that another process moved. A look costs some microseconds."""
SETTLE_SECONDS = 1.0
"""After the start: the first call, which is often waited for, should not have to share the processor with this."""
SENDER_SECONDS = 0.5
"""After the start of a program: what is due from before waits that long, so that the first call need not wait until the
sender of webhooks is loaded. Where it is loaded already, it begins at once."""
RENEWAL_CHECK = timedelta(hours=6)
"""How often a running server looks whether its own certificate nears its end (it is renewed 30 days before)."""

ControlApp = Callable[[State, Writer, int], "ASGIApp"]
"""Makes the control door's ASGI application, given the state, the writing thread and the door's port."""
Sockets = list[socket.socket]
"""Bound, one for each address of a door."""


class Server:
    """Doors over a state. Start and stop it on an event loop; the state stays the caller's to close."""

    def __init__(
        self, state: State, settings: Settings, control: ControlApp, *, handed: Mapping[str, Sockets] | None = None
    ) -> None:
        """*handed* are the bound sockets of every door, where another process has them already and shares them."""
        self._state = state
        self._settings = settings
        self._control = control
        self._handed = handed
        self._writer = Writer(state.store)
        self._register = ReadCache(state)
        self._proofs = SecretVerifier()
        self._rates = CallRates()
        self._trust = Trust(state, self._register, self._writer)
        self._showing = ServerCertificate(state, self._writer, self._trust)
        self._production: ProductionCertificate | None = None
        self._lead: Lead | None = None
        self._sender: Sender | None = None
        self._over = False
        self._listener: Listener | None = None
        self._hold: Hold | None = None
        self._renewal: asyncio.TimerHandle | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None
        self._making_ready: asyncio.Future[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._pipelines: list[Pipeline] = []
        self._removed = False
        self._later: list[LaterApp] = []
        self.refounded: tuple[str, ...] = ()
        """Server names for which a new server root had to be made at this start."""
        self.production_refounded = False
        """Whether the root above the production names had to be made anew at this start."""
        self.ports: dict[str, int] = {}
        """Port of each open door: ``control``, ``authority``, ``wise.mtls``, ``wise.api``."""
        self.sockets: dict[str, Sockets] = {}
        """What each of them listens on."""

    async def start(self) -> None:
        """Open every door. Raises PortTaken or StateLocked, and then none is open."""
        asyncio.get_running_loop().set_exception_handler(LoopTrouble(self._state, self.sockets))
        self._hold = hold_serving(self._state.folder)
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self.refounded = cover_server_names(self._state, self._settings.server_names)
        if self.refounded:
            write_ca_file(self._state)
        credentials = self._showing.begin()
        if self._settings.production_names:
            self._production = self._for_production()
        doors = [self._control_door(), self._authority_door()]
        keep_authority_url(self._state, self._settings.authority_url)
        doors += [self._open(provider, door, credentials) for provider in PROVIDERS for door in provider.doors]
        await self._listen([*doors, *self._front_doors(doors)])
        self._state.journal.start()
        self._writer.start()
        await self._take_lead()
        self._plan_renewal()
        self._look()
        loop = asyncio.get_running_loop()
        loaded = "sandbox.server.sender" in sys.modules
        self._sending = loop.call_later(0.0 if loaded else SENDER_SECONDS, self._sends)
        self._settling = loop.call_later(SETTLE_SECONDS, self._settle)

    def _for_production(self) -> "ProductionCertificate":
        from sandbox.server.production import ProductionCertificate  # few servers have one

        self.production_refounded = cover_production_names(self._state)
        return ProductionCertificate(self._state, self._writer, self._trust)

    async def _listen(self, doors: list[OpenDoor]) -> None:
        seconds = self._settings.handshake_seconds
        self._listener = Listener(
            doors=doors,
            observer=JournalObserver(self._state, self._register),
            clock=self._state.clock,
            limits=Limits(handshake_seconds=seconds, head_seconds=seconds),
            look=self._before_handshake,
        )
        await self._listener.start()

    async def stop(self) -> None:
        """Close every door and every connection, within a second."""
        for timer in filter(None, (self._renewal, self._looking, self._sending, self._settling)):
            timer.cancel()
        for task in filter(None, (self._keeping, self._renewing)):
            task.cancel()
        if self._listener is not None:
            await self._listener.stop()
        self._over = True
        if self._sender is not None:
            await asyncio.to_thread(self._sender.stop)
        elif self._lead is not None:
            self._lead.close()
        for one in (one for some in self.sockets.values() for one in some):
            one.close()  # of a door at which nobody listened yet
        self._proofs.close()
        self._writer.close()
        if self._hold is not None:
            self._hold.let_go()

    def disown(self) -> None:
        """In a forked child: close what it has inherited, which is still open in the process that serves."""
        for one in (one for some in self.sockets.values() for one in some):
            one.close()
        if self._hold is not None:
            self._hold.let_go()

    def _take(self, door: str, offset: int, hosts: Sequence[str]) -> Sockets:
        """The sockets of a door, its port noted."""
        sockets = self._handed[door] if self._handed else take_port(self._state, self._settings, door, offset, hosts)
        self.sockets[door] = sockets
        self.ports[door] = sockets[0].getsockname()[1]
        return sockets

    def _control_door(self) -> OpenDoor:
        sockets = self._take("control", CONTROL_OFFSET, self._settings.control_bind)
        app = LaterApp(partial(self._control, self._state, self._writer, self.ports["control"]))
        self._later.append(app)
        return OpenDoor(name="control", app=app, contexts=None, sockets=sockets)

    def _authority_door(self) -> OpenDoor:
        sockets = self._take(AUTHORITY, AUTHORITY_OFFSET, self._settings.bind)
        app = LaterApp(self._authority_app)
        self._later.append(app)
        return OpenDoor(name=AUTHORITY, app=app, contexts=None, sockets=sockets)

    def _front_doors(self, doors: Sequence[OpenDoor]) -> list[OpenDoor]:
        if not self._settings.front:
            return []
        from sandbox.server.front import (
            PREFIX,
            front_routes,  # few servers have one
        )

        fronts = []
        production = self._settings.production_names
        for port, route in front_routes(self._settings.front, doors, production=production).items():
            name = f"{PREFIX}{port}"
            self.sockets[name] = self._handed[name] if self._handed else bind_front(port, self._settings.bind)
            app = doors[0].app  # never called: whoever gets through is at another door
            fronts.append(OpenDoor(name=name, app=app, contexts=None, sockets=self.sockets[name], front=route))
        return fronts

    def _authority_app(self) -> "ASGIApp":
        from sandbox.server.authority import AuthorityDoor
        from sandbox.server.crls import CrlCache

        seconds = self._settings.handshake_seconds
        lists = CrlCache(self._state, self._writer)
        return AuthorityDoor(self._state, self._register, self._writer, lists, body_seconds=seconds)

    def _open(self, provider: Provider, door: Door, credentials: Credentials) -> OpenDoor:
        name = f"{provider.name}.{door.name}"
        sockets = self._take(name, door.offset, self._settings.bind)
        contexts = DoorContexts(credentials, self._book(provider, door), asks=door.client_certificate)
        self._showing.take(contexts)
        self._trust.begin(provider.name, contexts, purpose=door.purpose)
        if self._production is not None:
            self._production.take(provider, door, contexts)
        context = ServerContext(
            state=self._state,
            register=self._register,
            proofs=self._proofs,
            writer=self._writer,
            body_seconds=self._settings.handshake_seconds,
            rates=self._rates,
            reach=self._reach,
            wake=self._wake,
        )
        pipeline = Pipeline(provider, door, context)
        self._pipelines.append(pipeline)
        return OpenDoor(name=name, app=pipeline, contexts=contexts, sockets=sockets)

    def _book(self, provider: Provider, door: Door) -> TrustBook | None:
        if door.client_certificate != "handshake":
            return None
        with self._state.store.read() as work:
            return TrustBook(authorities=(self._state.authority.issuing(work, provider.name),))

    def _plan_renewal(self) -> None:
        loop = asyncio.get_running_loop()
        self._renewal = loop.call_later(RENEWAL_CHECK.total_seconds(), self._renew)

    async def _take_lead(self) -> None:
        """Be the one that sends webhooks, if nobody is: commands ask by this lock whether a server runs that does."""
        self._lead = self._state.store.lead()
        with suppress(Surroundings, OSError):  # then the sender tries again
            await self._writer.alone(self._lead.held)

    def _wake(self) -> None:
        """A call has queued a webhook: it is sent at once, and after the stop by the next server."""
        if not self._over:
            self._sends().wake()

    def _sends(self) -> "Sender":
        """The sender of webhooks, which begins a moment after the start, or with the first webhook of a call."""
        if self._sender is None:
            from sandbox.server.sender import Sender

            self._sender = Sender(self._state, self._reach(), self._lead or self._state.store.lead())
            self._sender.start()
        return self._sender

    def _reach(self) -> "Reach":
        from sandbox.webhooks.addresses import Reach  # with the first address that is called

        return Reach(exposed=self._settings.is_exposed, allowed=self._settings.webhook_allow)

    def _settle(self) -> None:
        """Have ready what the first call of each provider would have to wait for, in the writing thread."""
        self._making_ready = asyncio.ensure_future(self._writer.alone(self._make_ready))

    def _make_ready(self) -> None:
        for app in self._later:
            app.made()
        for pipeline in self._pipelines:
            _ = pipeline.routes
        self._proofs.make_ready()

    def _before_handshake(self) -> Awaitable[None] | None:
        """The clock as it is set now, and then what is right at that time. Where the store cannot be asked, all stays
        as it was: each call will say so."""
        with suppress(Surroundings):
            self._register.refresh_for_call()
            if not self._showing.in_time():
                return self._come_in_time()
            self._trust.look()
        return None

    async def _come_in_time(self) -> None:
        await self._showing.come_in_time()
        if self._production is not None:
            await self._production.keep()
        with suppress(Surroundings):
            self._trust.look()

    def _look(self) -> None:
        try:
            self._register.refresh()
            if self._register.changes != self._showing.changes:
                self._keep_showing()
            self._removed = False
        except StateRemoved as error:
            self._tell_of_removal(error)
        except Surroundings:
            pass  # a call will say so, if it lasts
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _tell_of_removal(self, error: StateRemoved) -> None:
        """Once, on standard error, for the journal is gone too; of several processes the first tells."""
        if not self._removed and not self._handed:
            self._state.journal.complaint(f"{error.detail}, and every call is answered 503: {error.advice()}")
        self._removed = True

    def _renew(self) -> None:
        self._keep_showing()
        if self._production is not None:
            self._renewing = asyncio.ensure_future(self._production.keep())
        self._plan_renewal()

    def _keep_showing(self) -> None:
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.ensure_future(self._showing.keep(self._register.changes))
