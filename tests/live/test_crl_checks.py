"""What OpenSSL makes of a CRL in a trust book, and that nothing of it stays in memory."""

import gc
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ca.issue import Issuer
from ca.revocation import Revoked, make_crl
from sandbox.tls.contexts import DoorContexts, TrustBook, trust_context
from sandbox.tls.crl import Crl
from tests.live.certificates import CLIENT, DAY, Held, House, make
from tests.live.stage import call, stage
from tests.live.test_alerts import alert_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


def crl_of(ca: Held, *revoked: Held, begin: datetime | None = None) -> Crl:
    begin = begin or datetime.now(UTC)
    issuer = Issuer(certificate=ca.leaf, key=ca.key)
    entries = [Revoked(serial=one.leaf.serial_number, at=begin) for one in revoked]
    return Crl(make_crl(issuer, entries, number=1, now=begin, next_update=begin + DAY).public_bytes(Encoding.DER))


@pytest.mark.parametrize("case", ["revoked", "missing", "expired", "not yet valid"])
def test_each_verdict_has_a_cause_that_says_whose_fault_it_is(house: House, case: str) -> None:
    """Revoked is the client's; a list that is missing or out of time is ours; with a good list the client comes in."""
    now = datetime.now(UTC)
    crl, cause = {
        "revoked": (crl_of(house.issuing, house.client), "tls.certificate_revoked"),
        "missing": (crl_of(house.sibling), "tls.crl_missing"),
        "expired": (crl_of(house.issuing, begin=now - 3 * DAY), "tls.crl_expired"),
        "not yet valid": (crl_of(house.issuing, begin=now + DAY), "tls.crl_not_yet_valid"),
    }[case]
    contexts = DoorContexts(house.server, TrustBook(authorities=(house.issuing.leaf,), crls=(crl,)))  # type: ignore[arg-type]
    with stage(contexts=contexts) as door:
        alert_of(door, house.client_context(house.client))
        handshake = door.witness.next_handshake()
        assert handshake.cause == cause
        assert ("not the client's fault" in handshake.expected) == (case != "revoked")
        contexts.trust(TrustBook(authorities=(house.issuing.leaf,), crls=(crl_of(house.issuing),)))
        with door.connect_tls(house.client_context(house.client)) as connection:
            assert call(connection)[0] == 200


def test_a_pin_needs_no_list_of_its_issuer(house: House) -> None:
    """A pinned leaf of a stranger's CA comes in while lists are looked at; its sister and a revoked one do not."""
    pinned, sister = (make(name, house.sibling, usage=CLIENT) for name in ("pinned", "sister"))
    crl = crl_of(house.issuing, house.client)
    book = TrustBook(authorities=(house.issuing.leaf,), pins=(pinned.leaf,), crls=(crl,))
    with stage(contexts=DoorContexts(house.server, book)) as door:  # type: ignore[arg-type]
        with door.connect_tls(house.client_context(pinned)) as connection:
            assert call(connection)[0] == 200
        assert door.witness.next_handshake().ok
        assert alert_of(door, house.client_context(sister)) == "unknown_ca"
        assert alert_of(door, house.client_context(house.client)) == "certificate_revoked"


def test_many_contexts_share_one_list_and_leave_nothing(house: House) -> None:
    """A thousand contexts over a list of 10,000 entries (0.35 MB): parsed for each, they would need 350 MB."""
    now = datetime.now(UTC)
    entries = [Revoked(serial=n, at=now) for n in range(1, 10_001)]
    issuer = Issuer(certificate=house.issuing.leaf, key=house.issuing.key)
    made = make_crl(issuer, entries, number=1, now=now, next_update=now + timedelta(days=1))
    book = TrustBook(authorities=(house.issuing.leaf,), crls=(Crl(made.public_bytes(Encoding.DER)),))
    for _ in range(50):
        trust_context(house.server, book)  # type: ignore[arg-type]
    gc.collect()
    before = resident()
    kept = [trust_context(house.server, book) for _ in range(200)]  # type: ignore[arg-type]
    kept.clear()
    for _ in range(800):
        trust_context(house.server, book)  # type: ignore[arg-type]
    gc.collect()
    assert resident() - before < 60_000_000


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_what_is_no_crl_is_an_error() -> None:
    """Junk is not put into a store."""
    with pytest.raises(ValueError, match="not a CRL"):
        Crl(b"junk")
