"""What a call does once it may: it looks, on the event loop or in a thread, or it writes, in the thread that does."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sandbox.oauth.clients import ClientRecord
from sandbox.providers.context import Handler, ManyRows, Request, Response
from sandbox.providers.declare import Endpoint, Provider
from sandbox.server.cache import Judgement, ReadCache, require_unmoved
from sandbox.server.pipeline import identity
from sandbox.server.pipeline.message import Outgoing, RequestHead, outgoing
from sandbox.server.pipeline.reading import look
from sandbox.server.pipeline.trace import Trace
from sandbox.server.rates import CallRates
from sandbox.server.secrets import SecretVerifier
from sandbox.server.writer import Writer
from sandbox.services.state import State
from sandbox.storage.work import Work

if TYPE_CHECKING:
    from ca.clock import Setting
    from sandbox.server.pipeline.context import CallContext
    from sandbox.server.pipeline.signing import Opened, SigningStep
    from sandbox.webhooks.addresses import Reach
    from sandbox.webhooks.event import Subscription

MOST_ON_LOOP = 1_000
"""Rows of a kind through which a call may look on the event loop: some milliseconds. A list of 20,000 took half a
second, in which nobody else was answered."""
MOST_ADDRESSES = 20
"""Of new subscriptions, that one door calls at the same time: each may hold a connection for as long as the provider
waits for an answer."""
FIRST_REFUSAL = 400
"""A reply with this status or more has done nothing of which anybody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerContext:
    """What all pipelines of a server share."""

    state: State
    register: ReadCache
    proofs: SecretVerifier
    writer: Writer
    body_seconds: float
    rates: CallRates
    reach: "Callable[[], Reach]"
    """How far the addresses of clients may lead."""
    wake: Callable[[], None]
    """Called when a call has queued webhooks and is kept."""


class CallWork:
    """Does the work of calls at one door of one provider. Asked on the event loop."""

    def __init__(self, *, provider: Provider, context: ServerContext) -> None:
        self._provider = provider
        self._context = context
        self._state = context.state
        self._calling = asyncio.Semaphore(MOST_ADDRESSES)

    def judgement(
        self, call: RequestHead, endpoint: Endpoint, login: identity.Login, clock: "Setting | None", trace: Trace
    ) -> Judgement:
        """What the call was judged by, for its transaction to look at once more."""
        client, provider = login.record, self._provider
        return Judgement(
            provider=provider,
            generation=trace.generation,
            clock=clock,
            fingerprint=identity.fingerprint_of(call),
            certificate=trace.certificate,
            client=client,
            token=login.token,
            # Asked for here, on the loop: only there the read cache is refreshed.
            keys=self._context.register.keys(provider, client.id) if client and endpoint.sealed else (),
        )

    async def do(
        self,
        endpoint: Endpoint,
        request: Request,
        login: identity.Login,
        judged: Callable[[], Judgement],
        trace: Trace,
    ) -> Outgoing:
        client = login.record
        if endpoint.work == "read":
            if identity.asks_approval(endpoint, client):
                return await self._find_approved(endpoint, request, judged, trace)
            if client and not login.token:  # its secret may have taken a while
                require_unmoved(self._context.register, trace.changes)
            return await self._find(endpoint, request, client, judged, trace)
        judgement = judged()

        def prepare() -> Callable[[Work], Outgoing]:
            opened = self._signing_step.open(endpoint, request, client, judgement.keys, trace.now, trace.passed)
            return partial(self._write, endpoint, opened, judgement, trace)

        out = await self._context.writer.together(prepare)
        if trace.queued:
            self._context.wake()
        return out

    async def _find(
        self,
        endpoint: Endpoint,
        request: Request,
        client: ClientRecord | None,
        judged: Callable[[], Judgement],
        trace: Trace,
    ) -> Outgoing:
        """On the loop, where that is quick; what has to look through many rows is asked once more, in a thread. That
        takes a while, and the rows may be the next client's by then: whether they are is looked at after them."""
        if not endpoint.aside:
            try:
                return look(self._state, endpoint, request, client, trace.now, most=MOST_ON_LOOP)
            except ManyRows:
                pass
        judgement = judged()
        return await asyncio.to_thread(
            look, self._state, endpoint, request, client, trace.now, afterwards=judgement.require
        )

    async def _find_approved(
        self, endpoint: Endpoint, request: Request, judged: Callable[[], Judgement], trace: Trace
    ) -> Outgoing:
        """An approval is noted and used up, which writes. What is looked up after it may be long, and would hold up
        everybody who writes: it is looked up as for anybody else."""
        judgement = judged()

        def approve(work: Work) -> Outgoing | Mapping[str, str]:
            judgement.require(work)
            context = self._writing(work, judgement.client, trace)
            said = identity.approval(self._provider, endpoint, request, context, trace.passed)
            return outgoing(said) if isinstance(said, Response) else said

        said = await self._context.writer.together(lambda: approve)
        if isinstance(said, Outgoing):
            return said
        out = await self._find(endpoint, request, judgement.client, judged, trace)
        return replace(out, headers={**out.headers, **said})

    def _write(self, endpoint: Endpoint, opened: "Opened", judgement: Judgement, trace: Trace, work: Work) -> Outgoing:
        judgement.require(work)
        handler: Handler = endpoint.handler
        if identity.asks_approval(endpoint, judgement.client):
            handler = identity.approved_first(self._provider, endpoint, trace.passed)
        context = self._writing(work, judgement.client, trace)
        reply = handler(opened.request, context)
        if reply.status < FIRST_REFUSAL:
            context.tell()
        trace.queued = bool(context.queued)
        return self._signing_step.answer(opened, reply, work, trace.now)

    async def call_address(self, to: "Subscription", trace: Trace) -> None:
        """Outside any transaction: the receiver may be slow, and may call us meanwhile."""
        from sandbox.services.callbacks import call_address  # few clients are set to it

        reach, provider, client = self._context.reach(), self._provider.name, trace.client or ""
        async with self._calling:
            now = self._state.clock.now()  # there may have been a wait
            trace.answers[to.url] = await call_address(self._state, reach, provider, client, to, now)

    @cached_property
    def _signing_step(self) -> "SigningStep":
        from sandbox.server.pipeline.signing import SigningStep  # with the first call that writes

        state = self._state
        return SigningStep(
            provider=self._provider,
            register=self._context.register,
            ids=state.ids,
            vault=state.vault,
            store=state.store,
        )

    def _writing(self, work: Work, client: ClientRecord | None, trace: Trace) -> "CallContext":
        from sandbox.server.pipeline.context import CallContext  # with the first call that writes

        state = self._state
        return CallContext(
            now=trace.now,
            ids=state.ids,
            work=work,
            authority=state.authority,
            vault=state.vault,
            caller=client,
            answers=trace.answers,
        )
