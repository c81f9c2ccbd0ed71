from datetime import UTC, datetime, timedelta

import pytest
from OpenSSL import SSL, crypto

from sandbox.tls.contexts import DoorContexts, TrustBook
from tests.live.certificates import House, make

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture
def book(house: House) -> TrustBook:
    return TrustBook(authorities=(house.issuing.leaf,))


@pytest.fixture
def contexts(house: House, book: TrustBook) -> DoorContexts:
    return DoorContexts(house.server, book)  # type: ignore[arg-type]


def test_real_time_keeps_one_context(contexts: DoorContexts) -> None:
    """On real time nothing is rebuilt until the credentials or the book change."""
    first = contexts.for_handshake(None)
    assert contexts.for_handshake(None) is first


def test_real_time_never_sets_the_stores_time(contexts: DoorContexts, monkeypatch: pytest.MonkeyPatch) -> None:
    """On real time OpenSSL asks the system's clock itself; a moved clock sets its time once per store."""
    told: list[datetime] = []
    monkeypatch.setattr(crypto.X509Store, "set_time", lambda store, at: told.append(at))
    contexts.for_handshake(None)
    assert told == []
    contexts.for_handshake(AT)
    contexts.for_handshake(AT)
    assert told == [AT]


def test_a_moved_clock_makes_one_context_a_second(contexts: DoorContexts) -> None:
    """Within a second a context is kept, since certificates' times are whole seconds; past it there is a new one."""
    first = contexts.for_handshake(AT)
    assert contexts.for_handshake(AT + timedelta(milliseconds=999)) is first
    second = contexts.for_handshake(AT + timedelta(seconds=1))
    assert second is not first
    assert contexts.for_handshake(AT) is not second, "also when the clock goes back"


def test_back_on_real_time_the_store_has_no_time(contexts: DoorContexts) -> None:
    """A clock that is set free again does not leave its last instant behind."""
    frozen = contexts.for_handshake(AT)
    real = contexts.for_handshake(None)
    assert real is not frozen
    assert contexts.for_handshake(None) is real


def test_times_of_other_zones_are_read_as_utc(contexts: DoorContexts, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyOpenSSL takes the fields of a time as they stand: they must stand in UTC."""
    told: list[datetime] = []
    monkeypatch.setattr(crypto.X509Store, "set_time", lambda store, at: told.append(at))
    contexts.for_handshake(AT.astimezone())
    assert told[0].utcoffset() == timedelta(0)


def test_renewing_replaces_both_contexts(house: House, book: TrustBook, contexts: DoorContexts) -> None:
    """New credentials or a new book count from the next handshake, also on the same instant."""
    bare, trust = contexts.bare, contexts.for_handshake(AT)
    pem = contexts.certificate_pem
    contexts.renew(make("localhost", house.server_root), book)  # type: ignore[arg-type]
    assert contexts.bare is not bare
    assert contexts.for_handshake(AT) is not trust
    assert contexts.certificate_pem != pem


def test_without_a_book_there_is_only_the_bare_context(house: House) -> None:
    """A door that asks no certificate has nothing that depends on time."""
    contexts = DoorContexts(house.server, None)  # type: ignore[arg-type]
    assert contexts.for_handshake(AT) is contexts.bare
    assert contexts.for_handshake(None) is contexts.bare
    assert contexts.bare.get_verify_mode() == SSL.VERIFY_NONE


def test_a_door_that_asks_insists(contexts: DoorContexts) -> None:
    """A connection takes its verify mode from the bare context, so that one must insist as well."""
    insists = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    assert contexts.bare.get_verify_mode() == insists
    assert contexts.for_handshake(None).get_verify_mode() == insists


def test_nothing_is_cached_for_resumption(contexts: DoorContexts) -> None:
    """A resumed session would skip the check of a certificate that was revoked in between."""
    assert contexts.for_handshake(None).get_session_cache_mode() == SSL.SESS_CACHE_OFF
