"""When a CRL is signed anew, what is in it, and which certificates point to it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from ca import publishing
from ca.authority import Authority
from ca.errors import NotFounded
from ca.publishing import (
    Crl,
    Draft,
    TakenNumber,
    draft_crl,
    keep_crl,
    kept_crl,
    kept_responder,
    renew_responder,
    sign_crl,
    take_number,
)
from ca.records import CertificateRecord
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem

CA = "client-ca:wise"
Home = tuple[Authority, MemoryWork]
DAY = timedelta(days=1)


def issued(home: Home, name: str, url: str = "", pointers: bool = True) -> CertificateRecord:
    authority, work = home
    offer = replace(OFFER, profile=replace(OFFER.profile, pointers=pointers))
    return authority.submit(work, csr_pem(), offer, replace(CLAIM, name=name), NOW, authority_url=url).record


def drafted(home: Home, now: datetime) -> Draft:
    """The next number taken, and what is to be signed under it."""
    authority, work = home
    taken = take_number(authority, work, CA, now)
    assert isinstance(taken, TakenNumber)
    return draft_crl(work, taken, now)


def made(home: Home, now: datetime) -> Crl:
    """The CRL that is kept, or a new one, step by step."""
    if there := kept_crl(home[1], CA, now):
        return there
    kept = keep_crl(home[1], sign_crl(drafted(home, now)))
    assert kept is not None
    return kept


def listed(der: bytes) -> list[str]:
    return [f"{each.serial_number:X}" for each in x509.load_der_x509_crl(der)]


def test_a_crl_is_signed_when_it_is_due_and_not_before(home: Home) -> None:
    """First, at a change, in its second half, before its beginning; each with the next number."""
    authority, work = home
    bad, good = issued(home, "bad"), issued(home, "good")
    assert kept_crl(work, CA, NOW) is None
    first = made(home, NOW)
    assert kept_crl(work, CA, NOW + timedelta(hours=11)) == first
    assert made(home, NOW).number == 1
    assert kept_crl(work, CA, NOW + timedelta(hours=12)) is None
    assert kept_crl(work, CA, NOW - timedelta(seconds=1)) is None
    authority.revoke(work, bad.id, "keyCompromise", NOW)
    assert kept_crl(work, CA, NOW) is None
    second = made(home, NOW)
    assert (second.number, listed(second.der)) == (2, [bad.serial.lstrip("0")])
    assert good.serial not in listed(second.der)


def test_what_is_revoked_later_by_a_clock_that_went_back_counts_from_then_on(home: Home) -> None:
    """The list without it is right until that instant, and no longer."""
    authority, work = home
    bad = issued(home, "bad")
    authority.revoke(work, bad.id, "unspecified", NOW + timedelta(hours=1))
    early = made(home, NOW)
    assert listed(early.der) == [] and early.until == NOW + timedelta(hours=1)
    assert kept_crl(work, CA, NOW + timedelta(hours=1)) is None
    assert listed(made(home, NOW + timedelta(hours=1)).der) == [bad.serial.lstrip("0")]


def test_what_has_expired_is_left_out(home: Home) -> None:
    """A list would grow for ever; within its life the certificate is on it."""
    authority, work = home
    bad = issued(home, "bad")
    authority.revoke(work, bad.id, "unspecified", NOW)
    assert listed(made(home, bad.not_after).der) == [bad.serial.lstrip("0")]
    assert listed(made(home, bad.not_after + DAY).der) == []


def test_of_two_publishers_the_higher_number_counts(home: Home) -> None:
    """Both take a number and sign. A lower one that comes last is not kept, and its maker is told; in order all are."""
    authority, work = home
    bad = issued(home, "bad")
    first, second = drafted(home, NOW), drafted(home, NOW)
    authority.revoke(work, bad.id, "unspecified", NOW)
    third = drafted(home, NOW)
    signed = [sign_crl(draft) for draft in (first, second, third)]
    assert [each.crl.number for each in signed] == [1, 2, 3]
    assert [x509.load_der_x509_crl(each.crl.der).extensions[1].value.crl_number for each in signed] == [1, 2, 3]
    assert keep_crl(work, signed[0]) is not None
    assert kept_crl(work, CA, NOW) is None, "it does not know who was revoked since"
    assert keep_crl(work, signed[2]) == kept_crl(work, CA, NOW) == signed[2].crl
    assert keep_crl(work, signed[1]) is None
    assert kept_crl(work, CA, NOW) == signed[2].crl
    assert take_number(authority, work, CA, NOW) == signed[2].crl


def test_a_number_that_was_taken_is_never_given_again(home: Home) -> None:
    """Whoever took it ended before signing, or before keeping: the next CRL skips it, also by a clock set back."""
    assert made(home, NOW).number == 1
    sign_crl(drafted(home, NOW + DAY))
    drafted(home, NOW - DAY)
    assert made(home, NOW + DAY).number == 4
    assert made(home, NOW).number == 5


def test_where_the_key_cannot_be_had_no_number_is_taken(home: Home) -> None:
    """A CA without a key, and one that is not there, are told before anything is written."""
    authority, work = home
    for name in ("server-root", "client-ca:nobody"):
        with pytest.raises(NotFounded):
            take_number(authority, work, name, NOW)
    assert work.connection.execute("SELECT COUNT(*) FROM ca_crl_numbers").fetchone() == (0,)


def test_what_is_revoked_between_counting_and_listing_makes_another_due(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list may know more than its mark, never less."""
    authority, work = home
    first, second = issued(home, "first"), issued(home, "second")
    authority.revoke(work, first.id, "unspecified", NOW)
    taken, list_them = take_number(authority, work, CA, NOW), publishing.revocations

    def revoking_first(*arguments: Any) -> Any:
        authority.revoke(work, second.id, "unspecified", NOW)
        return list_them(*arguments)

    monkeypatch.setattr(publishing, "revocations", revoking_first)
    assert isinstance(taken, TakenNumber)
    kept = keep_crl(work, sign_crl(draft_crl(work, taken, NOW)))
    assert kept is not None and len(listed(kept.der)) == 2
    assert kept_crl(work, CA, NOW) is None


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
