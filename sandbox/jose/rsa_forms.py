"""Good RSA signatures with a padding, a salt or a hash that is not the algorithm's."""

from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from sandbox.errors import Refused
from sandbox.jose.algorithms import Pkcs1, Pss
from sandbox.jose.pkcs1 import HASHES, digest_of, read_block
from sandbox.jose.pss import DIGESTS, Encoding, encodings
from sandbox.jose.refusing import no
from sandbox.jose.signature_forms import hash_for
from sandbox.jose.suspect import Suspect


def pkcs1_padding(suspect: Suspect) -> Refused | None:
    """What RS256 signs, under the name of PS256."""
    key = suspect.key.public_key
    if not isinstance(key, rsa.RSAPublicKey) or not isinstance(suspect.algorithm, Pss):
        return None
    for digest in DIGESTS:
        try:
            key.verify(suspect.jws.signature, suspect.jws.signing_input, PKCS1v15(), digest)
        except InvalidSignature:
            continue
        seen = f"RSASSA-PKCS1-v1_5 with {digest.name}, with which it verifies"
        return no("signature.pkcs1_padding", seen=seen, expected=f"RSASSA-PSS for {suspect.algorithm.name}")
    return None


def other_pss(suspect: Suspect) -> Refused | None:
    """PSS with a salt of another length, or with another hash or mask."""
    key, algorithm = suspect.key.public_key, suspect.algorithm
    if not isinstance(key, rsa.RSAPublicKey) or not isinstance(algorithm, Pss):
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
    if not isinstance(key, rsa.RSAPublicKey) or not isinstance(algorithm, Pkcs1):
        return None
    for way in _ways(key, suspect):
        seen = f"RSASSA-PSS with {_words(way)}; so it verifies"
        return no("signature.pss_padding", seen=seen, expected=f"RSASSA-PKCS1-v1_5 for {algorithm.name}")
    return None


def other_digest(suspect: Suspect) -> Refused | None:
    """PKCS #1 v1.5 with another hash, or over a hash without its name."""
    key, algorithm = suspect.key.public_key, suspect.algorithm
    if not isinstance(key, rsa.RSAPublicKey) or not isinstance(algorithm, Pkcs1):
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
