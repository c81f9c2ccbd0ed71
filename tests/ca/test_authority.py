import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authority import Authority
from ca.errors import AuthorityError, LintFailed, NameNotCovered, NotFounded, NotIssued
from ca.issuance import issue
from ca.store import store
from ca.x509.bundle import pem
from ca.x509.keys import spki_sha256, write_key_pem
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem, founded, openssl, shelf

Home = tuple[Authority, MemoryWork]
DAY = timedelta(days=1)


def codes(home: Home, csr: bytes, now: datetime = NOW, name: str = CLAIM.name) -> list[str]:
    authority, work = home
    with pytest.raises(NotIssued) as caught:
        authority.submit(work, csr, OFFER, replace(CLAIM, name=name), now)
    return [refusal.code.removeprefix("certificate.") for refusal in caught.value.refusals]


def test_a_csr_made_by_openssl_becomes_a_certificate_openssl_accepts(home: Home, tmp_path: Path) -> None:
    """The whole way of a CSR, with a CSR that asks to be a CA and has two common names."""
    authority, work = home
    (tmp_path / "key").write_text(write_key_pem(shelf("rsa-2048")))
    asked = ["-subj", "/C=EU/O=Acme/CN=one/CN=two", "-addext", "basicConstraints=critical,CA:TRUE"]
    openssl("req", "-new", "-key", "key", *asked, "-out", "csr", cwd=tmp_path)
    issued = authority.submit(work, (tmp_path / "csr").read_bytes(), OFFER, CLAIM, NOW)
    (tmp_path / "leaf").write_text(issued.certificate)
    (tmp_path / "chain").write_text(issued.chain)
    (tmp_path / "root").write_text(pem([authority.client_root(work)]))
    at = str(int(NOW.timestamp()))
    verify = [
        "verify",
        "-x509_strict",
        "-attime",
        at,
        "-CAfile",
        "root",
        "-untrusted",
        "chain",
        "-purpose",
        "sslclient",
    ]
    assert "leaf: OK" in openssl(*verify, "leaf", cwd=tmp_path)
    later = str(int((NOW + 366 * DAY).timestamp()))
    verify[3] = later
    assert "certificate has expired" in openssl(*verify, "leaf", cwd=tmp_path, check=False)
    shown = openssl(
        "x509", "-in", "leaf", "-noout", "-subject", "-serial", "-dates", "-ext", "basicConstraints", cwd=tmp_path
    )
    assert "subject=C = EU, O = Acme, CN = acme-client-id" in shown
    assert f"serial={issued.serial}" in shown
    assert "notAfter=Nov 22 10:27:38 2027 GMT" in shown
    assert "CA:FALSE" in shown
    assert [change.field for change in issued.changed] == ["CN", "extension"]
    assert (
        issued.bundle
        == issued.certificate + issued.chain
        == pem(x509.load_pem_x509_certificates(issued.bundle.encode()))
    )
    assert store.by_serial(work, issued.serial) == issued.record
    assert (issued.not_before, issued.not_after) == (issued.record.not_before, issued.record.not_after)


def test_what_is_refused_is_not_stored(home: Home) -> None:
    """Neither what can not be read nor what breaks a rule; each comes with the provider's page."""
    assert codes(home, b"") == ["empty"]
    assert codes(home, csr_pem(("C", "EU"), key=shelf("rsa-1024"))) == ["key_too_small", "attribute_missing"]
    assert store.certificates(home[1]) == ()


def test_names_are_unique_and_ten_is_the_limit(home: Home) -> None:
    """Counted by the store, freed by expiry."""
    authority, work = home
    for number in range(10):
        authority.submit(work, csr_pem(), OFFER, replace(CLAIM, name=f"certificate {number}"), NOW)
    assert codes(home, csr_pem(), name="certificate 3") == ["name_taken", "limit_reached"]
    assert codes(home, csr_pem(), name="certificate 11") == ["limit_reached"]
    authority.submit(work, csr_pem(), OFFER, replace(CLAIM, holder="somebody else"), NOW)
    authority.submit(work, csr_pem(), OFFER, replace(CLAIM, name="certificate 3"), NOW + 366 * DAY)


