"""Providers of the field as declarations: proof that a policy and a profile can say what each of them asks.

The rules are those that their public pages give; none of these but the first is imitated here."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from ca.authority import Authority
from ca.clock import SystemClock
from ca.errors import NotIssued
from ca.issuance.issue import IssuedCertificate
from ca.issuance.profile import Offer, Profile, Upload
from ca.policy.requests import AlternativeRule, Claim, CsrPolicy, KeyRule
from ca.policy.uploads import UploadPolicy
from ca.records import CertificateRecord
from ca.x509.bundle import pem
from ca.x509.keys import write_key_pem
from ca.x509.names import AlternativeName
from tests.ca.making import NOW, MemoryWork, empty_work, openssl, shelf

# Management API, POST /v3/companies/{companyId}/clientCertificates: the subject of the CSR is ignored.
ADYEN = Offer(
    policy=CsrPolicy(
        name="adyen",
        page="https://docs.adyen.com/development-resources/mtls",
        keys=(KeyRule(kind="RSA", at_least=2048), KeyRule(kind="EC", at_least=224)),
        subject_ignored=True,
        max_active=10,
    ),
    profile=Profile(
        name="adyen client",
        subject="template",
        template=(
            ("UID", "{holder}-Company.{company}"),
            ("CN", "{holder}-Company.{company}"),
            ("O", "Company.{company}"),
        ),
    ),
)
CIRCLE = Offer(
    policy=CsrPolicy(
        name="circle",
        page="https://developers.circle.com/circle-mint/set-up-mtls-authentication",
        keys=(KeyRule(kind="EC", curves=("P-256",)),),
        hashes=("sha256",),
    ),
    profile=Profile(name="circle client", subject="as_is"),
)
# Sandbox: [unique]-Client-MTF-[CID], and 000000 while the company is not verified.
MASTERCARD = Offer(
    policy=CsrPolicy(
        name="mastercard",
        page="https://developer.mastercard.com/platform/documentation/security-and-authentication/mtls-csr-requirements",
        keys=(KeyRule(kind="RSA", sizes=(2048, 4096), exponents=(65537,)),),
        required=("CN", "O", "C"),
        forbidden=("emailAddress",),
        common_name=r"[A-Za-z0-9]+-Client-MTF-({cid}|000000)",
    ),
    profile=Profile(name="mastercard client", subject="as_is", backdate=timedelta(hours=1)),
)
# The CSR comes from the provider's template: URIs for the organisation and the application.
GOLDMAN = Offer(
    policy=CsrPolicy(
        name="goldman",
        page="https://developer.gs.com/docs/services/transaction-banking/auth-connection",
        keys=(KeyRule(kind="RSA", sizes=(2048,)),),
        hashes=("sha256",),
        alternative_names=(
            AlternativeRule(kind="URI", pattern=r"gseid://[a-z]+/{holder}"),
            AlternativeRule(kind="URI", pattern=r"gsuid://.+"),
        ),
        key_per_client=True,
    ),
    profile=Profile(
        name="goldman client",
        keep=("O", "CN"),
        common_name="csr",
        years=0,
        days=90,
        alternative_names=(
            AlternativeName("URI", "gseid://partner/{holder}"),
            AlternativeName("URI", "gsuid://{user}"),
        ),
        extended_key_usage_critical=True,
    ),
)
# Two kinds. What the API calls NON_REPUDIATION is issued from a CSR and signs messages. Published samples have serials
# of five octets, ten years, three usages, and neither basicConstraints nor a subject key identifier.
NUAPAY_SIGNATURE = Offer(
    policy=CsrPolicy(
        name="nuapay",
        page="https://sentenial.github.io/developer-docs/np_secjwsrest.html",
        keys=(KeyRule(kind="RSA", sizes=(2048, 4096)),),
        fixed=(("C", "GB"), ("L", "London"), ("O", "Nuapay"), ("OU", "Nuapay API")),
        allowed=("C", "ST", "L", "O", "OU", "CN"),
        common_name="{holder}",
        max_active=2,
        key_per_purpose=True,
    ),
    profile=Profile(
        name="nuapay non-repudiation",
        subject="as_is",
        layout="one_set",
        years=10,
        serial_octets=5,
        basic_constraints=False,
        key_usage=("digitalSignature", "nonRepudiation", "keyEncipherment"),
        subject_key_identifier=False,
        pointers=False,
    ),
    purpose="signature",
)
# What it calls MTLS is the client's own certificate, uploaded; any, self-signed too.
NUAPAY_TRANSPORT = Upload(
    policy=UploadPolicy(
        name="nuapay",
        page="https://sentenial.github.io/developer-docs/np_secmtlsrest.html",
        max_active=2,
    )
)

HOLDER = "a2av3py82w"
KNOWN = (("company", "AcmeBV"), ("cid", "104372"), ("user", "acme-app"))
NUAPAY_SUBJECT = f"/OU=Nuapay API/CN={HOLDER}/O=Nuapay/L=London/C=GB"
URIS = f"subjectAltName=URI:gseid://partner/{HOLDER},URI:gsuid://acme-app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An authority for all of them, a folder for openssl, and names that never repeat."""

    authority: Authority
    work: MemoryWork
    folder: Path
    numbers: Iterator[int]

    def claim(self, provider: str, holder: str = HOLDER) -> Claim:
        return Claim(provider=provider, holder=holder, name=f"certificate {next(self.numbers)}", known=KNOWN)

    def csr(self, key: str, subject: str, *more: str) -> bytes:
        """A CSR that the openssl command made with a key of the shelf."""
        (self.folder / "key").write_text(write_key_pem(shelf(key)))
        asked = [part for extension in more if "=" in extension for part in ("-addext", extension)]
        options = [option for option in more if "=" not in option]
        openssl("req", "-new", "-key", "key", "-subj", subject, *asked, *options, "-out", "csr", cwd=self.folder)
        return (self.folder / "csr").read_bytes()

    def issue(self, offer: Offer, csr: bytes, holder: str = HOLDER) -> IssuedCertificate:
        return self.authority.submit(self.work, csr, offer, self.claim(offer.policy.name, holder), NOW)

    def refused(self, offer: Offer, csr: bytes, holder: str = HOLDER) -> list[str]:
        with pytest.raises(NotIssued) as caught:
            self.issue(offer, csr, holder)
        return [refusal.code.removeprefix("certificate.") for refusal in caught.value.refusals]

    def upload(self, key: str, *options: str) -> bytes:
        """A certificate that the openssl command made: self-signed, for a year from now."""
        (self.folder / "key").write_text(write_key_pem(shelf(key)))
        made = ["-x509", "-key", "key", "-subj", "/O=Dummy/CN=dummy.test", "-days", "365", *options]
        openssl("req", *made, "-out", "pem", cwd=self.folder)
        return (self.folder / "pem").read_bytes()

    def pin(self, data: bytes, *, days: int = 0) -> CertificateRecord:
        """Uploaded so many days from now; openssl knows the real time only."""
        now = SystemClock().now() + timedelta(days=days)
        return self.authority.pin(self.work, data, NUAPAY_TRANSPORT, self.claim("nuapay"), now)

    def not_pinned(self, data: bytes, *, days: int = 0) -> list[str]:
        with pytest.raises(NotIssued) as caught:
            self.pin(data, days=days)
        return [refusal.code.removeprefix("certificate.") for refusal in caught.value.refusals]

    def text(self, issued: IssuedCertificate, provider: str) -> str:
        """What openssl reads in it, after openssl found that it stands under its authority."""
        (self.folder / "leaf").write_text(issued.certificate)
        (self.folder / "chain").write_text(issued.chain)
        (self.folder / "root").write_text(pem([self.authority.client_root(self.work)]))
        at = str(int(NOW.timestamp()))
        verify = ["verify", "-attime", at, "-CAfile", "root", "-untrusted", "chain", "leaf"]
        assert "leaf: OK" in openssl(*verify, cwd=self.folder)
        return openssl(
            "x509", "-in", "leaf", "-noout", "-text", "-subject", "-nameopt", "RFC2253", "-serial", cwd=self.folder
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    authority, work = Authority(), empty_work()
    providers = ("adyen", "circle", "mastercard", "goldman", "nuapay")
    authority.found(work, server_names=(), providers=providers, now=NOW)
    yield Bench(authority=authority, work=work, folder=tmp_path, numbers=itertools.count(1))
    work.connection.close()


def test_adyen_ignores_the_subject_and_gives_its_own(bench: Bench) -> None:
    """Any subject goes in, the company's comes out; RSA from 2048 bits on, EC from 224 on; ten at most."""
    issued = bench.issue(ADYEN, bench.csr("rsa-2048", "/CN=whatever/emailAddress=a@b.test"))
    text = bench.text(issued, "adyen")
    subject = f"O=Company.AcmeBV,CN={HOLDER}-Company.AcmeBV,UID={HOLDER}-Company.AcmeBV"
    assert f"subject={subject}\n" in text
    assert [change.field for change in issued.changed] == ["subject"]
    assert bench.refused(ADYEN, bench.csr("rsa-1024", "/CN=x")) == ["key_too_small"]
    assert bench.refused(ADYEN, bench.csr("ed25519", "/CN=x")) == ["key_kind_refused"]
    for kind in ("ec-p256", "ec-p384", "ec-p521", "rsa-3072", *["ec-p256"] * 5):
        bench.issue(ADYEN, bench.csr(kind, "/CN=x"))
    assert bench.refused(ADYEN, bench.csr("rsa-2048", "/CN=x")) == ["limit_reached"]


def test_adyen_without_the_company_is_told_so(bench: Bench) -> None:
    """What the template needs and nobody knows is a refusal, not a bug."""
    claim = replace(bench.claim("adyen"), known=())
    with pytest.raises(NotIssued) as caught:
        bench.authority.submit(bench.work, bench.csr("rsa-2048", "/CN=x"), ADYEN, claim, NOW)
    assert [refusal.code for refusal in caught.value.refusals] == ["certificate.holder_unfit"]


def test_circle_takes_one_curve_only(bench: Bench) -> None:
    """ECDSA with P-256; RSA and every other curve are refused, and so is another hash."""
    text = bench.text(bench.issue(CIRCLE, bench.csr("ec-p256", "/O=Acme")), "circle")
    assert "ASN1 OID: prime256v1" in text
    assert "subject=O=Acme\n" in text
    assert bench.refused(CIRCLE, bench.csr("rsa-2048", "/O=Acme")) == ["key_kind_refused"]
    assert bench.refused(CIRCLE, bench.csr("ec-p384", "/O=Acme")) == ["curve_refused"]
    assert bench.refused(CIRCLE, bench.csr("ec-p256", "/O=Acme", "-sha512")) == ["hash_refused"]


def test_mastercard_prescribes_the_form_of_the_common_name(bench: Bench) -> None:
    """With the company's id in it, or zeros; the certificate keeps the subject as it is and begins an hour ago."""
    for cid in ("104372", "000000"):
        issued = bench.issue(MASTERCARD, bench.csr("rsa-2048", f"/C=BE/O=Acme/CN=acme1-Client-MTF-{cid}"))
        assert f"subject=CN=acme1-Client-MTF-{cid},O=Acme,C=BE\n" in bench.text(issued, "mastercard")
        assert issued.changed == ()
    assert "Not Before: Nov 22 09:27:38 2026 GMT" in bench.text(issued, "mastercard")
    assert "Not After : Nov 22 10:27:38 2027 GMT" in bench.text(issued, "mastercard")
    wrong = {
        "/C=BE/O=Acme/CN=acme1-Client-MTF-104373": ["common_name_wrong"],
        "/C=BE/O=Acme/CN=acme1-Client-PRD-104372": ["common_name_wrong"],
        "/C=BE/O=Acme": ["attribute_missing", "common_name_wrong"],
        "/C=BE/O=Acme/CN=acme1-Client-MTF-000000/emailAddress=a@b.test": ["attribute_refused"],
        "/O=Acme/CN=acme1-Client-MTF-000000": ["attribute_missing"],
    }
    for subject, expected in wrong.items():
        assert bench.refused(MASTERCARD, bench.csr("rsa-2048", subject)) == expected, subject


def test_goldman_asks_for_uris_and_puts_its_own(bench: Bench) -> None:
    """gseid and gsuid in the CSR; in the certificate those that the provider knows, for ninety days; usage critical."""
    subject = "/O=Acme/CN=acme-app"
    issued = bench.issue(GOLDMAN, bench.csr("rsa-2048", subject, URIS))
    text = bench.text(issued, "goldman")
    assert f"URI:gseid://partner/{HOLDER}, URI:gsuid://acme-app\n" in text
    assert "X509v3 Extended Key Usage: critical" in text
    assert "Not After : Feb 20 10:27:38 2027 GMT" in text
    assert issued.changed == ()
    other = bench.csr("rsa-2048", subject, URIS.replace("partner", "else"))
    assert [change.field for change in bench.issue(GOLDMAN, other).changed] == ["subjectAltName"]
    assert bench.refused(GOLDMAN, bench.csr("rsa-2048", subject)) == ["alternative_name_missing"] * 2
    another = URIS.replace(HOLDER, "somebody")
    assert bench.refused(GOLDMAN, bench.csr("rsa-2048", subject, another)) == ["alternative_name_missing"]
    assert bench.refused(GOLDMAN, bench.csr("rsa-3072", subject, URIS)) == ["key_too_large"]
    assert bench.refused(GOLDMAN, bench.csr("rsa-2048", subject, URIS), "somebody") == [
        "key_of_other_client",
        "alternative_name_missing",
    ]


def test_nuapay_issues_certificates_that_sign(bench: Bench) -> None:
    """As in a published sample: one multi-valued RDN, five octets of serial, ten years, three usages, AKI; no more."""
    issued = bench.issue(NUAPAY_SIGNATURE, bench.csr("rsa-2048", NUAPAY_SUBJECT))
    text = bench.text(issued, "nuapay")
    subject = next(line for line in text.splitlines() if line.startswith("subject="))
    assert set(subject.removeprefix("subject=").split("+")) == {
        "C=GB", "L=London", "O=Nuapay", f"CN={HOLDER}", "OU=Nuapay API"
    }  # fmt: skip
    assert f"serial={issued.serial}\n" in text
    assert len(issued.serial) == 10
    assert "Not After : Nov 22 10:27:38 2036 GMT" in text
    assert "X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation, Key Encipherment\n" in text
    assert "X509v3 Extended Key Usage: \n                TLS Web Client Authentication\n" in text
    assert "X509v3 Authority Key Identifier:" in text
    assert text.count("            X509v3 ") == 3
    assert [change.field for change in issued.changed] == ["RDN"]
    assert issued.record.purpose == "signature"


def test_nuapays_other_layout_is_a_field_of_the_profile(bench: Bench) -> None:
    """The other published sample has five ordinary RDNs, unchanged from the CSR."""
    ordinary = replace(NUAPAY_SIGNATURE, profile=replace(NUAPAY_SIGNATURE.profile, layout="ordinary"))
    issued = bench.issue(ordinary, bench.csr("rsa-2048", NUAPAY_SUBJECT))
    assert f"subject=C=GB,L=London,O=Nuapay,CN={HOLDER},OU=Nuapay API\n" in bench.text(issued, "nuapay")
    assert issued.changed == ()


def test_nuapay_fixes_the_subject(bench: Bench) -> None:
    """Each of the five attributes has its value, the CN the client's own id; a state may be there, nothing else."""

    def with_subject(subject: str) -> list[str]:
        return bench.refused(NUAPAY_SIGNATURE, bench.csr("rsa-2048", subject))

    assert with_subject(NUAPAY_SUBJECT.replace("Nuapay API", "nuapay api")) == ["attribute_wrong"]
    assert with_subject(NUAPAY_SUBJECT.replace("/L=London", "")) == ["attribute_missing"]
    assert with_subject(NUAPAY_SUBJECT.replace("C=GB", "C=IE")) == ["attribute_wrong"]
    assert with_subject(NUAPAY_SUBJECT.replace(HOLDER, "x3lbypbdw4")) == ["common_name_wrong"]
    assert with_subject(NUAPAY_SUBJECT + "/emailAddress=a@b.test") == ["attribute_refused"]
    assert bench.refused(NUAPAY_SIGNATURE, bench.csr("ec-p256", NUAPAY_SUBJECT)) == ["key_kind_refused"]
    bench.issue(NUAPAY_SIGNATURE, bench.csr("rsa-2048", NUAPAY_SUBJECT + "/ST=Kildare"))


def test_nuapay_takes_any_certificate_for_transport(bench: Bench) -> None:
    """Self-signed by openssl, of any sound key; two at most, expired ones never, and each of them once."""
    first = bench.upload("ec-p256")
    record = bench.pin(first)
    printed = openssl("x509", "-in", "pem", "-noout", "-fingerprint", "-sha256", cwd=bench.folder).replace(":", "")
    assert record.fingerprint_sha256.upper() in printed
    assert bench.not_pinned(first) == ["already_here"]
    assert bench.not_pinned(bench.upload("rsa-2048"), days=366) == ["expired"]
    assert bench.not_pinned(bench.upload("rsa-2048"), days=-1) == ["not_yet_valid"]
    assert bench.not_pinned(bench.csr("rsa-2048", NUAPAY_SUBJECT)) == ["request_sent"]
    assert bench.not_pinned(first + bench.upload("ec-p384")) == ["several_certificates"]
    bench.pin(bench.upload("ed25519", "-addext", "extendedKeyUsage=clientAuth"))
    assert bench.not_pinned(bench.upload("rsa-2048")) == ["limit_reached"]


def test_nuapays_two_kinds_are_counted_apart_and_keys_are_not_shared(bench: Bench) -> None:
    """Two of each; a key that opens connections signs nothing."""
    bench.pin(bench.upload("rsa-2048"))
    assert bench.refused(NUAPAY_SIGNATURE, bench.csr("rsa-2048", NUAPAY_SUBJECT)) == ["key_of_other_purpose"]
    bench.pin(bench.upload("ec-p256"))
    for _ in range(2):
        bench.issue(NUAPAY_SIGNATURE, bench.csr("rsa-4096", NUAPAY_SUBJECT))
    assert bench.refused(NUAPAY_SIGNATURE, bench.csr("rsa-4096", NUAPAY_SUBJECT)) == ["limit_reached"]
