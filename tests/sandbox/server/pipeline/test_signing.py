"""The key that signs replies: nothing that was rolled back signs."""

import base64
import sqlite3
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sandbox.providers.sealing import ReplySeal
from sandbox.providers.wise.provider import WISE
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline.signing import SigningStep
from sandbox.services.keys import public_reply_key

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEAL = ReplySeal(media_type="application/jose+json", header=lambda algorithm, _: {"alg": algorithm})


@pytest.fixture
def signing_step(state):
    register = ReadCache(state)
    register.refresh()
    return SigningStep(provider=WISE, register=register, ids=state.ids, vault=state.vault, store=state.store)


def sealed(signing_step, work):
    return signing_step.seal(b'{"id": 1}', SEAL, "ES256", work, NOW)


def verifies(state, jws):
    """Whether the public key that the provider publishes verifies it, as PyJWT judges."""
    with state.store.write() as work:
        published = public_reply_key(work, state.vault, WISE.name, "ES256", None, ids=state.ids, now=NOW)
    assert published is not None
    key = load_der_public_key(base64.b64decode(published.spki))
    try:
        return jwt.decode(jws, key, algorithms=["ES256"]) == {"id": 1}
    except jwt.InvalidSignatureError:
        return False


def test_a_reply_key_that_was_rolled_back_does_not_go_on_signing(state, signing_step):
    """It was made for two calls of one transaction, whose commit failed; the next signs with a kept key."""
    with state.store.write() as work:
        work.connection.execute("CREATE TABLE above (id INTEGER PRIMARY KEY)")
        work.connection.execute("CREATE TABLE below (id INTEGER REFERENCES above (id) DEFERRABLE INITIALLY DEFERRED)")
    lost = []

    def fail() -> None:
        with state.store.write() as work:
            lost.extend(sealed(signing_step, work) for _ in range(2))
            work.connection.execute("INSERT INTO below VALUES (1)")

    with pytest.raises(sqlite3.IntegrityError):
        fail()
    with state.store.write() as work:
        kept = sealed(signing_step, work)
    assert verifies(state, kept)
    assert len(lost) == 2 and not any(verifies(state, jws) for jws in lost)


def test_a_reply_key_is_read_once(state, signing_step):
    """After the commit it is remembered, until something changes."""
    with state.store.write() as work:
        sealed(signing_step, work)
    first = signing_step.register.reply_key(WISE.name, "ES256")
    assert first is not None
    with state.store.write() as work:
        again = sealed(signing_step, work)
    assert verifies(state, again)
    assert signing_step.register.reply_key(WISE.name, "ES256") is first
    signing_step.register.changes += 1
    assert signing_step.register.reply_key(WISE.name, "ES256") is None


def test_a_key_that_was_read_before_a_change_is_not_used_after_it(signing_step):
    """Also where the writing thread remembers it only afterwards."""
    before = signing_step.register.changes
    signing_step.register.changes += 1
    signing_step.register.keep_reply_key(WISE.name, "ES256", (1, None), before)
    assert signing_step.register.reply_key(WISE.name, "ES256") is None
    signing_step.register.keep_reply_key(WISE.name, "ES256", (2, None), before + 1)
    assert signing_step.register.reply_key(WISE.name, "ES256") == (2, None)
