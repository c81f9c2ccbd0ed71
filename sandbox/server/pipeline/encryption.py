"""An encrypted call is decrypted before its signature is judged, and its reply encrypted; ``jose`` does the
cryptography. Loaded with the first call that is encrypted, or should be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sandbox.errors import refuse
from sandbox.jose.content import DecryptionKey
from sandbox.jose.jwe import choose_recipient, open_jwe, seal_direct, seal_to
from sandbox.jose.keys import VerifyingKey
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.context import Request
from sandbox.providers.declare import Endpoint
from sandbox.providers.sealing import Encryption, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """How the reply to one call is encrypted."""

    note: str
    """For the journal: by what the call was decrypted, and to whom the reply is encrypted."""
    media_type: str
    seal: Callable[[bytes], str] = field(repr=False)
    """It may hold a content key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovering:
    """What it takes to decrypt a call of one client."""

    endpoint: Endpoint
    encryption: Encryption
    client: ClientRecord | None
    keys: Sequence[VerifyingKey]
    """All of the client's, in the order in which they were registered."""
    own: Callable[[], Sequence[DecryptionKey]]
    """The provider's, the newest last."""
    now: datetime

    def uncover(self, request: Request, method: Method) -> tuple[Request, Envelope]:
        """The call with its decrypted body. Raises Refused with ``encryption.…`` or ``signature.method_wrong``."""
        self._require(method)
        if self.endpoint.encryption == "direct":
            return self._direct(request, method)
        note = ""
        if request.payload:  # a call without a body only asks for an encrypted reply
            decrypted = open_jwe(request.payload, keys=self.own(), kids=self._kids, signed=method.signed)
            request = replace(request, payload=decrypted.payload)
            note = f"{self._to(decrypted.version)}; "
        to = choose_recipient(self.keys, kid=self.encryption.reply_kid(request), now=self.now)
        return request, self._envelope(f"{note}the reply to {to}", partial(seal_to, to))

    def _direct(self, request: Request, method: Method) -> tuple[Request, Envelope]:
        if not request.payload:
            raise refuse("encryption.required", seen="a call without a body", expected=self._wanted)
        decrypted = open_jwe(request.payload, keys=self.own(), kids=self._kids, signed=method.signed)
        note = f"{self._to(decrypted.version)}; the reply by the content key of the call"
        seal = partial(seal_direct, decrypted.content_key)
        return replace(request, payload=decrypted.payload), self._envelope(note, seal)

    def _envelope(self, note: str, seal: Callable[[bytes], str]) -> Envelope:
        return Envelope(note=note, media_type=self.encryption.media_type, seal=seal)

    def _to(self, version: int) -> str:
        return f"{self.encryption.algorithm}, version {version}"

    @property
    def _kids(self) -> Sequence[str | None]:
        return [key.kid for key in self.keys if key.algorithm == self.encryption.algorithm]

    def _require(self, method: Method) -> None:
        """Raises Refused unless the call takes what is sealed in this way."""
        if self._takes(method):
            return
        if not method.name and not self.endpoint.accepts:
            # Nothing is there to encrypt: what is missing are the headers that ask for an encrypted reply.
            raise refuse(
                "encryption.required",
                seen="a call without a body that asks for no encrypted reply",
                expected=f"{self._names} as the method, and an Accept of {self.encryption.media_type}, in the headers",
                next_step="send these two headers, and no body",
            )
        if not method.name:
            raise refuse("encryption.required", seen="a call that is not encrypted", expected=self._wanted)
        raise refuse("signature.method_wrong", seen=method.name, expected=self._names)

    @property
    def _wanted(self) -> str:
        return f"a body of {self.encryption.media_type}, announced as {self._names}"

    @property
    def _names(self) -> str:
        return " or ".join(one.name for one in self.encryption.methods if self._takes(one))

    def _takes(self, method: Method) -> bool:
        must_sign = self.endpoint.signing == "required" or (self.client is not None and self.client.require_jws)
        if self.endpoint.signing == "none":
            signing = not method.signed
        else:
            signing = method.signed or not must_sign
        may = {"none": (False,), "optional": (False, True)}.get(self.endpoint.encryption, (True,))
        return signing and method.encrypted in may
