"""Why a signature of a short text did not verify: another encoding, another text, another hash or padding, another key.

This runs only after the verification has failed. Nothing that is found here makes a signature good.
"""

from binascii import Error, unhexlify
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from ca.x509.der import SEQUENCE, outer_length
from sandbox.errors import Refused
from sandbox.jose import no
from sandbox.jose.explain.rsa import HASHES, digest_of, encodings, read_block
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import to_standard
from sandbox.jose.scheme import ALGORITHMS, Algorithm
from sandbox.jose.texts import active_of, in_base64

Decode = Callable[[str], bytes | None]
MAX_SENT = 4_096
"""Characters. The signature of an RSA key of 8192 bits has 2048 in hexadecimal, and that in base64 fewer than 3000."""
MAX_BODY = 65_536
"""Bytes of a body that may have been signed in place of the text: each try hashes it whole."""
MOST_EC_BYTES = 141
"""Of an ECDSA signature on P-521 in DER. The shortest of RSA 2048 has 256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What came, and by what it was to be verified."""

    text: str
    sent: str
    active: Sequence[VerifyingKey]
    """By which it was judged."""
    keys: Sequence[VerifyingKey]
    """The same, and those that have ended or were deleted."""
    algorithm: Algorithm
    body: bytes
    others: Sequence[VerifyingKey] = ()
    """Keys of the client's that are registered for something else."""

    def made_by(self, signature: bytes, keys: Sequence[VerifyingKey]) -> VerifyingKey | None:
        """The key of which it is a good signature of the text."""
        message = self.text.encode()
        return next((key for key in keys if key.verifies(message, signature, algorithm=self.algorithm)), None)

    @property
    def wanted(self) -> str:
        return f"RSASSA-PKCS1-v1_5 with {self.algorithm.hash.name} over the {len(self.text)} characters of the token"


def explain(
    text: str, sent: str, keys: Sequence[VerifyingKey], *, algorithm: str, body: bytes, now: datetime
) -> Refused:
    """The one cause that fits best. *keys* are all of the client's, whatever they are for; *body* is what the call says
    besides."""
    mine = [key for key in keys if key.algorithm == algorithm]
    signed = Signed(
        text=text,
        sent=sent,
        active=active_of(mine, now),
        keys=mine,
        algorithm=ALGORITHMS[algorithm],
        body=body,
        others=[key for key in keys if key.algorithm != algorithm],
    )
    if not signed.active:
        return _no_key(signed)
    if refused := _otherwise_encoded(signed):
        return refused
    signature = in_base64(signed.sent)
    if signature is None:
        seen = f"{len(signed.sent)} characters that are not base64: {signed.sent[:12]!a}…"
        return no("sca.signature_encoding", seen=seen, expected="base64 with + and / and its padding, in one line")
    for key in (one.public_key for one in signed.active):
        if isinstance(key, rsa.RSAPublicKey) and (refused := _by_this_key(signed, key, signature)):
            return refused
    return _by_another_key(signed, signature)


def _no_key(signed: Signed) -> Refused:
    seen = f"no {'active ' * bool(signed.keys)}key for {signed.algorithm.name}"
    also, step = _for_something_else(signed, in_base64(signed.sent))
    expected = "the public half of the key that signs"
    return no("sca.no_key", seen=f"{seen}; {also}" if also else seen, expected=expected, next_step=step)


def _for_something_else(signed: Signed, signature: bytes | None) -> tuple[str, str]:
    """A key that signed well, but is registered for another purpose, and what to do; or twice nothing."""
    key = signed.made_by(signature, signed.others) if signature else None
    if key is None:
        return "", ""
    name = signed.algorithm.name
    step = f"register that key for {name} as well: sandbank key add SCA.pem --client demo --algorithm {name}"
    return f"a good signature by {key}, which is registered for {key.algorithm}", step


def _otherwise_encoded(signed: Signed) -> Refused | None:
    """A good signature, written in another way."""
    for words, signature in _decoded(signed.sent[: MAX_SENT + 1]):
        if signed.made_by(signature, signed.active):
            seen = f"the signature {words}; decoded, it verifies"
            return no("sca.signature_encoding", seen=seen, expected="the bytes of the signature in base64, once")
    return None


def _decoded(sent: str) -> Iterator[tuple[str, bytes]]:
    if len(sent) > MAX_SENT:
        return
    bare = "".join(sent.split()).strip("\"'")
    yield from _tried("in quotes or with white space in it", bare, in_base64)
    yield from _tried("in base64 without its padding", bare + "=" * (-len(bare) % 4), in_base64)
    standard = to_standard(bare.encode("utf-8", "replace")).decode("utf-8", "replace").rstrip("=")
    yield from _tried("in base64url", standard + "=" * (-len(standard) % 4), in_base64)
    yield from _tried("in hexadecimal", bare.replace(":", ""), _from_hex)
    once = in_base64(bare)
    if once is not None and once.isascii():
        twice = "".join(once.decode().split())
        yield from _tried("in base64 twice", twice, in_base64)
        yield from _tried("in hexadecimal, and that in base64", twice, _from_hex)


