"""The secrets of clients: made or chosen, kept as hashes, and which two may not be the same."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.errors import Misuse, Taken
from sandbox.ids import Ids
from sandbox.oauth import secrets
from sandbox.oauth.clients import ClientRecord
from sandbox.oauth.secrets import SALT_BYTES, Kept, Way
from sandbox.providers import named
from sandbox.storage import clients
from sandbox.storage.work import Work

MAX_SECRET = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientWithSecret:
    """A client whose secret was made or given a moment ago: the one time that it is shown."""

    client: ClientRecord
    secret: str = field(repr=False)


def require_secret(secret: str) -> None:
    """Raises Misuse, which does not repeat it, for what cannot be a client's secret."""
    if len(secret) > MAX_SECRET or not secret.isprintable():
        raise Misuse(f"a secret has at most {MAX_SECRET} printable characters")


def made(work: Work, provider: str, ids: Ids) -> tuple[str, Kept]:
    """A new secret, and how it is kept."""
    secret = named(provider).registration.secret(ids)
    return secret, secrets.keep(secret, _way(work, provider, secrets.sha256(os.urandom(SALT_BYTES))))


def way_of_chosen(work: Work, provider: str) -> Way:
    """How one that somebody chose is kept; going it takes some 40 ms, so not in a transaction."""
    return _way(work, provider, secrets.scrypt(os.urandom(SALT_BYTES)))


def _way(work: Work, provider: str, new: Way) -> Way:
    """A new salt for each secret; but where the secret alone says who calls, that of the provider's other clients.

    Such a secret has to be found and not compared, so its digest must not depend on whose it is. A salt for all of a
    state's clients of the provider still makes a table of digests worthless that was made for another state, which none
    at all would not; and an id in front of the secret, the other way, is not what these providers give out.
    """
    if not named(provider).registration.secret_alone:
        return new
    others = (client.secret.way for client in clients.all_of(work, provider))
    return next((way for way in others if (way.algorithm, way.cost) == (new.algorithm, new.cost)), new)


def require_own(work: Work, client: ClientRecord, secret: str) -> None:
    """Raises Taken where the secret alone says who calls, and is another client's already."""
    if not named(client.provider).registration.secret_alone:
        return
    for other in clients.all_of(work, client.provider):
        # The slow ones share a salt; a digest that differs is another secret's.
        same = other.secret == (client.secret if other.secret.way.slow else secrets.keep(secret, other.secret.way))
        if same and other.id != client.id:
            raise Taken(
                f"{other.name!r} of {client.provider} already has that secret, which alone identifies a caller here",
                next_step="choose another, or leave it out to have one made",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSecrets:
    """The secret of one client of the seed."""

    secret: str = field(repr=False)
    made: bool
    """It was made for a client that the seed adds; else the seed gives it."""
    kept: Kept
    """As it is kept; another means that the client has another secret by now."""


Known = Mapping[tuple[str, str], SeedSecrets]
"""Such secrets, by provider and client id."""
