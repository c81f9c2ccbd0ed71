"""What a call was judged by, and whether the store says the same in the transaction that does the call's work.

A call is judged on the event loop and works a moment later in the writing thread. What changed in between, in this
process or another, must count: a client that was removed gets no token, a deleted key signs nothing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ca.clock import Setting
from ca.records import CertificateRecord
from ca.store import store as certificates
from sandbox.oauth.clients import ClientRecord, Token
from sandbox.providers.declare import Provider
from sandbox.server.cache import ReadCache, read_keys_of
from sandbox.storage import clients, facts
from sandbox.storage.work import Work

if TYPE_CHECKING:  # the first call may be signed by nobody
    from sandbox.jose.keys import VerifyingKey

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
