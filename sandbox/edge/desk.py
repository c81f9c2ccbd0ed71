"""The desk as the edge hands it to a handler: reading from memory, or inside the transaction of a call that writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.ids import Ids
from sandbox.oauth.tokens import Token
from sandbox.storage import tokens
from sandbox.storage.work import Work

ENDED_TOKENS_KEPT = timedelta(days=30)
"""Long enough to answer "expired" rather than "unknown" to whoever comes back after a holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingDesk:
    """For endpoints that only read: they run on the event loop, where nothing may wait for the disk."""

    now: datetime
    ids: Ids

    def give_token(self, token: Token) -> None:
        raise RuntimeError("an endpoint that gives tokens must be declared with work='write'")


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingDesk:
    """For endpoints that write: what they do is done when the call's transaction is committed, or not at all."""

    now: datetime
    ids: Ids
    work: Work

    def give_token(self, token: Token) -> None:
        tokens.remove_before(self.work, self.now - ENDED_TOKENS_KEPT)
        tokens.add(self.work, token)
