"""Secrets are checked beside the event loop where that takes long, and only once."""

import asyncio
import threading

import pytest

from sandbox.errors import Refused
from sandbox.oauth import secrets
from sandbox.server import secrets as room
from sandbox.server.secrets import MOST_OF_ONE, MOST_WAITING, SecretVerifier

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


def test_all_lines_together_are_bounded(proofs, gate):
    """As many as may wait, each for another client; the next is refused, until those were looked at."""
    opened, computed = gate
    opened.set()
    kept = [kept_of(number) for number in range(MOST_WAITING + 1)]
    computed.clear()
    opened.clear()

    async def ask():
        tasks = await lined_up(proofs.is_of(one, "guess", line=number) for number, one in enumerate(kept))
        codes = [code_of(task) for task in tasks]
        held = len(proofs._coming)
        opened.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        return codes, held, await proofs.is_of(kept[-1], "right", line=MOST_WAITING), len(proofs._coming)

    codes = [""] * MOST_WAITING + ["token.too_many_guesses"]
    assert asyncio.run(ask()) == (codes, MOST_WAITING, True, 0)
    assert len(computed) == MOST_WAITING + 1


def test_a_right_secret_that_was_proved_is_not_held_up_nor_driven_out(proofs, gate, monkeypatch):
    """While the line of its client is full, and after more guesses than are remembered. The control: one that was not
    proved before is refused there."""
    opened, computed = gate
    opened.set()
    monkeypatch.setattr(room, "REMEMBERED", 3)
    mine = kept_of(1, "a%20b")

    async def ask():
        assert await proofs.is_of(mine, "a%20b", line="mine")
        for number in range(5):
            assert not await proofs.is_of(mine, f"before {number}", line="mine")
        opened.clear()
        tasks = await lined_up(proofs.is_of(mine, f"guess {number}", line="mine") for number in range(MOST_OF_ONE + 1))
        computed.clear()
        again = await proofs.is_of(mine, "a%20b", line="mine")
        (control,) = await lined_up([proofs.is_of(mine, "a%20c", line="mine")])
        await asyncio.sleep(0)
        nothing, code = list(computed), code_of(control)
        opened.set()
        await asyncio.gather(*tasks)
        return again, nothing, code

    assert asyncio.run(ask()) == (True, [], "token.too_many_guesses")


def test_a_key_is_found_without_a_turn_where_it_was_found_before_or_costs_nothing(proofs, gate):
    """While the line of keys is full. The control: a key of somebody who chose it, and comes for the first time."""
    opened, _ = gate
    opened.set()
    known, new = kept_of(1, "known"), kept_of(2, "new")
    table = [(FAST.way, {FAST.digest: "fast"}), (known.way, {known.digest: "known"}), (new.way, {new.digest: "new"})]

    async def ask():
        first = await proofs.owner(table, "known", line="keys")
        opened.clear()
        tasks = await lined_up(proofs.owner(table, f"guess {number}", line="keys") for number in range(MOST_OF_ONE + 1))
        found = [await proofs.owner(table, key, line="keys") for key in ("s3cret", "known")]
        (control,) = await lined_up([proofs.owner(table, "new", line="keys")])
        code = code_of(control)
        opened.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        return first, found, code, await proofs.owner(table, "new", line="keys")

    assert asyncio.run(ask()) == ("known", ["fast", "known"], "token.too_many_guesses", "new")


def test_nobodys_secret_is_as_much_work_as_a_chosen_one(proofs, threads):
    """The same way, paid for once for each name; and never right."""
    one, same, other = proofs.nobody("acme"), proofs.nobody("acme"), proofs.nobody("other")
    assert one == same and one.way.salt != other.way.salt != SecretVerifier().nobody("other").way.salt
    assert (one.way.algorithm, one.way.cost) == (SLOW.way.algorithm, SLOW.way.cost)

    async def ask():
        return [await proofs.is_of(each, "guess", line=None) for each in (one, same, other)]

    assert asyncio.run(ask()) == [False] * 3 and len(threads) == 2


def test_where_no_thread_can_be_started_whoever_waits_is_told(proofs, monkeypatch):
    """And the next secret is looked at, as soon as there is a thread again: nobody waits for ever."""

    def start(_thread):
        raise RuntimeError("can't start new thread")

    async def ask(secret):
        return await asyncio.wait_for(proofs.is_of(SLOW, secret, line="a"), 20)

    async def ask_without_and_with_a_thread():
        with monkeypatch.context() as without:
            without.setattr(threading.Thread, "start", start)
            refused = await asyncio.gather(*map(ask, ("first", "second", "s3cret")), return_exceptions=True)
        return [str(error) for error in refused], await ask("s3cret"), len(proofs._coming)

    assert asyncio.run(ask_without_and_with_a_thread()) == (["can't start new thread"] * 3, True, 0)


def test_the_refusal_does_not_say_that_those_of_a_shared_line_are_one_clients(proofs, monkeypatch):
    """API keys and unknown ids are in one line, and belong to nobody that is known."""
    monkeypatch.setattr(room, "MOST_OF_ONE", 0)
    with pytest.raises(Refused) as refused:
        asyncio.run(proofs.owner([(SLOW.way, {})], "guess", line=("wise", None)))
    (reason,) = refused.value.reasons
    assert "same client" not in reason.seen and "one for all else" in reason.expected
