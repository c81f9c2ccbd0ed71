import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from ca.errors import LintFailed
from ca.issuance.issue import Issuer, random_serial
from ca.status import crl
from ca.status.crl import CRL_LIFE, FLAGS, Revoked, half_over, make_crl, stale
from tests.ca.chain import Chain, client_chain, other_ca, write
from tests.ca.making import NOW, openssl, shelf

SECOND = timedelta(seconds=1)
BEGIN = NOW.replace(microsecond=0)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return client_chain(NOW)


def crl_of(ca: Issuer, *revoked: Revoked, number: int = 1) -> x509.CertificateRevocationList:
    return make_crl(ca, revoked, number=number, now=NOW, next_update=NOW + CRL_LIFE)


def verdict(folder: Path, leaf: str, *, at: float = NOW.timestamp()) -> str:
    """What openssl says to a client's certificate when it has to ask the CRL."""
    command = ["verify", "-x509_strict", "-crl_check", "-purpose", "sslclient", "-attime", str(int(at))]
    return openssl(
        *command, "-CAfile", "root", "-untrusted", "ca", "-CRLfile", "crl", leaf, cwd=folder, check=False
    ).strip()


@pytest.mark.parametrize("ca_key", ["ec-p256", "ec-p384", "rsa-2048"])
def test_openssl_refuses_the_revoked_and_no_other(ca_key: str, tmp_path: Path) -> None:
    """Strictly, whatever the CA's key; the control stands beside it in the same list's keeping."""
    chain = client_chain(NOW, ca_key=ca_key)
    crl = crl_of(chain.ca, Revoked(serial=chain.bad.serial_number, at=NOW, reason="keyCompromise"))
    write(tmp_path, root=chain.root, ca=chain.ca.certificate, good=chain.good, bad=chain.bad, crl=crl)
    assert verdict(tmp_path, "good") == "good: OK"
    assert "error 23" in verdict(tmp_path, "bad") and "certificate revoked" in verdict(tmp_path, "bad")


def test_openssl_refuses_another_issuers_list(chain: Chain, tmp_path: Path) -> None:
    """Of another state's CA, or of the root above: neither speaks for this certificate."""
    write(tmp_path, root=chain.root, ca=chain.ca.certificate, good=chain.good, crl=crl_of(chain.ca))
    assert verdict(tmp_path, "good") == "good: OK"
    write(tmp_path, crl=crl_of(other_ca(NOW)))
    assert "unable to get certificate CRL" in verdict(tmp_path, "good")


def test_openssl_refuses_a_list_out_of_its_time(chain: Chain, tmp_path: Path) -> None:
    """A second before it was signed, a second after its end: what a moved clock does to it."""
    write(tmp_path, root=chain.root, ca=chain.ca.certificate, good=chain.good, crl=crl_of(chain.ca))
    begin, end = BEGIN.timestamp(), (BEGIN + CRL_LIFE).timestamp()
    assert verdict(tmp_path, "good", at=begin) == verdict(tmp_path, "good", at=end - 1) == "good: OK"
    assert "CRL is not yet valid" in verdict(tmp_path, "good", at=begin - 1)
    assert "CRL has expired" in verdict(tmp_path, "good", at=end + 1)


def test_openssl_verifies_and_reads_the_list(chain: Chain, tmp_path: Path) -> None:
    """Version 2, number, key identifier, reasons; unspecified is said by saying nothing."""
    revoked = [Revoked(serial=n, at=NOW - n * SECOND, reason=reason) for n, reason in enumerate(FLAGS, start=1)]
    write(tmp_path, ca=chain.ca.certificate, other=other_ca(NOW).certificate, crl=crl_of(chain.ca, *revoked, number=77))
    command = ["crl", "-in", "crl", "-noout", "-CAfile"]
    assert "verify OK" in openssl(*command, "ca", cwd=tmp_path)
    assert "verify OK" not in openssl(*command, "other", cwd=tmp_path, check=False)
    text = openssl("crl", "-in", "crl", "-noout", "-text", cwd=tmp_path)
    assert "Version 2 (0x1)" in text and "X509v3 CRL Number: \n                77\n" in text
    assert "Last Update: Nov 22 10:27:38 2026 GMT" in text and "Next Update: Nov 23 10:27:38 2026 GMT" in text
    assert "X509v3 Authority Key Identifier" in text and "critical" not in text
    assert text.count("Revocation Date: Nov 22 10:27:") == len(FLAGS) == 9
    for shown in ("Key Compromise", "CA Compromise", "Affiliation Changed", "Superseded", "Cessation Of Operation"):
        assert shown in text
    for shown in ("Certificate Hold", "Privilege Withdrawn", "AA Compromise"):
        assert shown in text
    assert "Unspecified" not in text and text.count("X509v3 CRL Reason Code") == 8


