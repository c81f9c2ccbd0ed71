"""When a CRL is signed anew, what is in it, and which certificates point to it."""

from dataclasses import replace
from datetime import timedelta

from cryptography import x509

from ca.authority import Authority
from ca.publishing import kept_crl, kept_responder, renew_crl, renew_responder
from ca.record import CertificateRecord
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem

CA = "client-ca:wise"
Home = tuple[Authority, MemoryWork]
DAY = timedelta(days=1)


def issued(home: Home, name: str, url: str = "", pointers: bool = True) -> CertificateRecord:
    authority, work = home
    offer = replace(OFFER, profile=replace(OFFER.profile, pointers=pointers))
    return authority.submit(work, csr_pem(), offer, replace(CLAIM, name=name), NOW, authority_url=url).record


def listed(der: bytes) -> list[str]:
    return [f"{each.serial_number:X}" for each in x509.load_der_x509_crl(der)]


def test_a_crl_is_signed_when_it_is_due_and_not_before(home: Home) -> None:
    """First, at a change, in its second half, before its beginning; each with the next number."""
    authority, work = home
    bad, good = issued(home, "bad"), issued(home, "good")
    assert kept_crl(work, CA, NOW) is None
    first = renew_crl(authority, work, CA, NOW)
    assert kept_crl(work, CA, NOW + timedelta(hours=11)) == first
    assert renew_crl(authority, work, CA, NOW).number == 1
    assert kept_crl(work, CA, NOW + timedelta(hours=12)) is None
    assert kept_crl(work, CA, NOW - timedelta(seconds=1)) is None
    authority.revoke(work, bad.id, "keyCompromise", NOW)
    assert kept_crl(work, CA, NOW) is None
    second = renew_crl(authority, work, CA, NOW)
    assert (second.number, listed(second.der)) == (2, [bad.serial.lstrip("0")])
    assert good.serial not in listed(second.der)


def test_what_is_revoked_later_by_a_clock_that_went_back_counts_from_then_on(home: Home) -> None:
    """The list without it is right until that instant, and no longer."""
    authority, work = home
    bad = issued(home, "bad")
    authority.revoke(work, bad.id, "unspecified", NOW + timedelta(hours=1))
    early = renew_crl(authority, work, CA, NOW)
    assert listed(early.der) == [] and early.until == NOW + timedelta(hours=1)
    assert kept_crl(work, CA, NOW + timedelta(hours=1)) is None
    assert listed(renew_crl(authority, work, CA, NOW + timedelta(hours=1)).der) == [bad.serial.lstrip("0")]


def test_what_has_expired_is_left_out(home: Home) -> None:
    """A list would grow for ever; within its life the certificate is on it."""
    authority, work = home
    bad = issued(home, "bad")
    authority.revoke(work, bad.id, "unspecified", NOW)
    assert listed(renew_crl(authority, work, CA, bad.not_after).der) == [bad.serial.lstrip("0")]
    assert listed(renew_crl(authority, work, CA, bad.not_after + DAY).der) == []


def test_a_responder_is_kept_for_half_its_life(home: Home) -> None:
    """And made anew after that."""
    authority, work = home
    first = renew_responder(authority, work, CA, NOW)
    assert kept_responder(authority, work, CA, NOW + DAY) == first
    assert kept_responder(authority, work, CA, NOW + 4 * DAY) is None
    second = renew_responder(authority, work, CA, NOW + 4 * DAY)
    assert second.certificate != first.certificate


def test_pointers_are_in_a_certificate_where_profile_and_door_have_them(home: Home) -> None:
    """Neither without a URL nor where the profile wants none."""
    url = "http://127.0.0.1:8441"
    found = [issued(home, "a", url), issued(home, "b"), issued(home, "c", url, pointers=False)]
    assert [f"{url}/crl/client-ca:wise.crl".encode() in each.der for each in found] == [True, False, False]
    assert [f"{url}/ocsp/client-ca:wise".encode() in each.der for each in found] == [True, False, False]
