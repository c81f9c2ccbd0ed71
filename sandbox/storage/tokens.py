"""The tokens given out, kept by their SHA-256: the token itself is never stored."""

from datetime import datetime

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
    )


def find(work: Work, digest: str) -> Token | None:
    row = load("queries", work.driver).token(work.connection, digest=digest)
    if row is None:
        return None
    digest, provider, client, kind, scope, issued_at, expires_at = row
    return Token(
        digest=digest,
        provider=provider,
        client=client,
        kind=kind,
        scope=scope,
        issued_at=read_time(issued_at),
        expires_at=read_time(expires_at),
    )


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_tokens_of(work.connection, provider=provider, client=client)


def remove_before(work: Work, expires_at: datetime) -> None:
    """Forget the tokens whose end lies before *expires_at*, so that the table does not grow for ever."""
    load("queries", work.driver).remove_tokens_before(work.connection, expires_at=write_time(expires_at))
