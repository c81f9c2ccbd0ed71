"""What the handler of a write endpoint may touch, as the server hands it in, inside the transaction of its call."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ca.authority import Authority
from ca.clock import SystemClock
from ca.errors import CESSATION
from ca.records import CertificateRecord
from ca.store.store import Vault
from sandbox.errors import Refusal
from sandbox.ids import Ids
from sandbox.jose.jws import seal_compact
from sandbox.jose.keys import VerifyingKey
from sandbox.oauth.clients import ClientRecord, RegisteredClient, Token
from sandbox.providers.context import AddressUncalled, Body, NewKey, ReplyKey
from sandbox.providers.known import named
from sandbox.server.cache import verifying
from sandbox.server.pipeline.identity import logged_in
from sandbox.server.pipeline.reading import deliveries_of, registrar
from sandbox.services import keys
from sandbox.services.issuing import Registrar
from sandbox.services.postbox import FromTo, Postbox, WatchedRows
from sandbox.services.rows import ClientRows
from sandbox.storage import clients, facts
from sandbox.storage import keys as stored
from sandbox.storage.work import Work
from sandbox.webhooks.event import Delivery, RowChange, Subscription

ENDED_TOKENS_KEPT = timedelta(days=30)
"""Long enough to answer "expired" rather than "unknown" to whoever comes back after a holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKeys:
    """Signature keys: those of the call's client, and its provider's own."""

    work: Work
    vault: Vault
    client: ClientRecord
    ids: Ids
    now: datetime

    def register(self, key: NewKey) -> None:
        taken = keys.call_algorithms(self.client.provider)
        keys.register(self.work, self.client, key, ids=self.ids, now=self.now, taken=taken)

    def of_client(self, algorithm: str = "") -> Sequence[VerifyingKey]:
        there = stored.all_of(self.work, self.client.provider, self.client.id)
        return [verifying(key) for key in there if algorithm in ("", key.algorithm)]

    def of_replies(self, algorithm: str, version: int | None) -> ReplyKey | None:
        return keys.public_reply_key(
            self.work, self.vault, self.client.provider, algorithm, version, ids=self.ids, now=self.now
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCertificates:
    """The certificates of the call's client."""

    registrar: Registrar

    def sign(self, purpose: str, csr: bytes, *, name: str, id: str) -> CertificateRecord:
        return self.registrar.sign(csr, name=name, purpose=purpose, id=id).record

    def upload(self, purpose: str, pem: bytes, *, name: str, id: str) -> CertificateRecord:
        return self.registrar.upload(pem, name=name, purpose=purpose, id=id)

    def revoke(self, id: str) -> CertificateRecord:
        return self.registrar.revoke(id, CESSATION)

    def all(self) -> Sequence[CertificateRecord]:
        return self.registrar.all()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTokens:
    """Tokens of the clients of one provider."""

    work: Work
    vault: Vault
    provider: str
    ids: Ids
    now: datetime

    def give(self, token: Token) -> None:
        # By real time too: a clock that was moved years ahead must find its tokens when it comes back.
        clients.remove_tokens_before(self.work, min(self.now, SystemClock().now()) - ENDED_TOKENS_KEPT)
        clients.add_token(self.work, token)

    def of(self, client: str) -> Sequence[Token]:
        return clients.tokens_of(self.work, self.provider, client)

    def revoke(self, token: Token) -> Token:
        clients.revoke_token(self.work, token, self.now)
        facts.move_generation(self.work)
        return replace(token, revoked_at=self.now)

    def signed(self, claims: Body, algorithm: str) -> str:
        _, key = keys.reply_key(self.work, self.vault, self.provider, algorithm, ids=self.ids, now=self.now)
        payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
        return seal_compact(payload, key=key, header={"alg": algorithm, "typ": "JWT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWebhooks:
    """What the call's client is told of."""

    postbox: Postbox
    queued: list[str]
    answers: Mapping[str, Refusal | None]

    def send(self, event: str, payload: Callable[[Subscription], Body], about: str = "") -> None:
        self.queued.extend(one.id for one in self.postbox.send(event, payload, about=about))

    def test(self, subscription: str) -> Sequence[str]:
        queued = [one.id for one in self.postbox.test(subscription)]
        self.queued.extend(queued)
        return queued

    def called(self, to: Subscription) -> Refusal | None:
        sending = self.postbox.sending
        if not self.postbox.client.check_callbacks or sending is None or sending.first is None:
            return None
        if to.url not in self.answers:
            raise AddressUncalled(to)
        return self.answers[to.url]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What the handler of a write endpoint may touch. It is kept when the call's transaction is committed."""

    now: datetime
    ids: Ids
    work: Work
    authority: Authority
    vault: Vault
    caller: ClientRecord | None
    """None at an endpoint that asks for no login."""
    answers: Mapping[str, Refusal | None] = field(default_factory=dict)
    """What came of calling the addresses of subscriptions that the call makes."""
    queued: list[str] = field(default_factory=list)
    """The ids of the webhooks that this call has queued."""
    changes: dict[tuple[str, str], FromTo] = field(default_factory=dict)
    """Of rows of which the provider tells, by kind and id."""
    rows: list[ClientRows] = field(default_factory=list)
    """Those of the caller, once they were asked for."""

    @property
    def resources(self) -> ClientRows:
        if not self.rows:
            self.rows.append(self._rows())
        return self.rows[0]

    def _rows(self) -> ClientRows:
        client = logged_in(self.caller)
        sends = named(client.provider).sending
        if sends is None or not sends.watched:
            return ClientRows(work=self.work, client=client)
        return WatchedRows(work=self.work, client=client, kinds=sends.watched, changes=self.changes)

    def tell(self) -> None:
        """Queue what the provider tells of the rows that the call has changed."""
        if self.changes:
            # As records only where somebody is there to be told.
            self.queued.extend(one.id for one in self._postbox().tell(map(self._change, self.changes.items())))

    def _change(self, noted: tuple[tuple[str, str], FromTo]) -> RowChange:
        (kind, key), (before, after) = noted
        client = logged_in(self.caller).id
        return RowChange(kind=kind, id=key, before=before, after=after, client=client, at=self.now)

    @property
    def deliveries(self) -> Sequence[Delivery]:
        return deliveries_of(self.work, self.caller)

    def _postbox(self) -> Postbox:
        return Postbox(work=self.work, vault=self.vault, client=logged_in(self.caller), ids=self.ids, now=self.now)

    @property
    def keys(self) -> CallKeys:
        client = logged_in(self.caller)
        return CallKeys(work=self.work, vault=self.vault, client=client, ids=self.ids, now=self.now)

    @property
    def certificates(self) -> CallCertificates:
        return CallCertificates(registrar=registrar(self.authority, self.work, self.caller, self.now))

    @property
    def tokens(self) -> CallTokens:
        provider = logged_in(self.caller).provider
        return CallTokens(work=self.work, vault=self.vault, provider=provider, ids=self.ids, now=self.now)

    @property
    def webhooks(self) -> CallWebhooks:
        return CallWebhooks(postbox=self._postbox(), queued=self.queued, answers=self.answers)

    def client(self, id: str) -> RegisteredClient | None:
        found = clients.by_id(self.work, logged_in(self.caller).provider, id)
        return found.seen if found else None
