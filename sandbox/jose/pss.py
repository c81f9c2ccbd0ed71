"""How an RSA-PSS signature was made, read out of itself (RFC 8017 section 9.1.2); used to explain refusals only.

Unlike ECDSA, RSA can be undone with the public key: hash, mask and salt are visible without knowing what was signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS

DIGESTS = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
# Java's "RSASSA-PSS" masks with SHA-1 and salts with 20 bytes unless it is given parameters.
MASKS = (*DIGESTS, hashes.SHA1())

# So many zero bytes before the salt do not come about by chance: 2 to the power of -64.
TELLING_ZEROS = 8


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
