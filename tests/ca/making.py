"""What the tests of ca make things with: a shelf of throwaway keys, CSRs, a store in memory, the openssl command."""

import sqlite3
import subprocess
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.authority import Authority
from ca.issuance.issue import Issuer
from ca.issuance.issue import issue as issue_der
from ca.issuance.profile import Offer, Plan, Profile
from ca.policy.requests import Approved, Claim, CsrPolicy, KeyRule, judge
from ca.records import HolderStatus
from ca.request.csr import Csr, read_csr
from ca.store.store import SCHEMA
from ca.x509.der import wrap
from ca.x509.keys import PrivateKey, make_key

# The hashes that the library signs with.
Hash = hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512

NOW = datetime(2026, 11, 22, 10, 27, 38, 123456, tzinfo=UTC)
PAGE = "https://docs.wise.com/guides/developer/auth-and-security/mtls"
POLICY = CsrPolicy(
    name="Wise",
    page=PAGE,
    keys=(KeyRule(kind="RSA", sizes=(2048, 3072, 4096)), KeyRule(kind="EC", curves=("P-256", "P-384"))),
    hashes=("sha256", "sha384", "sha512"),
    required=("O",),
    text_around=False,
    max_active=10,
    unique_names=True,
)
PROFILE = Profile(name="wise-mtls", keep=("C", "ST", "L", "O", "OU"), common_name="holder", years=1)
OFFER = Offer(policy=POLICY, profile=PROFILE)
CLAIM = Claim(provider="wise", holder="acme-client-id", name="sandbox 2026")
SUBJECT = (("C", "EU"), ("O", "Acme"))
NOTHING = HolderStatus()

OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
    "emailAddress": NameOID.EMAIL_ADDRESS,
}


@cache
def shelf(kind: str) -> PrivateKey:
    """A throwaway key, made once per run: an RSA key takes up to half a second."""
    return make_key(kind)


def name_of(*attributes: tuple[str, str]) -> x509.Name:
    """A name from short names and texts, whatever they are: the checks of the library are for the code to make."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return x509.Name([x509.NameAttribute(OIDS[short], value, _validate=False) for short, value in attributes])


def csr_der(
    *subject: tuple[str, str],
    key: PrivateKey | None = None,
    hash: Hash | None = None,
    extensions: tuple[x509.ExtensionType, ...] = (),
    name: x509.Name | None = None,
) -> bytes:
    """A CSR for /C=EU/O=Acme with a P-256 key, unless told otherwise."""
    key = key or shelf("ec-p256")
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        name_of(*(subject or SUBJECT)) if name is None else name
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hash or hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def armour(der: bytes, label: str = "CERTIFICATE REQUEST") -> bytes:
    """The PEM of it, 64 characters a line."""
    import base64

    text = base64.b64encode(der).decode("ascii")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode("ascii")


def csr_pem(*subject: tuple[str, str], key: PrivateKey | None = None, hash: Hash | None = None) -> bytes:
    return armour(csr_der(*subject, key=key, hash=hash))


def sequence(body: bytes, tag: int = 0x30) -> bytes:
    """DER by hand: a SEQUENCE, or something else, around a body."""
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, len(body)]) + body if len(body) < 128 else bytes([tag, 0x80 | len(size)]) + size + body


def csr_without_attributes() -> bytes:
    """A CSR as some programs make it: without the field attributes [0], and signed so."""
    key = shelf("rsa-2048")
    assert isinstance(key, rsa.RSAPrivateKey)
    whole = x509.load_der_x509_csr(csr_der(key=key)).tbs_certrequest_bytes
    assert whole[:2] == b"\x30\x82" and whole.endswith(b"\xa0\x00")
    info = sequence(whole[4:-2])
    signature = key.sign(info, padding.PKCS1v15(), hashes.SHA256())
    algorithm = sequence(bytes.fromhex("06092a864886f70d01010b0500"))  # sha256WithRSAEncryption
    return sequence(info + algorithm + sequence(b"\x00" + signature, tag=0x03))


def certificate_der(
    *subject: tuple[str, str],
    key: PrivateKey | None = None,
    issuer: PrivateKey | None = None,
    serial: int = 4711,
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + timedelta(days=365),
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> bytes:
    """A certificate as a client makes it: self-signed with a P-256 key, and a CA as openssl has it; or by an issuer."""
    key = key or shelf("ec-p256")
    name = name_of(*(subject or SUBJECT))
    builder = x509.CertificateBuilder(
        issuer_name=name_of(("O", "Somebody")) if issuer else name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=serial,
        not_valid_before=begins,
        not_valid_after=ends,
    )
    for extension in (x509.BasicConstraints(ca=issuer is None, path_length=None), *extensions):
        builder = builder.add_extension(extension, critical=False)
    signer = issuer or key
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(signer, algorithm).public_bytes(Encoding.DER)


def certificate_pem(*subject: tuple[str, str], key: PrivateKey | None = None, serial: int = 4711) -> bytes:
    return armour(certificate_der(*subject, key=key, serial=serial), "CERTIFICATE")


def a_csr(*subject: tuple[str, str], key: PrivateKey | None = None) -> Csr:
    return read_csr(csr_pem(*subject, key=key))


def approved(csr: Csr | None = None, claim: Claim = CLAIM) -> Approved:
    """A CSR that satisfies everything, judged."""
    verdict = judge(csr or a_csr(), POLICY, claim, NOTHING)
    assert isinstance(verdict, Approved), verdict
    return verdict


def issue(approved: Approved, planned: Plan, issuer: Issuer, serial: int) -> x509.Certificate:
    """What was issued, as the library reads it."""
    return x509.load_der_x509_certificate(issue_der(approved, planned, issuer, serial))


def object_identifier(dotted: str) -> bytes:
    """The element for an OID such as 2.5.29.15 (X.690 section 8.19)."""
    first, second, *arcs = map(int, dotted.split("."))
    return wrap(0x06, *map(_arc, (40 * first + second, *arcs)))


def _arc(number: int) -> bytes:
    """In base 128, each octet but the last with its first bit set."""
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(number & 0x7F | 0x80)
    return bytes(reversed(octets))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryWork:
    """A unit of work over SQLite in memory."""

    connection: sqlite3.Connection
    driver: str = "sqlite3"


def statements(step: str) -> list[str]:
    """The statements of a schema step, comments left out."""
    code = "\n".join(line for line in step.splitlines() if not line.startswith("--"))
    return [statement.strip() for statement in code.split(";") if statement.strip()]


def empty_work() -> MemoryWork:
    """A store with the tables of ca and nothing in them."""
    connection = sqlite3.connect(":memory:")
    for step in SCHEMA:
        for statement in statements(step):
            connection.execute(statement)
    connection.commit()
    return MemoryWork(connection=connection)


def founded(*server_names: str, authority: Authority | None = None) -> tuple[Authority, MemoryWork]:
    """An authority founded in a new store, for Wise."""
    work, authority = empty_work(), authority or Authority()
    authority.found(work, server_names=server_names, providers=("wise",), now=NOW)
    return authority, work


def openssl(*arguments: str | Path, cwd: Path, check: bool = True, stdin: str = "") -> str:
    """What the openssl command prints, both streams together; someone else's judgement."""
    done = subprocess.run(
        ["openssl", *map(str, arguments)], cwd=cwd, input=stdin, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout + done.stderr
