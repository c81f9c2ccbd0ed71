"""The step that hashes the secrets of clients: older versions kept them as they are.

What was a demo client's stays readable. Who those are, and which form our own secrets have, is handed in."""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sandbox.oauth import secrets
from sandbox.oauth.secrets import SALT_BYTES, Kept, Way
from sandbox.storage import files
from sandbox.storage.work import Work, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """What has to be known of a provider to hash the secrets of its clients."""

    provider: str
    demo: tuple[str, ...]
    secret_alone: bool
    made: Callable[[str], bool]
    """Whether a secret has the form of those that we make; older versions did not note where one was from."""


def hash_secrets(work: Work, customs: Collection[Custom]) -> None:
    """Every secret in the form in which it is kept from now on, and the file due to be scrubbed of what was."""
    queries, known = load("queries", work.driver), {custom.provider: custom for custom in customs}
    ways: dict[tuple[str, str], Way] = {}
    hashed = False
    for provider, client_id, name, secret in list(queries.secrets_of_before(work.connection)):
        custom = known.get(provider)
        kept = _kept(secret, name, custom, ways)
        hashed = hashed or kept.readable is None
        # One by one: a database waits for a silent transaction for some seconds only, and hashing takes its time.
        queries.write_secret(work.connection, provider=provider, id=client_id, secret=secrets.write(kept))
    if hashed:
        files.make_due(work)


def _kept(secret: str, name: str, custom: Custom | None, ways: dict[tuple[str, str], Way]) -> Kept:
    made = custom is not None and custom.made(secret)
    if custom and made and name in custom.demo:
        return secrets.keep(secret, secrets.PLAIN)
    new = (secrets.sha256 if made else secrets.scrypt)(os.urandom(SALT_BYTES))
    if custom and custom.secret_alone:
        # Whoever sends such a secret is found by its digest, and that is the same for all that went the same way.
        new = ways.setdefault((custom.provider, new.algorithm), new)
    return secrets.keep(secret, new)
