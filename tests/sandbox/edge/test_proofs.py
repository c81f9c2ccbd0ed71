"""Secrets are checked beside the event loop where that takes long, and only once."""

import asyncio
import threading

import pytest

from sandbox.edge import proofs as room
from sandbox.edge.proofs import Proofs
from sandbox.oauth import secrets

SALT = bytes(16)
SLOW = secrets.keep("s3cret", secrets.scrypt(SALT))
FAST = secrets.keep("s3cret", secrets.sha256(SALT))


@pytest.fixture
def proofs():
    made = Proofs()
    yield made
    made.close()


@pytest.fixture
def threads(monkeypatch):
    """In which thread each scrypt was computed."""
    real, seen = secrets.hashlib.scrypt, []

    def scrypt(*data, **options):
        seen.append(threading.current_thread())
        return real(*data, **options)

    monkeypatch.setattr(secrets.hashlib, "scrypt", scrypt)
    return seen


def test_a_slow_secret_is_right_or_wrong_and_paid_for_once(proofs, threads):
    """Twenty calls at a time, and the next one: one computation for the right secret, one for the wrong."""

    async def ask():
        right = await asyncio.gather(*(proofs.is_of(SLOW, "s3cret") for _ in range(20)))
        wrong = await asyncio.gather(*(proofs.is_of(SLOW, "secret") for _ in range(20)))
        return right, wrong, await proofs.is_of(SLOW, "s3cret"), await proofs.is_of(SLOW, "secret")

    assert asyncio.run(ask()) == ([True] * 20, [False] * 20, True, False)
    assert len(threads) == 2 and threading.main_thread() not in threads


def test_a_slow_secret_does_not_hold_the_loop(proofs, monkeypatch):
    """What else is to be done is done before the digest is there; a fast one is there at once."""
    may_end, done = threading.Event(), []

    def scrypt(*data, **options):
        assert may_end.wait(20)
        return bytes(32)

    monkeypatch.setattr(secrets.hashlib, "scrypt", scrypt)

    async def other():
        done.append(await proofs.is_of(FAST, "s3cret"))
        may_end.set()

    async def ask():
        return await asyncio.gather(proofs.is_of(SLOW, "s3cret"), other())

    assert asyncio.run(ask()) == [False, None]  # the digest was not that of the secret
    assert done == [True]


def test_another_salt_is_another_question(proofs, threads):
    """So that a secret that was changed and back is not taken for the one before."""
    other = secrets.keep("other", secrets.scrypt(bytes([1] * 16)))

    async def ask():
        return await proofs.is_of(SLOW, "s3cret"), await proofs.is_of(other, "s3cret")

    threads.clear()
    assert asyncio.run(ask()) == (True, False) and len(threads) == 2


def test_what_is_remembered_is_bounded_and_no_secret(proofs, threads, monkeypatch):
    """The oldest goes; what stays does not say what was sent, nor would another process know it again."""
    monkeypatch.setattr(room, "REMEMBERED", 2)

    async def ask():
        for secret in ("first", "second", "third", "second"):
            await proofs.is_of(SLOW, secret)

    asyncio.run(ask())
    assert len(threads) == 3 and len(proofs._known) == 2
    assert not [mark for mark in proofs._known if b"second" in mark]
    beside = Proofs()
    asyncio.run(beside.is_of(SLOW, "second"))
    assert not set(beside._known) & set(proofs._known)
    beside.close()


def test_who_waits_at_the_end_is_let_go(proofs, monkeypatch):
    """A stop does not compute what nobody will be told."""
    began, may_end = threading.Event(), threading.Event()
    computed = []

    def scrypt(data, **options):
        computed.append(data)
        began.set()
        assert may_end.wait(20)
        return bytes(32)

    monkeypatch.setattr(secrets.hashlib, "scrypt", scrypt)

    async def ask():
        waiting = [asyncio.ensure_future(proofs.is_of(SLOW, secret)) for secret in ("first", "second")]
        await asyncio.to_thread(began.wait, 20)
        proofs.close()
        may_end.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, second = asyncio.run(ask())
    assert first is False and isinstance(second, asyncio.CancelledError)
    assert computed == [b"first"]
