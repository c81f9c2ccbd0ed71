"""A door that is told who is revoked: what the standard client sees, and whom the door asks about."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from sandbox.tls.contexts import DoorContexts, TrustBook
from tests.live.certificates import CLIENT, Held, House, make
from tests.live.stage import Stage, call, stage
from tests.live.test_alerts import alert_of, at_version


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


class List:
    """Whom it refuses, and about whom it was asked."""

    def __init__(self, *revoked: Held) -> None:
        self._revoked = {one.leaf.serial_number for one in revoked}
        self.asked: list[int] = []

    def __call__(self, serial: int) -> bool:
        self.asked.append(serial)
        return serial in self._revoked


@contextmanager
def door_with(house: House, revoked: List, *pins: Held) -> Iterator[Stage]:
    pinned = tuple(one.leaf for one in pins)
    book = TrustBook(authorities=(house.issuing.leaf,), pins=pinned, revoked=revoked)
    with stage(contexts=DoorContexts(house.server, book)) as door:  # type: ignore[arg-type]
        yield door


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_revoked_certificate_gets_its_own_alert(house: House, version: ssl.TLSVersion) -> None:
    """certificate_revoked, with a sentence that has the serial; another certificate of the same CA comes in."""
    bad = make("bad client", house.issuing, usage=CLIENT)
    revoked = List(bad)
    with door_with(house, revoked) as door:
        assert alert_of(door, at_version(house.client_context(bad), version)) == "certificate_revoked"
        handshake = door.observer.next_handshake()
        assert (handshake.cause, handshake.alert) == ("tls.certificate_revoked", "certificate_revoked")
        assert f"serial {bad.leaf.serial_number:X}, revoked" in handshake.seen
        assert handshake.certificate == bad.leaf
        with door.connect_tls(at_version(house.client_context(house.client), version)) as connection:
            assert call(connection)[0] == 200
        assert door.observer.next_handshake().ok
        assert revoked.asked == [bad.leaf.serial_number, house.client.leaf.serial_number]


def test_only_what_an_authority_has_signed_is_asked_about(house: House) -> None:
    """A stranger's and an expired one are refused for that; a pinned one has a serial that means nothing here."""
    pinned, sister = (make(name, house.sibling, usage=CLIENT) for name in ("pinned", "sister"))
    expired = make("old", house.issuing, usage=CLIENT, start=datetime(2024, 1, 1, tzinfo=UTC), days=366)
    revoked = List(pinned, sister, expired)
    with door_with(house, revoked, pinned) as door:
        with door.connect_tls(house.client_context(pinned)) as connection:
            assert call(connection)[0] == 200
        assert alert_of(door, house.client_context(sister)) == "unknown_ca"
        assert alert_of(door, house.client_context(expired)) == "certificate_expired"
        assert revoked.asked == []
        with door.connect_tls(house.client_context(house.client)) as connection:
            assert call(connection)[0] == 200
        assert revoked.asked == [house.client.leaf.serial_number]