def test_the_names_of_a_released_holder_are_free(home: Home) -> None:
    """A client that is removed and registered again starts anew."""
    authority, work = home
    authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    assert codes(home, csr_pem()) == ["name_taken"]
    store.release_holder(work, CLAIM.provider, CLAIM.holder, NOW)
    authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)


def test_one_key_may_have_two_certificates(home: Home) -> None:
    """Renewal with the same key is the holder's choice; the records show that it is the same."""
    authority, work = home
    first = authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    second = authority.submit(work, csr_pem(), OFFER, replace(CLAIM, name="renewed"), NOW)
    assert first.serial != second.serial
    assert first.record.spki_sha256 == second.record.spki_sha256


def test_a_clock_outside_the_authoritys_life_gets_no_certificate(home: Home) -> None:
    """Fifteen years back, or so far ahead that the CA would not outlive the certificate."""
    authority, work = home
    for now in (NOW.replace(year=2011), NOW.replace(year=2055, month=12), NOW.replace(year=9999)):
        assert codes(home, csr_pem(), now) == ["authority_out_of_time"]
    authority.submit(work, csr_pem(), OFFER, CLAIM, NOW.replace(year=2017))
    authority.submit(work, csr_pem(), OFFER, CLAIM, NOW.replace(year=2055, month=10))


