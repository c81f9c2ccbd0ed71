"""Whether who calls may: the certificate, the login and the use that it makes of them, judged for each call.

A caller that comes again in the same way is let in by what was found the first time, until something changes or
ends."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ca.records import CertificateRecord
from sandbox.errors import Refused
from sandbox.journal.entry import Stage
from sandbox.oauth.clients import digest
from sandbox.oauth.credentials import InHeaders
from sandbox.providers.declare import Endpoint, Provider
from sandbox.providers.doors import Door
from sandbox.server.cache import REMEMBERED, ReadCache
from sandbox.server.pipeline import identity
from sandbox.server.pipeline.identity import Login
from sandbox.server.pipeline.message import RequestHead
from sandbox.server.pipeline.trace import Trace
from sandbox.server.rates import CallRates
from sandbox.server.secrets import SecretVerifier

Manner = tuple[str, str, str, str, str | None]
"""In which way a call comes: method and path of its endpoint, the certificate, the digest of its Authorization, the
client whose host it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """That a call may be made which comes in one manner, as long as nothing changes."""

    login: Login
    client: str
    stages: tuple[Stage, ...]
    """What its entry has of its certificate and its login."""
    since: datetime
    until: datetime
    """When the first of certificate and token ends."""


class Admission:
    """The judge at one door of one provider. Asked on the event loop."""

    def __init__(
        self, *, provider: Provider, door: Door, register: ReadCache, proofs: SecretVerifier, rates: CallRates
    ) -> None:
        self._provider = provider
        self._door = door
        self._register = register
        self._proofs = proofs
        self._rates = rates
        self._admitted: OrderedDict[Manner, Admitted] = OrderedDict()
        self._changes = -1
        """Of the read cache, after which they were admitted."""

    async def judge(
        self, call: RequestHead, body: bytes, endpoint: Endpoint, params: Mapping[str, str], trace: Trace
    ) -> Login:
        """Who calls. Raises Refused with ``certificate.*``, ``token.*``, ``login.*``, ``binding.*`` or
        ``provider.too_many_calls``."""
        if self._changes != trace.changes:
            self._admitted.clear()
            self._changes = trace.changes
        manner = (
            endpoint.method,
            endpoint.path,
            identity.fingerprint_of(call),
            digest(call.headers.get("authorization", "")),
            self._door.client_at(call.headers.get("host", "")),
        )
        known = self._admitted.get(manner)
        if known is not None and known.since <= trace.now < known.until:
            trace.admitted(known.client, known.stages)
            self._count(known.login, trace)
            trace.passed("binding")
            return known.login
        began = len(trace.stages)
        self._judge_certificate(call, endpoint, trace)
        login = await self._judge_login(call, body, endpoint, trace)
        stages, client = tuple(trace.stages[began:]), trace.client or ""
        self._judge_use(call, endpoint, login, params, trace)
        trace.passed("binding")
        if self._changes == trace.changes and _by_authorization(endpoint) and (until := _good_until(login, trace)):
            self._admitted[manner] = Admitted(login=login, client=client, stages=stages, since=trace.now, until=until)
            if len(self._admitted) > REMEMBERED:
                self._admitted.popitem(last=False)
        return login

    def _judge_certificate(self, call: RequestHead, endpoint: Endpoint, trace: Trace) -> None:
        ours = trace.certificate
        try:
            identity.judge_certificate(call, self._door, endpoint, ours, trace.now)
        except Refused as refused:
            raise self._explained(call, refused, ours, trace) from None
        trace.passed("certificate", ours.name if ours else "this door asks for none")

    def _explained(self, call: RequestHead, refused: Refused, ours: CertificateRecord | None, trace: Trace) -> Refused:
        from sandbox.server.pipeline.holders import explained_at  # only after a failure

        provider, register = self._provider, self._register
        if ours is None and (fingerprint := identity.fingerprint_of(call)):
            trace.certificate = register.certificate_elsewhere(provider.name, fingerprint)
        better = explained_at(provider, refused, trace.certificate, register, trace.now)
        # The certificate of a connection stays what it is: whoever has a newer one must connect anew.
        trace.outlived = ours is not None and better.advice() != refused.advice()
        return better

    async def _judge_login(self, call: RequestHead, body: bytes, endpoint: Endpoint, trace: Trace) -> Login:
        login = await identity.judge_login(
            call, body, endpoint, self._provider, self._register, self._proofs, trace.now
        )
        if client := login.record:
            trace.client = client.id
            environment = f", {login.environment}" if login.environment else ""
            trace.passed("login", f"{login.way} of {client.name}{environment}")
        return login

    def _judge_use(
        self, call: RequestHead, endpoint: Endpoint, login: Login, params: Mapping[str, str], trace: Trace
    ) -> None:
        """Whether who has logged in may make this call at this door, with this certificate and token, now."""
        self._count(login, trace)
        identity.judge_host(call, self._door, login.record)
        identity.judge_mtls(self._door, login.record)
        identity.judge_token_use(self._door, endpoint, login.token, params)
        identity.judge_binding(self._provider, trace.certificate, login, self._register)

    def _count(self, login: Login, trace: Trace) -> None:
        if not trace.counted:
            identity.judge_rate(self._provider, login, self._rates, trace.now)
            trace.counted = True


def _by_authorization(endpoint: Endpoint) -> bool:
    """Whether who calls depends on no other header than Authorization."""
    return not any(isinstance(way, InHeaders) for way in endpoint.login)


def _good_until(login: Login, trace: Trace) -> datetime | None:
    """Until when such calls are admitted; None where it depends on more: a secret is looked at for each call, what is
    good for one resource alone by the path, and what is to be revoked by the clock."""
    token, certificate = login.token, trace.certificate
    if token is None or token.resource or token.revoked_at:
        return None
    if certificate is None:
        return token.expires_at
    return None if certificate.revoked_at else min(token.expires_at, certificate.not_after)
