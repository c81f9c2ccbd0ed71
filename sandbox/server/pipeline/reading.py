"""What the handler of a read endpoint may touch, as the server hands it in, and its answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from ca.authority import Authority
from ca.records import CertificateRecord
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.context import ReadHandler, Request
from sandbox.providers.declare import Endpoint
from sandbox.server.pipeline.identity import logged_in
from sandbox.server.pipeline.message import Outgoing, outgoing
from sandbox.services.state import State
from sandbox.storage.work import Work

if TYPE_CHECKING:
    from sandbox.services.issuing import Registrar
    from sandbox.services.rows import ReadClientRows
    from sandbox.webhooks.event import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCallCertificates:
    """The certificates of the call's client, to look at."""

    registrar: "Registrar"

    def all(self) -> Sequence[CertificateRecord]:
        return self.registrar.all()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReading:
    """What the handler of a read endpoint may touch."""

    now: datetime
    work: Work
    authority: Authority
    caller: ClientRecord | None
    """None at an endpoint that asks for no login."""
    most: int | None = None
    """Rows of one kind that it may look through; None: all."""

    @property
    def resources(self) -> "ReadClientRows":
        from sandbox.services.rows import ReadClientRows

        return ReadClientRows(work=self.work, client=logged_in(self.caller), most=self.most)

    @property
    def certificates(self) -> ReadCallCertificates:
        return ReadCallCertificates(registrar=registrar(self.authority, self.work, self.caller, self.now))

    @property
    def deliveries(self) -> "Sequence[Delivery]":
        return deliveries_of(self.work, self.caller)


def look(
    state: State,
    endpoint: Endpoint,
    request: Request,
    client: ClientRecord | None,
    now: datetime,
    *,
    most: int | None = None,
    afterwards: Callable[[Work], None] = lambda work: None,
) -> Outgoing:
    """What a read endpoint answers, if *afterwards* has nothing against it. Raises ManyRows where it would look through
    more rows of a kind than *most*."""
    read = cast("ReadHandler", endpoint.handler)  # a read endpoint's, by its declaration
    with state.store.read() as work:
        context = CallReading(now=now, work=work, authority=state.authority, caller=client, most=most)
        out = outgoing(read(request, context))
        afterwards(work)
    return out


def registrar(authority: Authority, work: Work, caller: ClientRecord | None, now: datetime) -> "Registrar":
    from sandbox.services.issuing import Registrar  # few calls are about certificates

    return Registrar(authority=authority, work=work, owner=logged_in(caller), now=now)


def deliveries_of(work: Work, caller: ClientRecord | None) -> "Sequence[Delivery]":
    from sandbox.storage import outbox  # few calls are about what was sent

    client = logged_in(caller)
    return outbox.search(work, outbox.Search(provider=client.provider, client=client.id))
