"""The way of a call through one door: route, certificate, login, binding, signature, work, reply.

Every call leaves one entry in the journal, however it ends. What each step judges is its own module's business.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from sandbox.body import read_body
from sandbox.errors import Refusal, Refused, refuse
from sandbox.providers import hinted
from sandbox.providers.context import AddressUncalled, Request
from sandbox.providers.declare import Endpoint, Provider, Trouble
from sandbox.providers.doors import Door
from sandbox.server.cache import MOST_JUDGEMENTS, Overtaken
from sandbox.server.pipeline import identity
from sandbox.server.pipeline.admission import Admission
from sandbox.server.pipeline.message import (
    Outgoing,
    RequestHead,
    Routes,
    has_body,
    outgoing,
    read_head,
    send_out,
)
from sandbox.server.pipeline.trace import Trace
from sandbox.server.pipeline.work import CallWork, ServerContext
from sandbox.services import journal
from sandbox.storage.facts import KeptClock

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class Pipeline:
    """The ASGI application behind one door of one provider."""

    at_once = True
    """A call that has come as a whole waits for nothing that its caller may still say or take."""

    def __init__(self, provider: Provider, door: Door, context: ServerContext) -> None:
        self._provider = provider
        self._door = door
        self._name = f"{provider.name}.{door.name}"
        self._known_routes: Routes | None = None
        self._context = context
        self._state = context.state
        self._work = CallWork(provider=provider, context=context)
        self._admission = Admission(
            provider=provider, door=door, register=context.register, proofs=context.proofs, rates=context.rates
        )

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            # No imitated provider speaks WebSocket; Hypercorn turns a closed one into a 403.
            self._no_websocket(scope)
            await send({"type": "websocket.close"})
            return
        call = read_head(scope)
        trace = self._new_trace()
        out = await self._answer(call, trace, receive)
        self._state.journal.append(trace.entry(call, provider=self._provider.name, door=self._name, status=out.status))
        await send_out(send, out, self._provider.headers(call.headers, trace.id))

    async def _answer(self, call: RequestHead, trace: Trace, receive: "Receive") -> Outgoing:
        try:
            return await self._pass(call, trace, receive)
        except Refused as refused:
            return self._refuse(call, trace, refused)
        except Exception as error:  # noqa: BLE001 - see below
            # The one place where any exception is caught: no traceback may reach a caller, and one faulty call must not
            # take the connection's other calls with it.
            doing = f"{call.method} {trace.endpoint.path if trace.endpoint else 'an unknown path'}"
            fault = journal.as_refusal(error, state=self._state.folder.path, doing=doing)
            return self._refuse(call, trace, fault)

    async def _pass(self, call: RequestHead, trace: Trace, receive: "Receive") -> Outgoing:
        # The body comes before anything is judged: who is refused in the middle of sending sees a broken pipe, not why.
        seconds = None if call.whole else self._context.body_seconds
        try:
            body = await read_body(call.headers, receive, seconds=seconds) if has_body(call) else b""
        finally:
            # Only now, for sending took its time; and before the route is looked for, also where the body was refused:
            # a call that leads nowhere still belongs to the client of its certificate.
            self._look(call, trace)
        for _ in range(MOST_JUDGEMENTS):
            try:
                return await self._judge(call, body, trace)
            except Overtaken:
                self._context.register.forget()
                trace.begin_again()
                self._look(call, trace)
            except AddressUncalled as uncalled:
                await self._work.call_address(uncalled.to, trace)
                trace.begin_again()
                self._look(call, trace)
        raise refuse("provider.busy", seen="a client that was changed all the time", expected="one that stays a moment")

    def _look(self, call: RequestHead, trace: Trace) -> None:
        """What there is at this instant, by which the call is judged."""
        register = self._context.register
        register.refresh_for_call()
        trace.changes, trace.generation = register.changes, register.generation
        trace.now = self._state.clock.now()  # that clock may have been moved a moment ago, by another process
        trace.certificate = register.certificate(self._provider.name, identity.fingerprint_of(call))

    async def _judge(self, call: RequestHead, body: bytes, trace: Trace) -> Outgoing:
        """Judge the call, and do its work. Raises Overtaken where something changed between the two."""
        clock = self._state.clock.setting if isinstance(self._state.clock, KeptClock) else None
        endpoint, params = self._route(call)
        trace.endpoint = endpoint
        trace.passed("route", endpoint.path)
        login = await self._admission.judge(call, body, endpoint, params, trace)
        if login.environment:
            params = {**params, "environment": login.environment}
        request = Request(
            method=call.method,
            path=call.path,
            query=call.query,
            headers=call.headers,
            payload=body,
            params=params,
            client=login.client,
            token=login.token,
            certificate=trace.certificate,
        )
        identity.judge_media_type(endpoint, request)
        judgement = partial(self._work.judgement, call, endpoint, login, clock, trace)
        out = await self._work.do(endpoint, request, login, judgement, trace)
        trace.worked(endpoint.handler.__name__, out.reasons)
        return out

    def _route(self, call: RequestHead) -> tuple[Endpoint, Mapping[str, str]]:
        """The endpoint and its path parameters: one of the early ones while the others are not loaded yet."""
        if self._known_routes is None:
            with suppress(Refused):
                return Routes(self._provider.early(), door=self._door.name).find(call.method, call.path)
        return self.routes.find(call.method, call.path)

    @property
    def routes(self) -> Routes:
        """The calls that lead somewhere here, made ready when the first comes, or a moment after the start."""
        if self._known_routes is None:
            of, either = self._provider.chapters(), self._provider.slashes == "either"
            self._known_routes = Routes(of.endpoints, door=self._door.name, either_slash=either, known=of.known)
        return self._known_routes

    def _new_trace(self) -> Trace:
        return Trace(now=self._state.clock.now(), id=self._state.ids.trace(), advised=self._advised)

    def _no_websocket(self, scope: "Scope") -> None:
        call = read_head({**scope, "method": "GET"})
        trace = self._new_trace()
        reason = Refusal(code="route.not_imitated", seen=f"a WebSocket on {call.path[:200]}", expected="an HTTP call")
        trace.failed("route", (reason,))
        self._state.journal.append(trace.entry(call, provider=self._provider.name, door=self._name, status=403))

    def _advised(self, reason: Refusal) -> Refusal:
        from sandbox.journal.causes import at_provider  # a long table, with the first refusal

        return at_provider(reason, name=hinted(self._provider.name), advice=self._provider.advice)

    def _refuse(self, call: RequestHead, trace: Trace, refused: Refused) -> Outgoing:
        from sandbox.journal.causes import answered_as

        trace.failed(refused.code.partition(".")[0], refused.reasons)
        known = answered_as(refused)
        trouble = Trouble(
            refused=known,
            endpoint=trace.endpoint,
            path=call.path,
            token=_bearer(call.headers) if known.code in self._provider.echoed else "",
            now=trace.now,
            trace=trace.id,
        )
        out = outgoing(self._provider.envelope(trouble))
        if out.status == HTTPStatus.UNAUTHORIZED and "www-authenticate" not in out.headers:
            challenge = identity.challenge(self._provider, trace.endpoint, known.code)
            out = replace(out, headers={**out.headers, "www-authenticate": challenge})
        if trace.outlived:
            out = replace(out, headers={**out.headers, "connection": "close"})
        return replace(out, reasons=refused.reasons)


def _bearer(headers: Mapping[str, str]) -> str:
    """The token as it was sent: only to a caller who has it already, never to the journal."""
    return headers.get("authorization", "").partition(" ")[2].strip()
