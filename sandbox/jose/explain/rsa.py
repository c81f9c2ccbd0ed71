"""Good RSA signatures with a padding, a salt or a hash that is not the algorithm's.

Unlike ECDSA, RSA can be undone with the public key. A signature of PKCS #1 v1.5 then shows the hash of what was signed
(RFC 8017 section 9.2), one of PSS shows hash, mask and salt (section 9.1.2), without knowing what was signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS

from sandbox.errors import Refused
from sandbox.jose import no
from sandbox.jose.explain.signatures import Suspect, hash_for
from sandbox.jose.scheme import HASH_BITS

# RFC 8017 section 9.2 note 1: the DigestInfo of each hash, up to the digest itself.
_DIGEST_INFO: tuple[tuple[str, int, bytes], ...] = (
    ("sha1", 20, bytes.fromhex("3021300906052b0e03021a05000414")),
    ("sha224", 28, bytes.fromhex("302d300d06096086480165030402040500041c")),
    ("sha256", 32, bytes.fromhex("3031300d060960864801650304020105000420")),
    ("sha384", 48, bytes.fromhex("3041300d060960864801650304020205000430")),
    ("sha512", 64, bytes.fromhex("3051300d060960864801650304020305000440")),
)
HASHES: tuple[hashes.HashAlgorithm, ...] = (
    hashes.SHA256(),
    hashes.SHA384(),
    hashes.SHA512(),
    hashes.SHA224(),
    hashes.SHA1(),
)
# RFC 8017 section 9.2: at least so many bytes of padding. By chance they come about once in 2 to the power of 80.
MIN_PADDING = 8
DIGESTS = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
# Java's "RSASSA-PSS" masks with SHA-1 and salts with 20 bytes unless it is given parameters.
MASKS = (*DIGESTS, hashes.SHA1())

# So many zero bytes before the salt do not come about by chance: 2 to the power of -64.
TELLING_ZEROS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What a signature holds: a digest, and the name of its hash; or "" where the signer left the name out."""

    hash_name: str
    digest: bytes


def read_block(key: rsa.RSAPublicKey, signature: bytes) -> Block | None:
    """The block of a signature by this key, over whatever bytes; None when it is another key's, or PSS."""
    numbers = key.public_numbers()
    number = int.from_bytes(signature, "big")
    size = (key.key_size + 7) // 8
    if number >= numbers.n or len(signature) != size:
        return None
    opened = pow(number, numbers.e, numbers.n).to_bytes(size, "big")
    padding, zero, content = opened.removeprefix(b"\0").partition(b"\0")
    if not zero or len(padding) <= MIN_PADDING or padding != b"\x01" + b"\xff" * (len(padding) - 1):
        return None
    for name, length, info in _DIGEST_INFO:
        if content.startswith(info) and len(content) == len(info) + length:
            return Block(hash_name=name, digest=content[len(info) :])
    return Block(hash_name="", digest=content)


