"""When a running server signs a CRL: not too often, not in the thread that writes, and two servers never one number."""

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from ca.clock import MovableClock, SystemClock
from ca.publishing import Crl, SignedCrl, TakenNumber
from sandbox.server.crls import SIGNING_PAUSE, CrlCache
from sandbox.server.writer import Writer
from sandbox.services import authority
from sandbox.services.authority import sign_crl
from sandbox.services.certificates import revoke
from sandbox.services.clients import add_client
from sandbox.services.making import new_certificate
from sandbox.services.state import State, open_state
from sandbox.storage import facts

CA = "client-ca:wise"
BOUND = 60.0
"""Seconds after which something that was waited for will not come any more."""


class Stopwatch:
    """A clock that only goes on while somebody sleeps by it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def state(tmp_path: Any, founded: Any) -> Any:
    """A state with a clock that can be moved."""
    shutil.copytree(founded, tmp_path / "state")
    state = open_state(tmp_path / "state", clock=MovableClock(SystemClock().now()))
    yield state
    state.close()


def run(state: State, work: Callable[[CrlCache, Writer], Awaitable[None]], **clock: Any) -> None:
    """The work on a loop of its own, with a writer."""

    async def main() -> None:
        writer = Writer(state.store)
        writer.start()
        try:
            await asyncio.wait_for(work(CrlCache(state, writer, **clock), writer), BOUND)
        finally:
            writer.close()

    asyncio.run(main())


def number_of(crl: Crl) -> int:
    """As a stranger reads it."""
    return x509.load_der_x509_crl(crl.der).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def revoked(state: State, name: str) -> None:
    new_certificate(state, "wise", "demo", name=name, key="ec-p256")
    revoke(state, "wise", name, reason="unspecified")


def test_two_signings_are_a_pause_apart(state: State) -> None:
    """By a stopwatch that the test holds: the rest of a quarter of a second after the one before, and no wait where
    nothing is signed, or the last one was long ago."""
    watch = Stopwatch()

    async def work(lists: CrlCache, writer: Writer) -> None:
        assert number_of(await lists.current(CA)) == 1
        assert number_of(await lists.current(CA)) == 1
        await writer.alone(lambda: revoked(state, "first"))
        watch.now += 0.1
        assert number_of(await lists.current(CA)) == 2
        await writer.alone(lambda: add_client(state, "wise", "another"))  # a change, but none of the list
        assert number_of(await lists.current(CA)) == 2
        watch.now += SIGNING_PAUSE
        await writer.alone(lambda: revoked(state, "second"))
        assert number_of(await lists.current(CA)) == 3

    run(state, work, monotonic=watch.monotonic, sleep=watch.sleep)
    assert watch.slept == [SIGNING_PAUSE - 0.1, 0.0]


def test_many_who_ask_at_once_get_one_list(state: State) -> None:
    """Signed once for all of them."""

    async def work(lists: CrlCache, writer: Writer) -> None:
        assert {number_of(crl) for crl in await asyncio.gather(*(lists.current(CA) for _ in range(20)))} == {1}

    run(state, work)


def test_others_write_while_a_list_is_signed(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signing waits for a commit of the thread that writes and for one of another connection: both get through."""
    begun, written = threading.Event(), threading.Event()

    def slow(state: State, taken: TakenNumber) -> SignedCrl:
        begun.set()
        assert written.wait(BOUND), "nobody could write"
        return sign_crl(state, taken)

    monkeypatch.setattr(authority, "sign_crl", slow)

    async def work(lists: CrlCache, writer: Writer) -> None:
        asked = asyncio.ensure_future(lists.current(CA))
        assert await asyncio.to_thread(begun.wait, BOUND)
        await writer.together(lambda: lambda unit: facts.put(unit, "written", "here"))
        with state.store.write() as unit:
            facts.put(unit, "written", "there")
        assert not asked.done()
        written.set()
        assert number_of(await asked) == 1

    run(state, work)


def test_a_newer_list_of_another_process_stands(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """While ours is signed, another process takes the next number and keeps its list first: that one is told."""

    def overtaken(state: State, taken: TakenNumber) -> SignedCrl:
        monkeypatch.setattr(authority, "sign_crl", sign_crl)
        revoked(state, "meanwhile")
        assert authority.current_crl(state, CA).number == taken.number + 1
        return sign_crl(state, taken)

    monkeypatch.setattr(authority, "sign_crl", overtaken)

    async def work(lists: CrlCache, writer: Writer) -> None:
        crl = await lists.current(CA)
        assert (number_of(crl), len(x509.load_der_x509_crl(crl.der)) > 0) == (2, True)

    run(state, work)
    assert number_of(authority.current_crl(state, CA)) == 2


def test_two_servers_over_one_state_never_sign_one_number(state: State, tmp_path: Any) -> None:
    """Four at once: no number on two lists, none lower than the one before, and the last list knows of everybody."""
    told: list[list[tuple[int, bytes]]] = [[] for _ in range(4)]

    def publish(own: list[tuple[int, bytes]]) -> None:
        mine = open_state(tmp_path / "state", clock=state.clock)
        try:
            for n in range(6):
                revoked(mine, f"{id(own)}-{n}")
                crl = authority.current_crl(mine, CA)
                own.append((number_of(crl), crl.der))
        finally:
            mine.close()

    threads = [threading.Thread(target=publish, args=(own,)) for own in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(len(own) == 6 for own in told)
    assert all(own == sorted(own) for own in told)
    every = {each for own in told for each in own}
    assert len({number for number, _ in every}) == len(every)
    assert len(x509.load_der_x509_crl(max(every)[1])) == 24


def test_a_server_that_ended_while_signing_leaves_a_gap(state: State) -> None:
    """The number is skipped, and the next list is right."""
    assert isinstance(authority.begin_crl(state, CA), TakenNumber)
    assert number_of(authority.current_crl(state, CA)) == 2
    state.clock.move(timedelta(days=40))
    assert number_of(authority.current_crl(state, CA)) == 3
