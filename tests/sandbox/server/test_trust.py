"""What a handshake is told of a serial, at which time, and when the store cannot be asked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from ca.clock import MovableClock
from ca.records import CertificateRecord
from sandbox.errors import StateUnusable
from sandbox.server.cache import ReadCache
from sandbox.server.trust import Revocations
from sandbox.services.certificates import revoke
from sandbox.services.making import new_certificate
from sandbox.services.state import State, open_state

T = TypeVar("T")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def state(tmp_path):
    with_clock = open_state(tmp_path / "state", clock=MovableClock(NOON))
    yield with_clock
    with_clock.close()


def beside(work: Callable[[], T]) -> T:
    """In another thread, as the server writes: a connection does not see its own changes as news."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def made(state: State, name: str) -> tuple[CertificateRecord, int]:
    record = beside(lambda: new_certificate(state, "wise", "demo", name=name, key="ec-p256")).record
    return record, int(record.serial, 16)


def end(state: State, record: CertificateRecord) -> None:
    beside(lambda: revoke(state, "wise", record.serial, reason="superseded"))


def test_a_revocation_counts_from_its_instant_on(state) -> None:
    """Before it, after a trip of the clock, the certificate is good; of another provider's serials nothing is known."""
    register = ReadCache(state)
    revoked, elsewhere = (Revocations(provider, state, register) for provider in ("wise", "nuapay"))
    (bad, bad_serial), (_, good_serial) = made(state, "bad"), made(state, "good")
    register.refresh()
    assert not revoked(bad_serial)
    end(state, bad)
    register.refresh()
    assert revoked(bad_serial)
    assert not revoked(good_serial) and not revoked(1) and not elsewhere(bad_serial)
    state.clock.move(timedelta(seconds=-1))
    assert not revoked(bad_serial)
    state.clock.move(timedelta(seconds=1))
    assert revoked(bad_serial)


def test_where_the_store_cannot_be_asked_the_call_will_say_so(state, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that a good certificate was revoked; what is remembered still counts."""
    register = ReadCache(state)
    revoked = Revocations("wise", state, register)
    (bad, bad_serial), (other, other_serial) = made(state, "bad"), made(state, "other")
    for record in (bad, other):
        end(state, record)
    register.refresh()
    assert revoked(bad_serial)

    def unusable() -> None:
        raise StateUnusable("the store is gone", next_step="")

    monkeypatch.setattr(state.store, "read", unusable)
    assert revoked(bad_serial)
    assert not revoked(other_serial)
