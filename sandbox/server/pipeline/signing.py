"""A sealed call is opened before its handler runs, and its reply is sealed alike: what is encrypted is decrypted first.

``jose`` does the cryptography.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ca.store.store import Vault
from sandbox.errors import Refused, refuse
from sandbox.ids import Ids
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.context import Request, Response
from sandbox.providers.declare import Endpoint, Provider
from sandbox.providers.sealing import Encryption, Method, ReplySeal, Signing
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline.message import Outgoing, outgoing, write_json
from sandbox.storage.work import Store, Work

if TYPE_CHECKING:
    from sandbox.jose.content import DecryptionKey
    from sandbox.jose.jws import SigningKey
    from sandbox.jose.keys import VerifyingKey
    from sandbox.server.pipeline.encryption import Envelope


def _unsigned(request: Request, signing: Signing) -> Refused:
    """A call that must be signed has no signature where one is looked for; it may have one in another place."""
    from sandbox.jose.explain.elsewhere import elsewhere  # only after a failure

    if seen := elsewhere(request.headers, request.payload):
        return refuse("signature.elsewhere", seen=seen, expected=signing.where)
    return refuse("signature.required", seen="a call without a signature", expected=signing.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A call with the payload that its signature vouches for, and the key that made it; None for an unsigned call."""

    request: Request
    key: "VerifyingKey | None" = None
    seal: ReplySeal | None = None
    """How the reply is signed; None where it is not."""
    envelope: "Envelope | None" = None
    """How the reply is encrypted; None where it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningStep:
    """Opens calls and seals replies for one provider."""

    provider: Provider
    register: ReadCache
    ids: Ids
    vault: Vault
    store: Store
    own: "dict[str, tuple[int, Sequence[DecryptionKey]]]" = field(default_factory=dict)
    """The provider's keys for decryption by their algorithm, and after how many changes they were read."""

    def open(
        self,
        endpoint: Endpoint,
        request: Request,
        client: ClientRecord | None,
        keys: "Sequence[VerifyingKey]",
        now: datetime,
        passed: Callable[[str, str], None],
    ) -> Opened:
        """The call with its decrypted and verified payload. *passed* is told of each step that went well, also where
        the next is refused. Raises Refused with ``encryption.…`` or ``signature.…``."""
        if endpoint.signing == endpoint.encryption == "none":
            return Opened(request=request)
        signing, envelope = self._signing(), None
        if (encryption := signing.encryption) is not None:
            method = encryption.method(request)
            if method.encrypted or endpoint.encryption in ("required", "direct"):
                request, envelope = self._uncover(endpoint, encryption, method, request, client, keys, now)
                passed("encryption", envelope.note)
        verified = signing.open(request, keys, now) if endpoint.signing != "none" else None
        if verified is None:
            if endpoint.signing == "required" or (endpoint.signing != "none" and client and client.require_jws):
                raise _unsigned(request, signing)
            return Opened(request=request, envelope=envelope)
        passed("signature", f"{verified.key.algorithm}, {verified.key}")
        signed = replace(request, payload=verified.payload)
        return Opened(request=signed, key=verified.key, seal=signing.reply, envelope=envelope)

    def _uncover(
        self,
        endpoint: Endpoint,
        encryption: Encryption,
        method: Method,
        request: Request,
        client: ClientRecord | None,
        keys: "Sequence[VerifyingKey]",
        now: datetime,
    ) -> "tuple[Request, Envelope]":
        from sandbox.server.pipeline.encryption import Uncovering  # with the first encrypted call

        own = partial(self._decryption_keys, encryption.algorithm)
        step = Uncovering(endpoint=endpoint, encryption=encryption, client=client, keys=keys, own=own, now=now)
        return step.uncover(request, method)

    def answer(self, opened: Opened, reply: Response, work: Work, now: datetime) -> Outgoing:
        """The reply on its way out, signed and encrypted as its call was. What is no JSON is neither."""
        if reply.json is None or reply.body is not None or not (opened.seal or opened.envelope):
            return outgoing(reply)
        body, media_type = write_json(reply), ""
        if opened.key and opened.seal:
            body = self.seal(body, opened.seal, opened.key.algorithm, work, now)
            media_type = opened.seal.media_type
        if opened.envelope:
            body, media_type = opened.envelope.seal(body).encode("ascii"), opened.envelope.media_type
        return outgoing(reply, body, media_type)

    def seal(self, body: bytes, seal: ReplySeal, algorithm: str, work: Work, now: datetime) -> bytes:
        """The body as a JWS of the same algorithm as the call's."""
        from sandbox.jose.jws import seal_compact

        version, key = self._key(algorithm, work, now)
        return seal_compact(body, key=key, header=seal.header(algorithm, version)).encode("ascii")

    def _signing(self) -> Signing:
        if self.provider.signing is None:
            raise RuntimeError("an endpoint whose calls are signed, of a provider that declares no signing")
        return self.provider.signing

    def _decryption_keys(self, algorithm: str) -> "Sequence[DecryptionKey]":
        """Read anew after each change; and as long as there are none, for the first is made without one."""
        changes, known = self.own.get(algorithm, (-1, ()))
        if not known or changes != self.register.changes:
            from sandbox.services import keys

            changes = self.register.changes
            with self.store.read() as work:
                known = keys.decryption_keys(work, self.vault, self.provider.name, algorithm)
            self.own[algorithm] = (changes, known)
        return known

    def _key(self, algorithm: str, work: Work, now: datetime) -> "tuple[int, SigningKey]":
        register, provider = self.register, self.provider.name
        changes = register.changes
        known = register.reply_key(provider, algorithm)
        if known is None:
            from sandbox.services import keys

            known = keys.reply_key(work, self.vault, provider, algorithm, ids=self.ids, now=now)
            # Not before: a key that was made here and rolled back would sign, and nobody could fetch its public half.
            work.after_commit(partial(register.keep_reply_key, provider, algorithm, known, changes))
        return known