def _tried(words: str, text: str, decode: Decode) -> Iterator[tuple[str, bytes]]:
    if (found := decode(text)) is not None:
        yield words, found


def _from_hex(text: str) -> bytes | None:
    try:
        return unhexlify(text)
    except (Error, ValueError):
        return None


def _by_this_key(signed: Signed, key: rsa.RSAPublicKey, signature: bytes) -> Refused | None:
    """By the right key: of another text, or with another hash or padding. An RSA signature shows which."""
    message = signed.text.encode()
    for way in encodings(key, signature):
        if way.verifies(key, message, signature) or way.telling:
            seen = f"RSASSA-PSS with {way.digest.name}, by the right key"
            return no("sca.signature_hash", seen=seen, expected=signed.wanted)
    if (block := read_block(key, signature)) is None:
        return None
    for words, message in _messages(signed):
        for made in HASHES:
            if digest_of(message, made) == block.digest:
                return _told(signed, words, made, bare=not block.hash_name)
        if block.digest == message:
            return no("sca.signature_hash", seen=f"{words} itself, without a hash", expected=signed.wanted)
    seen = f"{block.hash_name or 'no hash'} over something else than the token, by the right key"
    return no("sca.signature_text", seen=seen, expected=signed.wanted)


def _told(signed: Signed, words: str, made: hashes.HashAlgorithm, *, bare: bool) -> Refused:
    """The text that was signed, and how."""
    seen = f"{made.name} over {words}{', without the DigestInfo around it' if bare else ''}, by the right key"
    right = words == _ITSELF
    return no("sca.signature_hash" if right else "sca.signature_text", seen=seen, expected=signed.wanted)


_ITSELF = "the token"


def _messages(signed: Signed) -> Iterator[tuple[str, bytes]]:
    """What is signed by mistake, the likeliest first."""
    text, body = signed.text, signed.body[: MAX_BODY + 1]
    yield _ITSELF, text.encode()
    yield "the token with a line feed at its end", f"{text}\n".encode()
    yield "the token with a carriage return and a line feed at its end", f"{text}\r\n".encode()
    yield "the token with a blank at its end", f"{text} ".encode()
    yield "the token with a blank before it", f" {text}".encode()
    yield "the token in quotes", f'"{text}"'.encode()
    yield "the token in capital letters", text.upper().encode()
    yield "the token without its hyphens", text.replace("-", "").encode()
    yield "the whole header line", f"x-2fa-approval: {text}".encode()
    for made in HASHES[:1]:
        yield f"the {made.name} of the token (hashed twice)", digest_of(text.encode(), made)
        yield f"the {made.name} of the token in hexadecimal", digest_of(text.encode(), made).hex().encode()
    yield "nothing, an empty text", b""
    if body and len(body) <= MAX_BODY:
        yield "the body of the call", body
        yield "the body of the call with a line feed", body + b"\n"
        yield "the token and the body of the call", text.encode() + body


def _by_another_key(signed: Signed, signature: bytes) -> Refused:
    if key := signed.made_by(signature, signed.keys):
        seen = f"a good signature by {key}, which is not active"
        return no("sca.signature_key", seen=seen, expected="a signature by an active key")
    also, step = _for_something_else(signed, signature)
    if also:
        expected = f"a signature by a key for {signed.algorithm.name}"
        return no("sca.signature_key", seen=also, expected=expected, next_step=step)
    sizes = sorted({key.public_key.key_size for key in signed.active})
    lengths = [(size + 7) // 8 for size in sizes]
    if len(signature) <= MOST_EC_BYTES and signature[:1] == bytes([SEQUENCE]) and outer_length(signature):
        seen = f"{len(signature)} bytes of DER, as an EC key makes them"
        return no("sca.signature_key", seen=seen, expected=f"a signature by an RSA key of {_either(sizes)} bits")
    if len(signature) not in lengths:
        seen = f"{len(signature)} bytes; the registered keys make {_either(lengths)}"
        return no("sca.signature_key", seen=seen, expected=signed.wanted)
    several = f"any of the {len(signed.active)} registered keys" if len(signed.active) > 1 else "the registered key"
    seen = f"{len(signature)} bytes that {several} did not sign"
    return no("sca.signature_key", seen=seen, expected="a signature by a registered key")


def _either(numbers: Sequence[int]) -> str:
    return " or ".join(map(str, numbers))
