"""What an RSASSA-PKCS1-v1_5 signature is over, read out of itself (RFC 8017 section 9.2); to explain refusals only.

With the public key the signature shows the hash of what was signed, and which hash that is, whatever it was.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

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
