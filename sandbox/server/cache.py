"""What the event loop remembers of clients, certificates and tokens, for as long as the generation stands.

A call is judged by it on the event loop, and works a moment later in the writing thread. What changed in between, in
this process or another, must count: a client that was removed gets no token, a deleted key signs nothing."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from ca.clock import Setting
from ca.records import CertificateRecord
from ca.store import store as certificates
from sandbox.oauth.clients import ClientRecord, Token
from sandbox.oauth.secrets import Way, spellings
from sandbox.providers.declare import SIGNATURE, Provider
from sandbox.services.clock import follow
from sandbox.services.state import State
from sandbox.storage import clients, facts, keys
from sandbox.storage.facts import Watch
from sandbox.storage.work import Work

if TYPE_CHECKING:  # loaded with the first signature
    from sandbox.jose.jws import SigningKey
    from sandbox.jose.keys import VerifyingKey

K = TypeVar("K")
V = TypeVar("V")

NEVER = datetime.max.replace(tzinfo=UTC)
REMEMBERED = 10_000
"""Entries of each kind: far more than a test run has, a few megabytes at most."""
JOURNAL_SECONDS = 0.05
"""How often it is looked whether the journal's file is in place: entries of so short a time may be lost. Of the store,
where a change would be lost, it is asked at each call."""


class ReadCache:
    """Answers from memory; asks the store only for what it has not seen since the last change."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._store = state.store
        self._watch = Watch(state.store)
        self._moved = False
        self._clients: OrderedDict[tuple[str, str], ClientRecord] = OrderedDict()
        self._certificates: OrderedDict[tuple[str, str], CertificateRecord] = OrderedDict()
        self._tokens: OrderedDict[str, Token] = OrderedDict()
        self._keys: OrderedDict[tuple[str, str], tuple[VerifyingKey, ...]] = OrderedDict()
        self._reply_keys: dict[tuple[str, str], tuple[int, tuple[int, SigningKey]]] = {}
        self._revocations: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._secrets: dict[str, Sequence[tuple[Way, Mapping[bytes, ClientRecord]]]] = {}
        self._looked = -inf
        self._of_this_turn = False
        self.changes = 0
        """How often something had changed."""

    @property
    def generation(self) -> int:
        """Of the store at the last `refresh`: what is remembered is as old at most."""
        return self._watch.generation

    def forget(self) -> None:
        """Have the next `refresh` forget everything. For whoever has seen in the store what was not told yet: of a
        shared database one hears a moment later."""
        self._moved = True
        self._of_this_turn = False

    def refresh_for_call(self) -> None:
        """As `refresh`, once for all calls that are judged in one turn of the event loop: they came before it began, so
        that each sees what was changed before it was sent."""
        if not self._of_this_turn:
            self.refresh()
            self._of_this_turn = True
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._of_this_turn = False

    def refresh(self) -> bool:
        """Forget everything if something changed, in this process or another, and go by the clock as it is set then;
        whether something did. Raises StateRemoved where an answer would be of a state that is gone."""
        if (now := monotonic()) > self._looked + JOURNAL_SECONDS:
            self._state.journal.require_in_place()  # of the store it is asked with its number
            self._looked = now
        self._moved |= self._watch.moved()
        moved = self._moved
        if moved:
            follow(self._state)
            self._moved = False  # not before: where the store did not answer, it is asked again
            self.changes += 1
            self._clients.clear()
            self._certificates.clear()
            self._tokens.clear()
            self._keys.clear()
            self._reply_keys.clear()
            self._revocations.clear()
            self._secrets.clear()
        return moved

    def client(self, provider: str, client_id: str) -> ClientRecord | None:
        key = (provider, client_id)
        if (known := self._clients.get(key)) is None:
            with self._store.read() as work:
                known = clients.by_id(work, provider, client_id)
            _remember(self._clients, key, known)
        return known

    def client_spelled(self, provider: str, sent: str) -> ClientRecord | None:
        """The client whose id was sent, in whichever of its spellings."""
        return next(filter(None, (self.client(provider, spelling) for spelling in spellings(sent))), None)

    def clients_by_secret(self, provider: str) -> Sequence[tuple[Way, Mapping[bytes, ClientRecord]]]:
        """Each way in which secrets of the provider's clients are kept, the fast ones first, and by their digests who
        has them. Found in a table and not compared one by one, so that no time tells how much of a guess was right."""
        if (known := self._secrets.get(provider)) is None:
            by_way: dict[Way, dict[bytes, ClientRecord]] = {}
            with self._store.read() as work:
                for record in clients.all_of(work, provider):
                    by_way.setdefault(record.secret.way, {})[record.secret.digest] = record
            self._secrets[provider] = known = sorted(by_way.items(), key=lambda pair: pair[0].slow)
        return known

    def certificate(self, provider: str, fingerprint: str) -> CertificateRecord | None:
        """The provider's certificate with that SHA-256 fingerprint (as ``ca.record`` writes it); "" is nobody's."""
        if not fingerprint:
            return None
        key = (provider, fingerprint)
        if (known := self._certificates.get(key)) is None:
            with self._store.read() as work:
                known = certificates.by_fingerprint(work, provider, fingerprint)
            _remember(self._certificates, key, known)
        return known

    def certificate_elsewhere(self, provider: str, fingerprint: str) -> CertificateRecord | None:
        """The same of another provider. Asked only where one was refused."""
        with self._store.read() as work:
            return certificates.elsewhere(work, provider, fingerprint)

    def successor(self, record: CertificateRecord, now: datetime) -> CertificateRecord | None:
        """The newest certificate of the same client for the same purpose that is good now and younger than *record*.
        Asked only where that one was refused."""
        with self._store.read() as work:
            kept = certificates.certificates(work, provider=record.provider, holder=record.holder)
        younger = (
            one
            for one in kept
            if one.purpose == record.purpose and one.status(now) == "active" and one.issued_at > record.issued_at
        )
        return max(younger, key=lambda one: one.issued_at, default=None)

    def revoked_at(self, provider: str, serial: str) -> datetime:
        """Since when the certificate that the provider's CA issued under this serial is revoked; NEVER where it is not.
        To be asked of serials that the CA has signed: all are remembered."""
        if (known := self._revocations.get((provider, serial))) is None:
            with self._store.read() as work:
                known = certificates.revoked_at(work, provider, serial) or NEVER
            _remember(self._revocations, (provider, serial), known)
        return known

    def token(self, digest: str) -> Token | None:
        if (known := self._tokens.get(digest)) is None:
            with self._store.read() as work:
                known = clients.find_token(work, digest)
            _remember(self._tokens, digest, known)
        return known

    def keys(self, provider: Provider, client_id: str) -> "tuple[VerifyingKey, ...]":
        """By what a signature of the client's is judged, parsed once."""
        key = (provider.name, client_id)
        if (known := self._keys.get(key)) is None:
            with self._store.read() as work:
                known = read_keys_of(work, provider, client_id)
            _remember(self._keys, key, known)
        return known

    def reply_key(self, provider: str, algorithm: str) -> "tuple[int, SigningKey] | None":
        """Version and key of the provider's newest key of that algorithm; None where the store has to be asked."""
        changes, known = self._reply_keys.get((provider, algorithm), (-1, None))
        return known if changes == self.changes else None

    def keep_reply_key(self, provider: str, algorithm: str, known: "tuple[int, SigningKey]", changes: int) -> None:
        """Remember what the store had after so many *changes*. Called in the writing thread, after the commit: where
        the loop has seen another change meanwhile, the entry is not used."""
        self._reply_keys[provider, algorithm] = (changes, known)


