from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ca.approval import read_holder_status
from ca.authority import Authority
from ca.clock import SystemClock
from ca.errors import REASONS, NoSuchCertificate, NotIssued, NotRevoked
from ca.issuance.profile import Upload
from ca.policy.uploads import UploadPolicy
from ca.records import CertificateRecord, Trusted, judge_peer
from ca.store import store
from ca.x509.keys import write_key_pem
from tests.ca.making import CLAIM, NOW, OFFER, PAGE, MemoryWork, certificate_pem, csr_pem, founded, openssl, shelf

Home = tuple[Authority, MemoryWork]
SECOND = timedelta(seconds=1)
UPLOAD = Upload(policy=UploadPolicy(name="Provider", page=PAGE, max_active=2))
SIGNATURE = replace(OFFER, purpose="signature")


def pin(home: Home, data: bytes, upload: Upload = UPLOAD, **claim: str) -> CertificateRecord:
    return home[0].pin(home[1], data, upload, replace(CLAIM, **claim), NOW)  # type: ignore[arg-type]


def refused(home: Home, data: bytes, upload: Upload = UPLOAD, **claim: str) -> list[str]:
    with pytest.raises(NotIssued) as caught:
        pin(home, data, upload, **claim)
    return [refusal.code.removeprefix("certificate.") for refusal in caught.value.refusals]


def test_a_certificate_made_by_openssl_is_pinned_as_it_is(home: Home, tmp_path: Path) -> None:
    """Its serial, subject, life and fingerprint are those that openssl prints; its id is ours."""
    (tmp_path / "key").write_text(write_key_pem(shelf("rsa-2048")))
    openssl("req", "-x509", "-key", "key", "-subj", "/C=EU/O=Acme/CN=acme", "-days", "30", "-out", "pem", cwd=tmp_path)
    now = SystemClock().now()
    data = (tmp_path / "pem").read_bytes()
    record = home[0].pin(home[1], data, UPLOAD, CLAIM, now)
    printed = openssl("x509", "-in", "pem", "-noout", "-serial", "-fingerprint", "-sha256", cwd=tmp_path)
    assert f"serial={record.serial}\n" in printed
    assert record.fingerprint_sha256.upper() in printed.replace(":", "")
    assert (record.origin, record.profile, record.purpose) == ("uploaded", "uploaded", "transport")
    assert (record.subject, record.status(now)) == ("CN=acme,O=Acme,C=EU", "active")
    assert record.id != record.serial
    assert (
        store.by_id(home[1], record.id)
        == store.by_fingerprint(home[1], record.provider, record.fingerprint_sha256)
        == record
    )
    assert judge_peer(record.fingerprint_sha256, record, now) == Trusted(record=record)


def test_the_id_is_what_the_provider_calls_it(home: Home) -> None:
    """Of uploaded and of issued certificates; one that is taken is refused, beside every other rule."""
    authority, work = home
    assert pin(home, certificate_pem(), id="8ow24y2pdx").id == "8ow24y2pdx"
    issued = authority.submit(work, csr_pem(), OFFER, replace(CLAIM, id="6bee3razby", name="issued"), NOW).record
    assert store.by_id(work, "6bee3razby") == issued
    assert issued.serial != issued.id
    assert refused(home, certificate_pem(serial=5), id="8ow24y2pdx", name="") == [
        "name_missing",
        "limit_reached",
        "id_taken",
    ]
    with pytest.raises(NotIssued) as caught:
        authority.submit(work, csr_pem(), OFFER, replace(CLAIM, id="8ow24y2pdx", name="x"), NOW)
    assert [refusal.code for refusal in caught.value.refusals] == ["certificate.id_taken"]


