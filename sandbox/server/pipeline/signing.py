"""A signed call is verified before its handler runs, and its reply is signed; ``jose`` does the cryptography."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ca.store.store import Vault
from sandbox.errors import Refused, refuse
from sandbox.ids import Ids
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.context import Request
from sandbox.providers.declare import Endpoint, Provider, ReplySeal, Signing
from sandbox.server.cache import ReadCache
from sandbox.storage.work import Work

if TYPE_CHECKING:
    from sandbox.jose.jws import SigningKey
    from sandbox.jose.keys import VerifyingKey


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningStep:
    """Verifies calls and signs replies for one provider."""

    provider: Provider
    register: ReadCache
    ids: Ids
    vault: Vault

    def open(
        self,
        endpoint: Endpoint,
        request: Request,
        client: ClientRecord | None,
        keys: "Sequence[VerifyingKey]",
        now: datetime,
    ) -> Opened:
        """The call with its verified payload. Raises Refused with ``signature.…``."""
        if endpoint.signing == "none":
            return Opened(request=request)
        signing = self._signing()
        verified = signing.open(request, keys, now)
        if verified is None:
            if endpoint.signing == "required" or (client and client.require_jws):
                raise _unsigned(request, signing)
            return Opened(request=request)
        signed = replace(request, payload=verified.payload, signed_with=verified.key.algorithm)
        return Opened(request=signed, key=verified.key, seal=signing.reply)

    def seal(self, body: bytes, seal: ReplySeal, algorithm: str, work: Work, now: datetime) -> bytes:
        """The body as a JWS of the same algorithm as the call's."""
        from sandbox.jose.jws import seal_compact

        version, key = self._key(algorithm, work, now)
        return seal_compact(body, key=key, header=seal.header(algorithm, version)).encode("ascii")

    def _signing(self) -> Signing:
        if self.provider.signing is None:
            raise RuntimeError("an endpoint whose calls are signed, of a provider that declares no signing")
        return self.provider.signing

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
