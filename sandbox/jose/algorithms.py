"""The signature algorithms (RFC 7518 sections 3.3 to 3.5) over the primitives; who may use which, a scheme says.

A JOSE library is not used for this: it would read header and base64 a second time, and for PS256 that alone costs
more than the signature (19 against 50 microseconds; ES256 52 against 66).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ca.x509.keys import CURVE_NAMES, MAX_KEY_BITS

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

# RFC 7518 sections 3.3 and 3.5: "A key of size 2048 bits or larger MUST be used".
MIN_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Ecdsa:
    """ECDSA on one curve with one hash; the signature is r and s side by side, each as wide as the curve."""

    name: str
    curve: str
    width: int
    """Bytes of r, and of s: the curve's order, rounded up (RFC 7518 section 3.4)."""
    hash: hashes.SHA256 | hashes.SHA384 | hashes.SHA512
    key_kind: str
    """What `ca.keys.make_key` calls a key that fits."""

    @property
    def wants(self) -> str:
        return f"an EC key on {self.curve}"

    def fits(self, key: object) -> bool:
        return isinstance(key, ec.EllipticCurvePublicKey) and CURVE_NAMES.get(key.curve.name) == self.curve

    def length(self, _key: PublicKey) -> int:
        """How many bytes a signature has."""
        return 2 * self.width

    def verifies(self, key: PublicKey, message: bytes, signature: bytes) -> bool:
        if len(signature) != 2 * self.width or not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        r = int.from_bytes(signature[: self.width], "big")
        s = int.from_bytes(signature[self.width :], "big")
        try:
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(self.hash))
        except InvalidSignature:
            return False
        return True

    def sign(self, key: PrivateKey, message: bytes) -> bytes:
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise RuntimeError(f"{self.name} signs with {self.wants}")
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(self.hash)))
        return r.to_bytes(self.width, "big") + s.to_bytes(self.width, "big")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsa(ABC):
    """RSA with one hash and one padding, which `Pss` and `Pkcs1` name."""

    name: str
    hash: hashes.SHA256 | hashes.SHA384 | hashes.SHA512
    key_kind: str = "rsa-2048"

    @property
    def wants(self) -> str:
        return f"an RSA key of {MIN_RSA_BITS} to {MAX_KEY_BITS} bits"

    @property
    @abstractmethod
    def padding(self) -> PSS | PKCS1v15:
        """What is put around the hash."""

    def fits(self, key: object) -> bool:
        return isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_KEY_BITS

    def length(self, key: PublicKey) -> int:
        """How many bytes a signature has: as many as the modulus (RFC 8017 section 8.1.1)."""
        return (key.key_size + 7) // 8

    def verifies(self, key: PublicKey, message: bytes, signature: bytes) -> bool:
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        try:
            key.verify(signature, message, self.padding, self.hash)
        except InvalidSignature:
            return False
        return True

    def sign(self, key: PrivateKey, message: bytes) -> bytes:
        if not isinstance(key, rsa.RSAPrivateKey):
            raise RuntimeError(f"{self.name} signs with {self.wants}")
        return key.sign(message, self.padding, self.hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pss(Rsa):
    """RSASSA-PSS with the hash for MGF1 too, and a salt as long as the hash (RFC 7518 section 3.5)."""

    @property
    def padding(self) -> PSS:
        return PSS(MGF1(self.hash), self.hash.digest_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pkcs1(Rsa):
    """RSASSA-PKCS1-v1_5 (RFC 7518 section 3.3)."""

    @property
    def padding(self) -> PKCS1v15:
        return PKCS1v15()


Algorithm = Ecdsa | Pss | Pkcs1

_ROWS: tuple[Algorithm, ...] = (
    Ecdsa(name="ES256", curve="P-256", width=32, hash=hashes.SHA256(), key_kind="ec-p256"),
    Ecdsa(name="ES384", curve="P-384", width=48, hash=hashes.SHA384(), key_kind="ec-p384"),
    Ecdsa(name="ES512", curve="P-521", width=66, hash=hashes.SHA512(), key_kind="ec-p521"),  # 521: not a slip
    Pss(name="PS256", hash=hashes.SHA256()),
    Pss(name="PS384", hash=hashes.SHA384()),
    Pss(name="PS512", hash=hashes.SHA512()),
    Pkcs1(name="RS256", hash=hashes.SHA256()),
)

ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType({row.name: row for row in _ROWS})
"""By their names in the header. Which of them a provider takes, its scheme says."""