def test_a_foreign_serial_may_be_one_of_ours(home: Home) -> None:
    """Two uploaded certificates with the serial of an issued one: three records, and the serial means ours."""
    authority, work = home
    issued = authority.submit(work, csr_pem(), OFFER, CLAIM, NOW).record
    same = int(issued.serial, 16)
    first = pin(home, certificate_pem(("O", "A"), serial=same), holder="a")
    second = pin(home, certificate_pem(("O", "B"), serial=same), holder="b")
    assert len({issued.id, first.id, second.id}) == 3
    assert {first.serial, second.serial} == {issued.serial}
    assert store.by_serial(work, issued.serial) == issued


def test_the_same_certificate_is_refused_until_it_is_revoked(home: Home) -> None:
    """By this client and by any other; afterwards it may come again, and the new record is the one that counts."""
    authority, work = home
    data = certificate_pem()
    first = pin(home, data)
    assert refused(home, data, name="again") == ["already_here"]
    assert refused(home, data, holder="somebody") == ["of_other_client"]
    authority.revoke(work, first.id, "superseded", NOW)
    second = pin(home, data, holder="somebody")
    assert store.by_fingerprint(work, first.provider, first.fingerprint_sha256) == second
    authority.revoke(work, second.id, "superseded", NOW + SECOND)
    newest = store.by_fingerprint(work, first.provider, first.fingerprint_sha256)
    assert newest is not None
    assert (newest.id, newest.revoked_at) == (second.id, NOW + SECOND)


def test_a_certificate_is_another_at_each_provider(home: Home) -> None:
    """It may be uploaded at two, also for clients of one id; to revoke it at one changes nothing at the other, and an
    upload at one does not bring it back to life at the other."""
    authority, work = home
    data = certificate_pem()
    first, other = pin(home, data), pin(home, data, provider="other")
    mark = first.fingerprint_sha256
    assert (store.by_fingerprint(work, first.provider, mark), store.by_fingerprint(work, "other", mark)) == (
        first,
        other,
    )
    revoked = authority.revoke(work, first.id, "superseded", NOW)
    assert store.by_fingerprint(work, first.provider, mark) == revoked
    assert store.by_fingerprint(work, "other", mark) == store.elsewhere(work, first.provider, mark) == other
    authority.revoke(work, other.id, "superseded", NOW)
    again = pin(home, data, provider="other", name="again")
    assert store.by_fingerprint(work, first.provider, mark) == revoked
    assert store.elsewhere(work, first.provider, mark) == again
    assert store.elsewhere(work, "third", mark) == again
    assert refused(home, data, provider="other", name="more") == ["already_here"]


def test_what_is_refused_is_not_kept(home: Home) -> None:
    """Neither what can not be read nor what breaks a rule."""
    assert refused(home, csr_pem()) == ["request_sent"]
    assert refused(home, certificate_pem(), name="") == ["name_missing"]
    assert store.certificates(home[1]) == ()


def test_limits_and_names_count_for_each_purpose_alone(home: Home) -> None:
    """Ten of one kind leave the other kind free; the offer says what a certificate is for, whatever the claim says."""
    authority, work = home
    for number in range(2):
        pin(home, certificate_pem(serial=number + 1), name=f"pin {number}", purpose="whatever")
    assert refused(home, certificate_pem(serial=3), name="pin 2") == ["limit_reached"]
    issued = authority.submit(work, csr_pem(), SIGNATURE, replace(CLAIM, name="pin 0"), NOW).record
    assert issued.purpose == "signature"
    with pytest.raises(NotIssued) as caught:
        authority.submit(work, csr_pem(), SIGNATURE, replace(CLAIM, name="pin 0"), NOW)
    assert [refusal.code for refusal in caught.value.refusals] == ["certificate.name_taken"]


