"""Keys: what a public key is and how it is written, private keys made, written and read, and a certificate of ours with
its key.

Which keys are good enough is left to `weak_keys` and `policy`; where private keys are kept, to `store`."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from ca.x509.der import INTEGER, SEQUENCE, contents, elements, parts, spki_bits

PublicKey = CertificatePublicKeyTypes
PrivateKey = CertificateIssuerPrivateKeyTypes

# The names of FIPS 186; any other curve goes by the name OpenSSL gives it.
CURVE_NAMES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224"}

# The cost of verifying grows with the square of the modulus: no provider takes more than 4096 bits, so we try no more
# than twice that, and nothing at all is computed with a key beyond.
MAX_KEY_BITS = 8192

_MAKERS: dict[str, Callable[[], PrivateKey]] = {
    "ec-p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ec-p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ec-p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa-1024": lambda: rsa.generate_private_key(65537, 1024),
    "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
    "rsa-4096": lambda: rsa.generate_private_key(65537, 4096),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}

_KINDS: tuple[tuple[type, str, int], ...] = (
    (ed25519.Ed25519PublicKey, "Ed25519", 256),
    (ed448.Ed448PublicKey, "Ed448", 456),
    (x25519.X25519PublicKey, "X25519", 256),
    (x448.X448PublicKey, "X448", 448),
)

# Keys for Diffie-Hellman: PKCS#3 and X9.42. They can sign nothing.
_DIFFIE_HELLMAN = (bytes.fromhex("06092a864886f70d010301"), bytes.fromhex("06072a8648ce3e0201"))
# The algorithms of keys, as OIDs in DER: rsaEncryption and id-RSASSA-PSS (RFC 4055), id-ecPublicKey (RFC 5480).
_RSA, _RSASSA_PSS = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01010a")
_EC = bytes.fromhex("06072a8648ce3d0201")
# SEC 1 section 2.3.3, and X9.62's hybrid form: by the first octet of the point.
_COMPRESSED, _HYBRID = "a compressed point", "a point in the hybrid form"
_POINTS = {b"\x02": _COMPRESSED, b"\x03": _COMPRESSED, b"\x06": _HYBRID, b"\x07": _HYBRID}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What a public key is: its kind, its size in bits, and its curve ("" when it has none)."""

    kind: str
    bits: int
    curve: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.curve or self.bits}"


def describe(key: PublicKey) -> KeyFacts:
    """The kind, size and curve of a public key."""
    if isinstance(key, rsa.RSAPublicKey):
        return KeyFacts(kind="RSA", bits=key.key_size)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return KeyFacts(kind="EC", bits=key.key_size, curve=CURVE_NAMES.get(key.curve.name, key.curve.name))
    if isinstance(key, dsa.DSAPublicKey):
        return KeyFacts(kind="DSA", bits=key.key_size)
    kind, bits = next(((kind, bits) for made, kind, bits in _KINDS if isinstance(key, made)), (type(key).__name__, 0))
    return KeyFacts(kind=kind, bits=bits)


def make_key(kind: str) -> PrivateKey:
    """A new private key: ec-p256, ec-p384, ec-p521, rsa-2048, rsa-3072, rsa-4096, ed25519 (rsa-1024 to be refused)."""
    return _MAKERS[kind]()


def signing_hash(key: PrivateKey) -> hashes.SHA256 | None:
    """What a key signs over: SHA-256, or, with Ed25519, the message itself (RFC 8410 section 3)."""
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def spki_der(key: PublicKey) -> bytes:
    """The SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def spki_sha256(key: PublicKey) -> str:
    """The SHA-256 of the SubjectPublicKeyInfo in hex: the same for every certificate of one key."""
    return hashlib.sha256(spki_der(key)).hexdigest()


def key_agreement(der: bytes) -> str:
    """public_key or private_key where this is a key for Diffie-Hellman, which the library warns that it gives up; else
    nothing."""
    outer = next(elements(der), (0, b""))
    inside = list(elements(outer[1])) if outer[0] == SEQUENCE else []
    tags = [tag for tag, _ in inside[:2]]
    if tags[:1] == [SEQUENCE] and inside[0][1].startswith(_DIFFIE_HELLMAN):
        return "public_key"
    return "private_key" if tags == [INTEGER, SEQUENCE] and inside[1][1].startswith(_DIFFIE_HELLMAN) else ""


def is_pss(spki: bytes) -> bool:
    """Whether a key is marked as one for RSASSA-PSS alone (RFC 4055 section 1.2)."""
    return _algorithm(spki).startswith(_RSASSA_PSS)


def unusual_form(spki: bytes) -> str:
    """What is unusual in the form of a key that may be sound, as a phrase; "" where nothing is known to be."""
    algorithm = _algorithm(spki)
    if algorithm == _RSA:
        return "an RSA key without its NULL parameters"
    if not algorithm.startswith(_EC):
        return ""
    if algorithm[len(_EC) :][:1] == bytes((SEQUENCE,)):
        return "a curve that is given by its parameters"
    return _POINTS.get(spki_bits(spki)[:1], "")


def _algorithm(spki: bytes) -> bytes:
    """The OID in DER, and after it the parameters as they are."""
    return contents(parts(spki)[0])


def write_key_der(key: PrivateKey) -> bytes:
    """The key as PKCS#8 DER without a password (RFC 5958): for a store that is itself private."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def write_key_pem(key: PrivateKey) -> str:
    """The key as PKCS#8 PEM without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def read_key_der(der: bytes) -> PrivateKey:
    """The key that write_key_der wrote."""
    key = load_der_private_key(der, password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError("not a key that can sign a certificate here")
    return key


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """A CA certificate together with its private key. What every signing needs of it is read once."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)

    @cached_property
    def name(self) -> x509.Name:
        """The subject, which stands as the issuer in what it signs."""
        return self.certificate.subject

    @cached_property
    def pem(self) -> str:
        """The certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    @cached_property
    def life(self) -> tuple[datetime, datetime]:
        """The first and the last instant of its validity."""
        return self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc

    @cached_property
    def key_identifier(self) -> x509.AuthorityKeyIdentifier:
        """Names this CA's key in what it signs (RFC 5280 section 4.2.1.1), as the CA's certificate names it."""
        own = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


@dataclass(frozen=True, kw_only=True)
class Founded:
    """One of the authority's own certificates, with its key, or None when that key was destroyed."""

    certificate: x509.Certificate
    key: PrivateKey | None = field(repr=False)

    @cached_property
    def issuer(self) -> Issuer | None:
        """The same as what signs: one object for good, so that what is known of it is found out once."""
        return None if self.key is None else Issuer(certificate=self.certificate, key=self.key)
