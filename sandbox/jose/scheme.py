"""How a provider has its calls signed, as data: its scheme, and the algorithms, for signatures and for encryption.

joserfc computes both. The tables say what the judgement of a key and the explanations need to know beside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.x509.keys import CURVE_NAMES, MAX_KEY_BITS

if TYPE_CHECKING:
    from joserfc.jwa import JWSAlgModel

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

# RFC 7518 sections 3.3 and 3.5: "A key of size 2048 bits or larger MUST be used".
MIN_RSA_BITS = 2048

HashBits = Literal[256, 384, 512]
HASH_BITS: tuple[HashBits, ...] = (256, 384, 512)
_HASHES: Mapping[HashBits, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
    256: hashes.SHA256(),
    384: hashes.SHA384(),
    512: hashes.SHA512(),
}
# Bytes of r, and of s: the order of the curve, rounded up (RFC 7518 section 3.4). P-521 has 521 bits, not 512.
_WIDTHS = {"P-256": 32, "P-384": 48, "P-521": 66}


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """A signature algorithm of RFC 7518."""

    name: str
    family: Literal["ECDSA", "PSS", "PKCS1"]
    """RFC 7518 sections 3.4, 3.5 (RSASSA-PSS, its salt as long as the hash) and 3.3 (RSASSA-PKCS1-v1_5)."""
    bits: HashBits
    """Of the hash, which is a SHA-2."""
    curve: str = ""
    """The one curve of an ECDSA; "" with RSA."""

    @property
    def hash(self) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
        return _HASHES[self.bits]

    @property
    def width(self) -> int:
        """Bytes of r, and of s, in an ECDSA signature."""
        return _WIDTHS[self.curve]

    @property
    def wants(self) -> str:
        """The key that it takes, in words."""
        return f"an EC key on {self.curve}" if self.curve else f"an RSA key of {MIN_RSA_BITS} to {MAX_KEY_BITS} bits"

    def fits(self, key: object) -> bool:
        """Whether a public key is one for this algorithm."""
        if self.curve:
            return isinstance(key, ec.EllipticCurvePublicKey) and CURVE_NAMES.get(key.curve.name) == self.curve
        return isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_KEY_BITS

    def length(self, key: PublicKey) -> int:
        """How many bytes a signature has: r and s side by side, or as many as the modulus (RFC 8017 section 8.1.1)."""
        return 2 * self.width if self.curve else (key.key_size + 7) // 8

    @property
    def joserfc(self) -> "JWSAlgModel":
        """The library's implementation."""
        return _implementation(self)


@cache
def _implementation(algorithm: Algorithm) -> "JWSAlgModel":
    """An instance of our own: the library's table of algorithms belongs to the process, and its host may change it.

    Imported here: the library takes 15 ms to load, and most runs see no signature.
    """
    from joserfc.jwa import ESAlgorithm, RSAAlgorithm, RSAPSSAlgorithm

    match algorithm.family:
        case "ECDSA":
            return ESAlgorithm(algorithm.name, algorithm.curve, algorithm.bits)
        case "PSS":
            return RSAPSSAlgorithm(algorithm.bits)
        case "PKCS1":
            return RSAAlgorithm(algorithm.bits)


_ROWS = (
    Algorithm(name="ES256", family="ECDSA", bits=256, curve="P-256"),
    Algorithm(name="ES384", family="ECDSA", bits=384, curve="P-384"),
    Algorithm(name="ES512", family="ECDSA", bits=512, curve="P-521"),
    Algorithm(name="PS256", family="PSS", bits=256),
    Algorithm(name="PS384", family="PSS", bits=384),
    Algorithm(name="PS512", family="PSS", bits=512),
    Algorithm(name="RS256", family="PKCS1", bits=256),
)

ALGORITHMS: Mapping[str, Algorithm] = MappingProxyType({row.name: row for row in _ROWS})
"""By their names in the header. Which of them a provider takes, its scheme says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEncryption:
    """A way to encrypt to a public key: how the content key is encrypted (``alg``), and by it the content (``enc``)."""

    name: str
    """The ``alg`` (RFC 7518 section 4)."""
    content: str
    """The ``enc`` (RFC 7518 section 5)."""

    @property
    def wants(self) -> str:
        """The key that it takes, in words."""
        return f"an RSA key of {MIN_RSA_BITS} to {MAX_KEY_BITS} bits"

    def fits(self, key: object) -> bool:
        """Whether a public key is one to encrypt to."""
        return isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_KEY_BITS


OAEP = KeyEncryption(name="RSA-OAEP-256", content="A256GCM")
"""The only one of the providers': OAEP with SHA-256 for hash and mask, then AES-256 in Galois/Counter Mode."""
ENCRYPTIONS: Mapping[str, KeyEncryption] = MappingProxyType({OAEP.name: OAEP})


def algorithm_named(name: str) -> Algorithm | KeyEncryption:
    """A row of either table."""
    return ENCRYPTIONS.get(name) or ALGORITHMS[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """What a provider asks of the JWS that a client sends."""

    algorithms: tuple[str, ...]
    """Names out of ALGORITHMS."""
    required: tuple[str, ...] = ()
    """Header members that must be there, beside ``alg`` (always) and those that the fields below ask for."""
    allowed: frozenset[str] | None = None
    """The only header members that may be there. None: any, as unknown ones are ignored (RFC 7515 section 4)."""
    critical: frozenset[str] = frozenset()
    """Names that may stand in ``crit`` because the provider understands them."""
    critical_exactly: frozenset[str] | None = None
    """All the names that ``crit`` must have, and no others, in any order. None: there need be no ``crit``."""
    url: bool = True
    """Whether the header's ``url`` must be there and be the path of the call."""
    unencoded: bool = False
    """Whether the JWS is detached and its payload signed as it is (RFC 7797): ``b64`` must be there and false."""
    issuer: bool = False
    """Whether ``iss`` must be there and name the holder of the key: its keys then come from certificates."""
    issued_at: bool = False
    """Whether ``iat`` must be there and be a whole number of milliseconds that is not in the future."""

    def __post_init__(self) -> None:
        if self.unencoded and self.url:
            raise RuntimeError("a detached JWS is opened without the path of its call: declare url=False")
