"""A key that has a prime in common with another one of the same client: what is compared with what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ca.approval import MOST_COMPARED, read_holder_status
from ca.authority import Authority
from ca.errors import NotIssued
from ca.issuance.profile import Upload
from ca.policy.uploads import UploadPolicy
from ca.records import CertificateRecord
from ca.request.weak_keys import weakness
from ca.store import store
from ca.x509.keys import PrivateKey
from tests.ca.making import CLAIM, NOW, OFFER, PAGE, MemoryWork, certificate_pem, csr_pem, shelf
from tests.ca.primes import FIRST, OTHER, SHARED, THIRD, TWIN

Home = tuple[Authority, MemoryWork]
UPLOAD = Upload(policy=UploadPolicy(name="Provider", page=PAGE))
ANY_NUMBER = replace(OFFER, policy=replace(OFFER.policy, max_active=None))
SECOND = timedelta(seconds=1)


def sign(home: Home, key: PrivateKey, name: str, **claim: str) -> CertificateRecord:
    authority, work = home
    return authority.submit(work, csr_pem(key=key), ANY_NUMBER, replace(CLAIM, name=name, **claim), NOW).record


def pin(home: Home, key: PrivateKey, name: str, serial: int = 4711) -> CertificateRecord:
    authority, work = home
    return authority.pin(work, certificate_pem(key=key, serial=serial), UPLOAD, replace(CLAIM, name=name), NOW)


@pytest.mark.parametrize("hand_in", [sign, pin])
@pytest.mark.parametrize("before", [sign, pin])
def test_a_prime_in_common_with_a_key_of_the_client_is_refused(home: Home, before: object, hand_in: object) -> None:
    """By CSR or upload, after CSR or upload, without a factor in the words. Alone each key is sound; the same key
    again, and a stranger's, are none of it."""
    assert [weakness(key.public_key()) for key in (FIRST, TWIN)] == ["", ""]
    before(home, FIRST, "first")  # type: ignore[operator]
    with pytest.raises(NotIssued) as caught:
        hand_in(home, TWIN, "twin")  # type: ignore[operator]
    (refusal,) = caught.value.refusals
    assert refusal.code == "certificate.key_weak"
    assert "a prime in common with another key of this client" in refusal.detail
    said = repr(refusal)
    assert not any(form % prime in said for prime in (SHARED, OTHER, THIRD) for form in ("%d", "%x", "%X"))
    sign(home, FIRST, "the same key again")
    pin(home, FIRST, "and again", serial=5)
    sign(home, shelf("rsa-2048"), "a stranger's")
    sign(home, shelf("ec-p256"), "of another kind")


def test_what_was_revoked_or_is_for_something_else_counts_too(home: Home) -> None:
    """Who has both certificates can still compute both keys."""
    authority, work = home
    for n, spoil in enumerate((lambda r: authority.revoke(work, r.id, "superseded", NOW), lambda r: None)):
        offer = replace(ANY_NUMBER, purpose="signature") if n else ANY_NUMBER
        claim = replace(CLAIM, name="first", holder=f"holder {n}")
        spoil(authority.submit(work, csr_pem(key=FIRST), offer, claim, NOW).record)
        with pytest.raises(NotIssued):
            sign(home, TWIN, "twin", holder=f"holder {n}")


def test_another_client_is_not_compared_with(home: Home) -> None:
    """What one client sends must not tell another what is in the store; nor is a whole store gone through."""
    sign(home, FIRST, "first", holder="somebody else")
    sign(home, TWIN, "twin")


def test_the_newest_are_compared_and_no_more(home: Home) -> None:
    """So many certificates; one more, and the oldest is forgotten."""
    authority, work = home
    authority.submit(work, csr_pem(key=FIRST), ANY_NUMBER, replace(CLAIM, name="first"), NOW - SECOND)
    newer = sign(home, shelf("ec-p256"), "newer")
    for n in range(1, MOST_COMPARED):
        with pytest.raises(NotIssued):
            sign(home, TWIN, "twin")
        store.add(work, replace(newer, id=f"{n}", serial=f"{n:02X}", fingerprint_sha256=f"{n}", name=f"{n}"))
    sign(home, TWIN, "twin")


def test_nothing_is_asked_for_where_the_key_has_no_primes(home: Home) -> None:
    """The moduli are read for RSA keys only, once for each key, and of the same standing otherwise."""
    work = home[1]
    sign(home, FIRST, "first")
    sign(home, FIRST, "again")
    sign(home, shelf("ec-p256"), "of another kind")
    plain, with_moduli = (
        read_holder_status(work, CLAIM, NOW),
        read_holder_status(work, CLAIM, NOW, newest=MOST_COMPARED),
    )
    assert (plain.moduli, with_moduli.moduli) == (frozenset(), {SHARED * OTHER})
    assert replace(with_moduli, moduli=frozenset()) == plain
    assert str(SHARED * OTHER) not in repr(with_moduli)