def test_a_key_of_another_purpose_or_client_is_known(home: Home) -> None:
    """By the key itself, across issued and uploaded; what was revoked does not count, and only this provider does."""
    authority, work = home
    apart = replace(UPLOAD, policy=replace(UPLOAD.policy, key_per_purpose=True, key_per_client=True))
    signing = authority.submit(work, csr_pem(), SIGNATURE, CLAIM, NOW).record
    assert refused(home, certificate_pem(), apart) == ["key_of_other_purpose"]
    assert refused(home, certificate_pem(), apart, holder="somebody") == ["key_of_other_client"]
    assert pin(home, certificate_pem(key=shelf("ec-p384")), apart).holder == CLAIM.holder
    pin(home, certificate_pem(("O", "Elsewhere")), apart, provider="other", holder="somebody")
    authority.revoke(work, signing.id, "superseded", NOW)
    pin(home, certificate_pem(), apart, holder="somebody")


def test_another_purpose_does_not_open_the_door(home: Home) -> None:
    """A certificate for signatures is refused where connections are judged, and the other way round."""
    signing = home[0].submit(home[1], csr_pem(), SIGNATURE, CLAIM, NOW).record
    verdict = judge_peer(signing.fingerprint_sha256, signing, NOW)
    assert not isinstance(verdict, Trusted)
    assert (verdict.code, verdict.expected) == ("certificate.wrong_purpose", "a certificate for transport")
    assert judge_peer(signing.fingerprint_sha256, signing, NOW, purpose="signature") == Trusted(record=signing)


@pytest.mark.parametrize("reason", REASONS)
def test_a_certificate_is_revoked_for_each_reason(reason: str, home: Home) -> None:
    """From this instant on, in the store too; the names and numbers it took are free."""
    authority, work = home
    record = authority.submit(work, csr_pem(), OFFER, CLAIM, NOW).record
    revoked = authority.revoke(work, record.id, reason, NOW + SECOND)
    assert revoked == replace(record, revoked_at=NOW + SECOND, reason=reason) == store.by_id(work, record.id)
    assert (revoked.status(NOW), revoked.status(NOW + SECOND)) == ("active", "revoked")
    assert read_holder_status(work, CLAIM, NOW).active == 0


def test_what_can_not_be_revoked_is_told(home: Home) -> None:
    """Twice, for an unknown reason (the two that are not for good among them), both at once, or nothing there."""
    authority, work = home
    record = pin(home, certificate_pem())
    revoked = authority.revoke(work, record.id, "keyCompromise", NOW)
    for reason, expected in (
        ("superseded", ["already_revoked"]),
        ("certificateHold", ["reason_unknown", "already_revoked"]),
        ("removeFromCRL", ["reason_unknown", "already_revoked"]),
        ("lost", ["reason_unknown", "already_revoked"]),
        ("KeyCompromise", ["reason_unknown", "already_revoked"]),
        ("key_compromise", ["reason_unknown", "already_revoked"]),
    ):
        with pytest.raises(NotRevoked) as caught:
            authority.revoke(work, record.id, reason, NOW + SECOND)
        assert [each.code.removeprefix("certificate.") for each in caught.value.refusals] == expected
        assert caught.value.advice()
        if "reason_unknown" in expected:
            assert caught.value.refusals[0].seen == reason
            assert "cessationOfOperation" in caught.value.refusals[0].expected
    assert store.by_id(work, record.id) == revoked
    with pytest.raises(NoSuchCertificate):
        authority.revoke(work, "nobody", "superseded", NOW)


def test_a_serial_that_is_taken_is_drawn_again() -> None:
    """Short serials may meet: the next one is taken; a source that gives nothing new is given up."""
    drawn = iter([1, 2, 3, 4, 5, 6, 6, 6, 7])
    authority, work = founded(authority=Authority(serials=lambda octets=16: next(drawn, 7)))
    first = authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    second = authority.submit(work, csr_pem(), OFFER, replace(CLAIM, name="second"), NOW)
    assert (first.serial, second.serial) == ("06", "07")
    with pytest.raises(NotIssued) as caught:
        authority.submit(work, csr_pem(), OFFER, replace(CLAIM, name="third"), NOW)
    assert [refusal.code for refusal in caught.value.refusals] == ["certificate.serials_exhausted"]
    work.connection.close()