def read_keys_of(work: Work, provider: Provider, client_id: str) -> "tuple[VerifyingKey, ...]":
    """The public keys that a client has registered, deleted ones too; or, as its provider has it, those in its
    certificates for signing, revoked and expired ones too."""
    if (signing := provider.signing) is None or signing.keys != "certificates":
        return tuple(verifying(key) for key in keys.all_of(work, provider.name, client_id))
    kept = certificates.certificates(work, provider=provider.name, holder=client_id)
    return tuple(_certified(one, signing.scheme.algorithms[0]) for one in kept if one.purpose == SIGNATURE)


def verifying(key: keys.ClientKey) -> "VerifyingKey":
    """A key as it is kept, ready to verify."""
    from sandbox.jose.keys import VerifyingKey, read_public_key

    return VerifyingKey(
        kid=key.kid,
        algorithm=key.algorithm,
        public_key=read_public_key(key.spki),
        active_from=key.active_from,
        expires_at=key.expires_at,
        deleted_at=key.deleted_at,
    )


def _certified(record: CertificateRecord, algorithm: str) -> "VerifyingKey":
    from cryptography import x509

    from sandbox.jose.keys import key_of

    certificate = x509.load_der_x509_certificate(record.der)
    return key_of(certificate, algorithm=algorithm, deleted_at=record.revoked_at)


def _remember(memory: OrderedDict[K, V], key: K, value: V | None) -> None:
    """Only what exists is remembered: an unknown token may exist a moment later, and junk must not fill the memory."""
    if value is not None:
        memory[key] = value
        if len(memory) > REMEMBERED:
            memory.popitem(last=False)


MOST_JUDGEMENTS = 5
"""Of one call. Each but the last was overtaken by a change of this very client, which people make by hand."""


class Overtaken(Exception):
    """Something by which the call was judged is another thing now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was known when the call was judged."""

    provider: Provider
    generation: int
    clock: Setting | None
    """None with a clock that is not the state's own."""
    fingerprint: str
    certificate: CertificateRecord | None
    client: ClientRecord | None
    token: Token | None
    keys: "tuple[VerifyingKey, ...]"
    """By which its signature was judged."""

    def require(self, work: Work) -> None:
        """Nothing, where all of it is as it was. The generation tells in most cases: one query for all.

        Raises Overtaken."""
        if facts.read_generation(work) != self.generation and not self._stands(work):
            raise Overtaken

    def _stands(self, work: Work) -> bool:
        if self.clock is not None and facts.read_clock(work) != self.clock:
            return False
        name, client, token = self.provider.name, self.client, self.token
        if self.fingerprint and certificates.by_fingerprint(work, name, self.fingerprint) != self.certificate:
            return False
        if client is not None and clients.by_id(work, name, client.id) != client:
            return False
        if token is not None and clients.find_token(work, token.digest) != token:
            return False
        return not (client and self.keys) or read_keys_of(work, self.provider, client.id) == self.keys


def require_unmoved(register: ReadCache, changes: int) -> None:
    """The same for a call that only reads, which does so on the loop: nothing has changed since it was judged after so
    many *changes*. Raises Overtaken."""
    register.refresh()
    if register.changes != changes:
        raise Overtaken