def test_a_finding_stops_the_certificate(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not as planned is neither returned nor stored."""
    authority, work = home
    monkeypatch.setattr(issue, "lint", lambda *_, **__: ("something is odd",))
    with pytest.raises(LintFailed) as caught:
        authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    assert caught.value.findings == ("something is odd",)
    assert store.certificates(work) == ()


def test_serials_come_from_where_they_are_told() -> None:
    """A test that needs the same serials every time has them."""
    counter = itertools.count(1)
    authority, work = founded(authority=Authority(serials=lambda octets=16: next(counter)))
    assert authority.submit(work, csr_pem(), OFFER, CLAIM, NOW).serial == "06"
    work.connection.close()


def test_founding_twice_changes_nothing(home: Home) -> None:
    """Not even with other server names; a new provider gets its CA under the same root."""
    authority, work = home
    before = work.connection.execute("SELECT * FROM ca_authorities ORDER BY name").fetchall()
    authority.found(work, server_names=("example.test",), providers=("wise",), now=NOW + DAY)
    assert work.connection.execute("SELECT * FROM ca_authorities ORDER BY name").fetchall() == before
    authority.found(work, server_names=(), providers=("wise", "nuapay"), now=NOW + DAY)
    authority.issuing(work, "nuapay").verify_directly_issued_by(authority.client_root(work))
    assert work.connection.execute("SELECT COUNT(*) FROM ca_authorities").fetchone() == (6,)


def test_the_key_of_the_server_root_is_nowhere(home: Home) -> None:
    """Its column is empty, and every other row has a key."""
    rows = dict(home[1].connection.execute("SELECT name, key IS NULL FROM ca_authorities").fetchall())
    assert rows == {"server-root": 1, "server-ca": 0, "courier-ca": 0, "client-root": 0, "client-ca:wise": 0}


def test_a_store_without_an_authority_says_so(work: MemoryWork) -> None:
    """Every question about it is answered by one exception, with advice."""
    authority = Authority()
    for ask in (
        lambda: authority.server_root(work),
        lambda: authority.client_root(work),
        lambda: authority.issuing(work, "wise"),
        lambda: authority.covers(work, ("localhost",)),
        lambda: authority.submit(work, csr_pem(), OFFER, CLAIM, NOW),
        lambda: authority.server_credentials(work, names=("localhost",), now=NOW),
    ):
        with pytest.raises(NotFounded) as caught:
            ask()
        assert caught.value.advice()


def test_half_a_server_side_is_made_anew(home: Home) -> None:
    """The root has no key to sign the missing half with."""
    authority, work = home
    root = authority.server_root(work)
    store.drop_authority(work, "courier-ca")
    authority.found(work, server_names=(), providers=("wise",), now=NOW)
    assert authority.server_root(work) != root


def test_the_server_certificate_is_kept_while_it_serves(home: Home) -> None:
    """The same again for the same names in any order; a new one for others, near its end, or when asked to."""
    authority, work = home
    first = authority.server_credentials(work, names=("localhost", "127.0.0.1"), now=NOW)
    assert first.chain[1].subject == first.chain[0].issuer
    assert first.not_after == first.chain[0].not_valid_after_utc
    again = authority.server_credentials(work, names=("127.0.0.1", "localhost"), now=NOW + 300 * DAY)
    assert again.chain == first.chain
    fresh = Authority().server_credentials(work, names=("127.0.0.1", "localhost"), now=NOW)
    assert fresh.chain == first.chain
    assert fresh.key.public_key() == first.chain[0].public_key()
    late = authority.server_credentials(work, names=("localhost", "127.0.0.1"), now=NOW + 370 * DAY)
    assert late.chain[0] != first.chain[0]
    other = authority.server_credentials(work, names=("localhost",), now=NOW + 370 * DAY)
    assert other.chain[0] not in (first.chain[0], late.chain[0])
    assert "PrivateKey" not in repr(other)


def test_a_name_that_is_not_covered_is_told_and_refounding_covers_it(home: Home) -> None:
    """A new root; the old server certificate is gone with the old one; this Authority and any other notice."""
    authority, work = home
    other = Authority()
    names = ("localhost", "api.example.test")
    assert authority.covers(work, names) == ("api.example.test",)
    with pytest.raises(NameNotCovered) as caught:
        authority.server_credentials(work, names=names, now=NOW)
    assert caught.value.names == ("api.example.test",)
    old, old_server = other.server_root(work), other.server_credentials(work, names=("localhost",), now=NOW)
    authority.refound_server(work, server_names=("example.test",), now=NOW)
    assert authority.covers(work, names) == other.covers(work, names) == ()
    assert other.server_root(work) == authority.server_root(work) != old
    served = other.server_credentials(work, names=("localhost",), now=NOW)
    assert served.chain[0] != old_server.chain[0]
    assert authority.issuing(work, "wise").issuer == authority.client_root(work).subject


def test_a_refounding_that_was_rolled_back_did_not_happen(home: Home) -> None:
    """What is kept in memory never outlives what is in the store."""
    authority, work = home
    work.connection.commit()
    root = authority.server_root(work)
    authority.refound_server(work, server_names=(), now=NOW)
    assert authority.server_root(work) != root
    work.connection.rollback()
    assert authority.server_root(work) == root


def test_parsed_certificates_are_kept_and_not_without_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second question parses nothing; a hundred refoundings do not pile up."""
    authority, work = home
    assert authority.server_root(work) is authority.server_root(work)
    monkeypatch.setattr("ca.authority.MAX_KEPT", 3)
    for _ in range(4):
        authority.refound_server(work, server_names=(), now=NOW)
    assert len(authority._kept) <= 3
    assert authority.server_root(work).public_bytes(Encoding.DER)


def test_every_exception_has_advice() -> None:
    """Whoever catches the base class can say what to do next."""
    assert AuthorityError().advice()


def test_a_senders_certificate_is_renewed_for_the_same_key(home: Home) -> None:
    """Near its end, for another name, and under another CA: others may have certified its key."""
    authority, work = home
    name = "hooks.example.test"
    authority.refound_server(work, server_names=("example.test",), now=NOW)
    first = authority.courier_credentials(work, "wise", name=name, now=NOW)
    assert authority.courier_credentials(work, "wise", name=name, now=NOW + 300 * DAY).chain == first.chain
    later = authority.courier_credentials(work, "wise", name=name, now=NOW + 390 * DAY)
    other = authority.courier_credentials(work, "wise", name="other.example.test", now=NOW + 390 * DAY)
    authority.refound_server(work, server_names=("example.test",), now=NOW)
    anew = authority.courier_credentials(work, "wise", name=name, now=NOW)
    assert len({made.chain[0] for made in (first, later, other, anew)}) == 4
    assert len({spki_sha256(made.key.public_key()) for made in (first, later, other, anew)}) == 1
    assert anew.chain[1] == authority.courier(work) != first.chain[1]
    assert authority.courier_credentials(work, "nuapay", name=name, now=NOW).key.public_key() != first.key.public_key()
