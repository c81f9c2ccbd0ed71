"""Certificates for tests of TLS, made with nothing of ours: roots, issuing CAs, a server, clients of all kinds."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


_CA_KEY_USAGE = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A certificate with its key, and who stands above it. Has what the doors ask of credentials."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...]
    not_after: datetime

    @property
    def leaf(self) -> x509.Certificate:
        return self.chain[0]

    def pem(self, *, whole_chain: bool = False) -> bytes:
        shown = self.chain if whole_chain else self.chain[:1]
        return b"".join(one.public_bytes(Encoding.PEM) for one in shown)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, folder: Path, *, whole_chain: bool = False) -> Path:
        path = folder / f"{self.leaf.serial_number}{'-chain' if whole_chain else ''}.pem"
        path.write_bytes(self.pem(whole_chain=whole_chain) + self.key_pem())
        return path


def make(
    name: str,
    issuer: Held | None = None,
    *,
    ca: bool = False,
    usage: x509.ObjectIdentifier | None = None,
    start: datetime | None = None,
    days: float = 30,
) -> Held:
    now = datetime.now(UTC)
    start = start or now - DAY
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.leaf.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + days * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if ca:  # Python 3.13 asks for it, as RFC 5280 section 4.2.1.3 does
        builder = builder.add_extension(_CA_KEY_USAGE, critical=True)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if usage == SERVER:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    leaf = builder.sign(signer, SHA256())
    return Held(key=key, chain=(leaf, *(issuer.chain if issuer else ())), not_after=leaf.not_valid_after_utc)


class House:
    """What a sandbox would have: made once for all tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server_root = make_ca("Test server root")
        self.server = make("localhost", make_ca("Test server CA", self.server_root), usage=SERVER)
        self.client_root = make_ca("Test client root")
        self.issuing = make_ca("Test issuing CA", self.client_root)
        self.sibling = make_ca("Sibling issuing CA", self.client_root)
        self.client = make("good client", self.issuing, usage=CLIENT)
        self.root_file = folder / "root.pem"
        self.root_file.write_bytes(self.server_root.pem())

    def client_context(self, held: Held | None = None, *, whole_chain: bool = False) -> ssl.SSLContext:
        """The standard library's client: trusts the server root, and shows what it holds."""
        context = ssl.create_default_context(cafile=str(self.root_file))
        if held is not None:
            context.load_cert_chain(held.write(self.folder, whole_chain=whole_chain))
        return context


def make_ca(name: str, issuer: Held | None = None) -> Held:
    return make(name, issuer, ca=True, start=datetime.now(UTC) - 10 * 365 * DAY, days=40 * 365)
