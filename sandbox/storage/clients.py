"""Registered clients and the tokens given to them. Tokens are kept by their SHA-256 only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ca.clock import read_time, write_time
from sandbox.errors import StateUnusable, Taken
from sandbox.oauth import secrets
from sandbox.oauth.clients import ClientRecord, Token
from sandbox.oauth.secrets import Kept
from sandbox.storage.work import Work, load


def add(work: Work, client: ClientRecord) -> None:
    """Raises Taken when the provider already has a client of that name or id."""
    row = {
        "provider": client.provider,
        "id": client.id,
        "name": client.name,
        "secret": secrets.write(client.secret),
        "created_at": write_time(client.created_at),
        "require_jws": int(client.require_jws),
        "require_mtls": int(client.require_mtls),
        "token_format": client.token_format,
        "rate_limit": client.rate_limit,
        "sca": int(client.sca),
        "check_callbacks": int(client.check_callbacks),
    }
    if not load("queries", work.driver).add_client(work.connection, **row):
        raise Taken(
            f"{client.provider} already has a client with {_twice(work, client)}",
            next_step=f"choose another name or id; or first: sandbank client remove {_taken(work, client)}",
        )


def _taken(work: Work, client: ClientRecord) -> str:
    """By what the other client is called."""
    return client.name if by_name(work, client.provider, client.name) else client.id


def _twice(work: Work, client: ClientRecord) -> str:
    """Which of the two is taken: the name, unless it is free."""
    return f"the name {client.name!r}" if by_name(work, client.provider, client.name) else f"the id {client.id!r}"


def all_of(work: Work, provider: str) -> tuple[ClientRecord, ...]:
    return tuple(map(_record, load("queries", work.driver).clients(work.connection, provider=provider)))


def by_id(work: Work, provider: str, client_id: str) -> ClientRecord | None:
    row = load("queries", work.driver).client_by_id(work.connection, provider=provider, id=client_id)
    return None if row is None else _record(row)


def by_name(work: Work, provider: str, name: str) -> ClientRecord | None:
    row = load("queries", work.driver).client_by_name(work.connection, provider=provider, name=name)
    return None if row is None else _record(row)


def update(work: Work, client: ClientRecord) -> None:
    """Keep the secret and the settings of a client that is there; id and name are who it is."""
    load("queries", work.driver).update_client(
        work.connection,
        provider=client.provider,
        id=client.id,
        secret=secrets.write(client.secret),
        require_jws=int(client.require_jws),
        require_mtls=int(client.require_mtls),
        token_format=client.token_format,
        rate_limit=client.rate_limit,
        sca=int(client.sca),
        check_callbacks=int(client.check_callbacks),
    )


def remove(work: Work, client: ClientRecord) -> None:
    load("queries", work.driver).remove_client(work.connection, provider=client.provider, id=client.id)


def _record(row: Sequence[Any]) -> ClientRecord:
    provider, client_id, name, secret, created_at, require_jws, require_mtls, *settings = row
    token_format, rate_limit, sca, check_callbacks = settings
    return ClientRecord(
        provider=provider,
        id=client_id,
        name=name,
        secret=_kept(name, secret),
        created_at=read_time(created_at),
        require_jws=bool(require_jws),
        require_mtls=bool(require_mtls),
        token_format=token_format,
        rate_limit=rate_limit,
        sca=bool(sca),
        check_callbacks=bool(check_callbacks),
    )


def _kept(name: str, secret: str) -> Kept:
    try:
        return secrets.read(secret)
    except ValueError:
        raise StateUnusable(
            f"the secret of the client {name} in the store was changed from outside and cannot be read",
            next_step="restore the state from a copy, or start with another --state DIR",
        ) from None


def add_token(work: Work, token: Token) -> None:
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


def find_token(work: Work, digest: str) -> Token | None:
    row = load("queries", work.driver).token(work.connection, digest=digest)
    return None if row is None else _token(row)


def tokens_of(work: Work, provider: str, client: str) -> tuple[Token, ...]:
    """The client's tokens, oldest first, revoked and ended ones too."""
    rows = load("queries", work.driver).tokens_of(work.connection, provider=provider, client=client)
    return tuple(map(_token, rows))


def tokens_around(work: Work, now: datetime, never: datetime, limit: int) -> tuple[Token, ...]:
    """Those that ended last and those that end next, of all clients: so many of each. *never* is the end of those that
    have none."""
    queries, at = load("queries", work.driver), write_time(now)
    ended = queries.tokens_ended(work.connection, before=at, limit=limit)
    ending = queries.tokens_ending(work.connection, after=at, before=write_time(never), limit=limit)
    return tuple(map(_token, (*ended, *ending)))


def revoke_token(work: Work, token: Token, at: datetime) -> None:
    """From *at* on the token is refused; it stays, so that a refusal can say so."""
    load("queries", work.driver).revoke_token(work.connection, digest=token.digest, revoked_at=write_time(at))


def remove_tokens_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_tokens_of(work.connection, provider=provider, client=client)


def remove_tokens_before(work: Work, expires_at: datetime) -> None:
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
