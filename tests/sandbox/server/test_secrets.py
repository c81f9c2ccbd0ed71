"""Secrets are checked beside the event loop where that takes long, and only once."""

import asyncio
import threading

import pytest

from sandbox.errors import Refused
from sandbox.oauth import secrets
from sandbox.server import secrets as room
from sandbox.server.secrets import MOST_OF_ONE, SecretVerifier

SALT = bytes(16)
SLOW = secrets.keep("s3cret", secrets.scrypt(SALT))
FAST = secrets.keep("s3cret", secrets.sha256(SALT))


@pytest.fixture
def proofs():
    made = SecretVerifier()
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
        right = await asyncio.gather(*(proofs.is_of(SLOW, "s3cret", line="a") for _ in range(20)))
        wrong = await asyncio.gather(*(proofs.is_of(SLOW, "secret", line="a") for _ in range(20)))
        return right, wrong, await proofs.is_of(SLOW, "s3cret", line="a"), await proofs.is_of(SLOW, "secret", line="a")

    assert asyncio.run(ask()) == ([True] * 20, [False] * 20, True, False)
    assert len(threads) == 2 and threading.main_thread() not in threads


def test_a_slow_secret_does_not_hold_the_loop(proofs, monkeypatch):
    """What else is to be done is done before the digest is there; a fast one is there at once."""
    may_end, done = threading.Event(), []

    def scrypt(*data, **options):
        assert may_end.wait(60)
        return bytes(32)

    monkeypatch.setattr(secrets.hashlib, "scrypt", scrypt)

    async def other():
        done.append(await proofs.is_of(FAST, "s3cret", line="a"))
        may_end.set()

    async def ask():
        return await asyncio.gather(proofs.is_of(SLOW, "s3cret", line="a"), other())

    assert asyncio.run(ask()) == [False, None]  # the digest was not that of the secret
    assert done == [True]


def test_another_salt_is_another_question(proofs, threads):
    """So that a secret that was changed and back is not taken for the one before."""
    other = secrets.keep("other", secrets.scrypt(bytes([1] * 16)))

    async def ask():
        return await proofs.is_of(SLOW, "s3cret", line="a"), await proofs.is_of(other, "s3cret", line="a")

    threads.clear()
    assert asyncio.run(ask()) == (True, False) and len(threads) == 2


def test_what_is_remembered_is_bounded_and_no_secret(proofs, threads, monkeypatch):
    """The oldest goes; what stays does not say what was sent, nor would another process know it again."""
    monkeypatch.setattr(room, "REMEMBERED", 2)

    async def ask():
        for secret in ("first", "second", "third", "second"):
            await proofs.is_of(SLOW, secret, line="a")

    asyncio.run(ask())
    assert len(threads) == 3 and len(proofs._guessed) == 2
    assert not [mark for mark in proofs._guessed if b"second" in mark]
    beside = SecretVerifier()
    asyncio.run(beside.is_of(SLOW, "second", line="a"))
    assert not set(beside._guessed) & set(proofs._guessed)
    beside.close()


def test_who_waits_at_the_end_is_let_go(proofs, monkeypatch):
    """A stop does not compute what nobody will be told."""
    began, may_end = threading.Event(), threading.Event()
    computed = []

    def scrypt(data, **options):
        computed.append(data)
        began.set()
        assert may_end.wait(60)
        return bytes(32)

    monkeypatch.setattr(secrets.hashlib, "scrypt", scrypt)

    async def ask():
        waiting = [asyncio.ensure_future(proofs.is_of(SLOW, secret, line="a")) for secret in ("first", "second")]
        await asyncio.to_thread(began.wait, 20)
        proofs.close()
        may_end.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, second = asyncio.run(ask())
    assert first is False and isinstance(second, asyncio.CancelledError)
    assert computed == [b"first"]


@pytest.fixture
def gate(monkeypatch):
    """Holds every scrypt until it is set, and makes it a cheap one; and what was computed, in that order."""
    real, opened, computed = secrets.hashlib.scrypt, threading.Event(), []

    def scrypt(data, **options):
        assert opened.wait(60)
        computed.append(data.decode())
        return real(data, **{**options, "n": 2})

    monkeypatch.setattr(secrets.hashlib, "scrypt", scrypt)
    return opened, computed