def test_an_empty_list_is_a_list(chain: Chain, tmp_path: Path) -> None:
    """Without one, a client that asks for a list refuses everybody."""
    write(tmp_path, ca=chain.ca.certificate, crl=crl_of(chain.ca))
    assert "No Revoked Certificates." in openssl("crl", "-in", "crl", "-noout", "-text", cwd=tmp_path)


def test_the_list_says_what_is_true_now(chain: Chain) -> None:
    """A revocation later than now is none yet: the clock was moved back. The first one of a serial counts."""
    crl = crl_of(
        chain.ca,
        Revoked(serial=3, at=NOW, reason="superseded"),
        Revoked(serial=3, at=NOW - SECOND, reason="keyCompromise"),
        Revoked(serial=4, at=NOW + SECOND),
    )
    assert [(each.serial_number, each.revocation_date_utc) for each in crl] == [(3, BEGIN - SECOND)]
    found = crl[0].extensions.get_extension_for_class(x509.CRLReason).value
    assert found.reason is x509.ReasonFlags.key_compromise


def test_no_reason_has_no_code() -> None:
    """Unspecified is said by leaving the extension out; the one of delta CRLs is not there."""
    assert "removeFromCRL" not in FLAGS
    assert Revoked(serial=1, at=NOW).flag is None


def test_a_list_is_stale_from_half_its_life(chain: Chain) -> None:
    """And before it was signed, and when it has no end."""
    crl = crl_of(chain.ca)
    half = BEGIN + CRL_LIFE / 2
    assert [stale(crl, at) for at in (BEGIN - SECOND, BEGIN, NOW, half - SECOND)] == [True, False, False, False]
    assert stale(crl, half) and stale(crl, half + CRL_LIFE)
    assert half_over(BEGIN, None, BEGIN)


def test_a_list_signed_by_another_key_does_not_leave(chain: Chain) -> None:
    """Read back with the certificate's key: a bug here must not become a list that nobody can verify."""
    with pytest.raises(LintFailed, match="signature does not verify"):
        crl_of(replace(chain.ca, key=shelf("ec-p384")))


def test_a_list_of_others_does_not_leave(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that came out otherwise than planned are noticed when the list is read back."""
    entry = crl._entry
    monkeypatch.setattr(crl, "_entry", lambda each: entry(replace(each, reason="superseded")))
    with pytest.raises(LintFailed, match="entries are not the revoked certificates"):
        crl_of(chain.ca, Revoked(serial=3, at=NOW, reason="keyCompromise"))
    assert len(crl_of(chain.ca, Revoked(serial=3, at=NOW, reason="superseded"))) == 1


def test_ten_thousand_are_revoked_in_a_moment(chain: Chain, tmp_path: Path) -> None:
    """0.15 s on one core; adding them one by one would take seconds. openssl finds the one among them."""
    names = list(FLAGS)
    revoked = [Revoked(serial=random_serial(), at=NOW - n * SECOND, reason=names[n % 9]) for n in range(9_999)]
    mine = Revoked(serial=chain.bad.serial_number, at=NOW)
    begin = time.process_time()
    crl = crl_of(chain.ca, *revoked, mine)
    took = time.process_time() - begin
    assert len(crl) == 10_000 and took < 1.5
    write(tmp_path, root=chain.root, ca=chain.ca.certificate, good=chain.good, bad=chain.bad, crl=crl)
    assert verdict(tmp_path, "good") == "good: OK"
    assert "certificate revoked" in verdict(tmp_path, "bad")
