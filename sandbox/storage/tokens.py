"""The tokens given out, kept by their SHA-256: the token itself is never stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ca.clock import read_time, write_time
from sandbox.oauth.tokens import Token
from sandbox.storage.queries import load
from sandbox.storage.work import Work


def add(work: Work, token: Token) -> None:
    load("queries", work.driver).add_token(
        work.connection,
        digest=token.digest,
        provider=token.provider,
        client=token.client,
        kind=token.kind,
        scope=token.scope,
        issued_at=write_time(token.issued_at),
        expires_at=write_time(token.expires_at),
        id=token.id,
        requested_by=token.requested_by,
        resource=token.resource,
    )


def find(work: Work, digest: str) -> Token | None:
    row = load("queries", work.driver).token(work.connection, digest=digest)
    return None if row is None else _token(row)


def of_client(work: Work, provider: str, client: str) -> tuple[Token, ...]:
    """The client's tokens, oldest first, revoked and ended ones too."""
    rows = load("queries", work.driver).tokens_of(work.connection, provider=provider, client=client)
    return tuple(map(_token, rows))


def revoke(work: Work, token: Token, at: datetime) -> None:
    """From *at* on the token is refused; it stays, so that a refusal can say so."""
    load("queries", work.driver).revoke_token(work.connection, digest=token.digest, revoked_at=write_time(at))


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_tokens_of(work.connection, provider=provider, client=client)


def remove_before(work: Work, expires_at: datetime) -> None:
    """Forget the tokens whose end lies before *expires_at*, so that the table does not grow for ever."""
    load("queries", work.driver).remove_tokens_before(work.connection, expires_at=write_time(expires_at))


def _token(row: Sequence[Any]) -> Token:
    digest, provider, client, kind, scope, issued_at, expires_at, token_id, requested_by, resource, revoked_at = row
    return Token(
        digest=digest,
        provider=provider,
        client=client,
        kind=kind,
        scope=scope,
        issued_at=read_time(issued_at),
        expires_at=read_time(expires_at),
        id=token_id,
        requested_by=requested_by,
        resource=resource,
        revoked_at=None if revoked_at is None else read_time(revoked_at),
    )