def kept_of(number, secret="right"):
    return secrets.keep(secret, secrets.scrypt(bytes([number] * 16)))


async def lined_up(asked):
    """The calls, begun in their order; each has been refused or waits."""
    tasks = [asyncio.ensure_future(one) for one in asked]
    await asyncio.sleep(0)
    return tasks


def code_of(task):
    error = task.exception() if task.done() else None
    return error.code if isinstance(error, Refused) else ""


def test_guesses_at_one_client_wait_in_a_short_line_and_hold_nobody_else_up(proofs, gate):
    """One is at work and so many wait; the next is refused and costs nothing. The control: as many as
    may, and none is. The other client's right secret waits for one of them, and not for all."""
    opened, computed = gate
    opened.set()
    mine, others = kept_of(1), kept_of(2, "other's")
    computed.clear()

    async def ask(proofs, guesses):
        opened.clear()
        asked = [proofs.is_of(mine, f"guess {number}", line="mine") for number in range(guesses)]
        tasks = await lined_up([*asked, proofs.is_of(others, "other's", line="other's")])
        refused = [code_of(task) for task in tasks]
        opened.set()
        return refused, await asyncio.gather(*tasks, return_exceptions=True)

    most = MOST_OF_ONE + 1
    beside = SecretVerifier()
    assert asyncio.run(ask(beside, most)) == ([""] * (most + 1), [False] * most + [True])
    beside.close()
    computed.clear()
    codes, said = asyncio.run(ask(proofs, most + 3))
    assert codes == [""] * most + ["token.too_many_guesses"] * 3 + [""]
    assert said[:most] == [False] * most and said[-1] is True
    assert computed == ["guess 0", "guess 1", "other's", *(f"guess {n}" for n in range(2, most))]


def test_all_lines_together_are_bounded_and_an_empty_one_has_a_place(proofs, gate, monkeypatch):
    """As many as may wait, of other clients: a second guess in any line is refused. A first right secret is not, in a
    line where nobody waits, and is found right."""
    opened, computed = gate
    monkeypatch.setattr(room, "MOST_WAITING", 4)
    opened.set()
    kept = [kept_of(number) for number in range(5)]
    computed.clear()
    opened.clear()

    async def ask():
        guesses = [proofs.is_of(one, "guess", line=number) for number, one in enumerate(kept[:4])]
        first_right = proofs.is_of(kept[4], "right", line=4)
        again = [proofs.is_of(one, "another", line=number) for number, one in enumerate(kept[:4])]
        tasks = await lined_up([*guesses, first_right, *again])
        codes = [code_of(task) for task in tasks]
        opened.set()
        said = await asyncio.gather(*tasks, return_exceptions=True)
        return codes, said[:5], len(proofs._coming)

    # The first guess is at work and waits no more, so that its line is empty.
    codes = [*[""] * 5, "", *["token.too_many_guesses"] * 3]
    assert asyncio.run(ask()) == (codes, [False] * 4 + [True], 0)
    assert len(computed) == 6


def test_a_caller_that_guesses_keys_keeps_no_other_out_while_few_wait(proofs, gate, monkeypatch):
    """Whose a key is nobody knows, so each caller has a line; together they have no more places than there are."""
    opened, _ = gate
    monkeypatch.setattr(room, "MOST_WAITING", 12)
    opened.set()
    way = secrets.scrypt(SALT)
    known = [(way, {way.digest("right"): "the owner"})]
    opened.clear()

    async def ask():
        guesses = [proofs.owner(known, f"guess {number}", line="guesses") for number in range(MOST_OF_ONE + 2)]
        tasks = await lined_up([*guesses, proofs.owner(known, "right", line="owner")])
        tasks += await lined_up(proofs.owner(known, f"other {number}", line=number) for number in range(4))
        codes = [code_of(task) for task in tasks]
        opened.set()
        return codes, await asyncio.gather(*tasks, return_exceptions=True)

    codes, said = asyncio.run(ask())
    refused = "token.too_many_guesses"
    assert codes == [*[""] * (MOST_OF_ONE + 1), refused, "", "", "", refused, refused]
    assert said[MOST_OF_ONE + 2] == "the owner"