def digest_of(message: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    """The hash of a message."""
    state = hashes.Hash(algorithm)
    state.update(message)
    return state.finalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One way in which a signature can have been made."""

    digest: hashes.HashAlgorithm
    mask: hashes.HashAlgorithm
    salt: int
    telling: bool
    """Whether it cannot be chance: the signature is of this key's private half, over whatever bytes."""

    def verifies(self, key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, message, PSS(MGF1(self.mask), self.salt), self.digest)
        except (InvalidSignature, ValueError):
            return False
        return True


def encodings(key: rsa.RSAPublicKey, signature: bytes) -> Iterator[Encoding]:
    """The ways that fit the signature, whatever was signed; none for a signature of another key."""
    numbers = key.public_numbers()
    number = int.from_bytes(signature, "big")
    if number >= numbers.n or len(signature) != (key.key_size + 7) // 8:
        return
    bits = key.key_size - 1
    opened = pow(number, numbers.e, numbers.n)
    if opened.bit_length() > bits or opened & 0xFF != 0xBC:
        return
    encoded = opened.to_bytes((bits + 7) // 8, "big")
    for digest, mask in product(DIGESTS, MASKS):
        if found := _read(encoded, bits, digest, mask):
            yield found


def _read(encoded: bytes, bits: int, digest: hashes.HashAlgorithm, mask: hashes.HashAlgorithm) -> Encoding | None:
    size = len(encoded) - digest.digest_size - 1
    masked = int.from_bytes(encoded[:size], "big")
    padded = masked ^ int.from_bytes(_mgf1(encoded[size:-1], size, mask), "big")
    # The bits that the modulus has no room for are not part of it (RFC 8017 section 9.1.2 step 9).
    block = (padded & ((1 << (bits - 8 * (digest.digest_size + 1))) - 1)).to_bytes(size, "big")
    salt = block.lstrip(b"\0")
    if not salt.startswith(b"\x01"):
        return None
    zeros = size - len(salt)
    return Encoding(digest=digest, mask=mask, salt=len(salt) - 1, telling=zeros >= TELLING_ZEROS)


def _mgf1(seed: bytes, size: int, algorithm: hashes.HashAlgorithm) -> bytes:
    """The mask (RFC 8017 appendix B.2.1)."""
    blocks = []
    for counter in range(-(-size // algorithm.digest_size)):
        block = hashes.Hash(algorithm)
        block.update(seed + counter.to_bytes(4, "big"))
        blocks.append(block.finalize())
    return b"".join(blocks)[:size]


def pkcs1_padding(suspect: Suspect) -> Refused | None:
    """What RS256 signs, under the name of PS256."""
    if suspect.algorithm.family != "PSS":
        return None
    for bits in HASH_BITS:
        other = replace(suspect.algorithm, family="PKCS1", bits=bits)
        if suspect.holds(suspect.jws.signing_input, algorithm=other):
            seen = f"RSASSA-PKCS1-v1_5 with {other.hash.name}, with which it verifies"
            return no("signature.pkcs1_padding", seen=seen, expected=f"RSASSA-PSS for {suspect.algorithm.name}")
    return None


def other_pss(suspect: Suspect) -> Refused | None:
    """PSS with a salt of another length, or with another hash or mask."""
    key, algorithm = suspect.key.public_key, suspect.algorithm
    if not isinstance(key, rsa.RSAPublicKey) or algorithm.family != "PSS":
        return None
    for way in _ways(key, suspect):
        seen = f"{_words(way)}; so it verifies"
        size = algorithm.hash.digest_size
        expected = f"{hash_for(algorithm)}, MGF1 with {algorithm.hash.name}, {size} bytes of salt"
        if way.digest.name == way.mask.name == algorithm.hash.name:
            return no("signature.salt_wrong", seen=seen, expected=expected)
        return no("signature.hash_wrong", seen=seen, expected=expected)
    return None


def pss_padding(suspect: Suspect) -> Refused | None:
    """What PS256 signs, under the name of RS256."""
    key, algorithm = suspect.key.public_key, suspect.algorithm
    if not isinstance(key, rsa.RSAPublicKey) or algorithm.family != "PKCS1":
        return None
    for way in _ways(key, suspect):
        seen = f"RSASSA-PSS with {_words(way)}; so it verifies"
        return no("signature.pss_padding", seen=seen, expected=f"RSASSA-PKCS1-v1_5 for {algorithm.name}")
    return None


def other_digest(suspect: Suspect) -> Refused | None:
    """PKCS #1 v1.5 with another hash, or over a hash without its name."""
    key, algorithm = suspect.key.public_key, suspect.algorithm
    if not isinstance(key, rsa.RSAPublicKey) or algorithm.family != "PKCS1":
        return None
    block = read_block(key, suspect.jws.signature)
    if block is None:
        return None
    made = next((each for each in HASHES if digest_of(suspect.jws.signing_input, each) == block.digest), None)
    if made is None:
        return None
    if not block.hash_name:
        seen = f"the bare {made.name} of what was to be signed, without the DigestInfo around it"
        return no("signature.digest_bare", seen=seen, expected=f"a DigestInfo of {algorithm.hash.name}")
    return no("signature.hash_wrong", seen=f"{made.name}, with which it verifies", expected=hash_for(algorithm))


def _ways(key: rsa.RSAPublicKey, suspect: Suspect) -> Iterator[Encoding]:
    """The encodings of PSS in which the signature verifies."""
    for way in encodings(key, suspect.jws.signature):
        if way.verifies(key, suspect.jws.signing_input, suspect.jws.signature):
            yield way


def _words(way: Encoding) -> str:
    return f"{way.digest.name}, MGF1 with {way.mask.name}, {way.salt} bytes of salt"
