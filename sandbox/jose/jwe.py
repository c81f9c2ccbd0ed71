"""Opening what a client has encrypted, and encrypting what the provider says, as a compact JWE (RFC 7516).

joserfc encrypts and decrypts. Our own reader judges the form, the exact bytes and the header, before any key is used.
What cannot be decrypted is refused alike, whatever failed: who could tell the steps apart by answer or time could have
foreign calls decrypted (RFC 7516 section 11.5). The HTTP headers around it are left to the provider.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.content import (
    DIRECT,
    IV_BYTES,
    TAG_BYTES,
    DecryptionKey,
    Jwe,
    content_key_of,
    decrypted_by,
    registry,
)
from sandbox.jose.jws import SigningKey
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import Header, decode, read_header, text_of
from sandbox.jose.scheme import OAEP

_COMPACT = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)")
_SIGNED = re.compile(rb"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# What the reader of headers, which JWS and JWE share, finds wrong.
_OF_A_JWE = {
    "signature.base64_malformed": "encryption.base64_malformed",
    "signature.header_too_large": "encryption.header_malformed",
    "signature.header_not_json": "encryption.header_malformed",
    "signature.header_not_object": "encryption.header_malformed",
    "signature.header_duplicate": "encryption.header_malformed",
    "signature.header_value_wrong": "encryption.header_malformed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decrypted:
    """What a client said under encryption."""

    payload: bytes = field(repr=False)
    content_key: bytes = field(repr=False)
    """By which a direct reply is encrypted."""
    version: int
    """Of the key to which the client has encrypted."""


def open_jwe(
    body: bytes,
    *,
    keys: Sequence[DecryptionKey],
    kids: Collection[str | None] = (),
    signers: Callable[[], Sequence[SigningKey]] = tuple,
    signed: bool = False,
) -> Decrypted:
    """What the compact JWE *body* says, encrypted to the newest of the *keys*, which is the last.

    The older keys, the *kids* of the client's own, and the provider's *signers*, which are asked for after a failure,
    are for a refusal to tell. *signed* says whether a JWS is
    expected within. Raises Refused with one cause ``encryption.…``.
    """
    jwe = read_jwe(body, signed=signed)
    _judge_header(jwe.header)
    if not keys:
        raise no("encryption.no_key", seen="a JWE", expected="one to a public key of the provider, which made none yet")
    newest = keys[-1]
    _judge_lengths(jwe, newest)
    content_key = content_key_of(jwe, newest)
    payload = decrypted_by(content_key, jwe, jwe.header_part)
    if payload is None:
        from sandbox.jose.explain.undecrypted import undecrypted  # only after a failure

        raise undecrypted(jwe, content_key, keys=keys, kids=kids, signers=signers())
    if not signed and _SIGNED.fullmatch(payload):
        raise no("encryption.signed_within", seen="a JWS within the JWE", expected="the payload itself within it")
    return Decrypted(payload=payload, content_key=content_key, version=newest.version)


def read_jwe(body: bytes, *, signed: bool = False) -> Jwe:
    """The parts of a compact JWE (RFC 7516 section 7.1). Raises Refused when it is not one."""
    match = _COMPACT.fullmatch(body)
    if match is None:
        from sandbox.jose.explain.unencrypted import not_jwe

        raise not_jwe(body, signed=signed)
    header_part, key_part, iv_part, text_part, tag_part = match.groups()
    try:
        header_bytes = decode(header_part, "header")
        return Jwe(
            header_part=header_part,
            header_bytes=header_bytes,
            header=read_header(header_bytes),
            encrypted_key=decode(key_part, "encrypted key"),
            iv=decode(iv_part, "initialization vector"),
            ciphertext=decode(text_part, "ciphertext"),
            tag=decode(tag_part, "authentication tag"),
        )
    except Refused as refused:
        raise _of_a_jwe(refused) from None


def _of_a_jwe(refused: Refused) -> Refused:
    reason = refused.reasons[0]
    return no(_OF_A_JWE[reason.code], seen=reason.seen, expected=reason.expected)


def _judge_header(header: Header) -> None:
    """Raises Refused unless the header names the one way to encrypt, and asks for nothing else."""
    try:
        alg, enc = text_of(header, "alg"), text_of(header, "enc")
    except Refused as refused:
        raise _of_a_jwe(refused) from None
    if alg != OAEP.name:
        from sandbox.jose.explain.unencrypted import other_algorithm

        raise other_algorithm(alg)
    if enc != OAEP.content:
        seen = "no enc in the header" if enc is None else f"enc: {shown(enc)}"
        raise no("encryption.enc_wrong", seen=seen, expected=f"enc: {shown(OAEP.content)}")
    if "zip" in header:
        seen = f"zip: {shown(header['zip'])}"
        raise no("encryption.compressed", seen=seen, expected="no zip in the header, and the payload as it is")
    if "crit" in header:
        # RFC 7516 section 4.1.13: who does not understand every name in it must refuse; none is understood here.
        raise no("encryption.crit_unknown", seen=f"crit: {_names(header['crit'])}", expected="no crit in the header")


def _names(crit: object) -> str:
    return ", ".join(map(shown, crit[:3])) if isinstance(crit, list) and crit else shown(crit)


def _judge_lengths(jwe: Jwe, key: DecryptionKey) -> None:
    """All before a key is used: what these lengths say everybody can see."""
    wanted = (key.private_key.key_size + 7) // 8
    if len(jwe.encrypted_key) != wanted:
        seen = f"an encrypted key of {len(jwe.encrypted_key)} bytes"
        expected = f"{wanted} bytes, as the provider's public key has {key.private_key.key_size} bits"
        raise no("encryption.key_length_wrong", seen=seen, expected=expected)
    for name, part, length in (("initialization vector", jwe.iv, IV_BYTES), ("authentication tag", jwe.tag, TAG_BYTES)):
        if len(part) != length:
            seen = f"{len(part)} bytes in the {name}"
            raise no("encryption.part_length_wrong", seen=seen, expected=f"{length} bytes (RFC 7518 section 5.3)")


# --- what the provider says ---


def seal_to(key: VerifyingKey, payload: bytes) -> str:
    """The JWE of *payload* for the holder of *key*, with a content key of its own."""
    from joserfc.jwe import encrypt_compact
    from joserfc.jwk import RSAKey

    if not isinstance(key.public_key, rsa.RSAPublicKey):
        raise RuntimeError(f"{key} is no key to encrypt to")
    kid: Mapping[str, object] = {} if key.kid is None else {"kid": key.kid}
    header = {**kid, "enc": OAEP.content, "alg": OAEP.name}
    return encrypt_compact(header, payload, RSAKey.import_key(key.public_key), registry=registry())


def seal_direct(content_key: bytes, payload: bytes) -> str:
    """The JWE of *payload* by a content key that the reader has; its second part is empty (RFC 7518 section 4.5)."""
    from joserfc.jwe import encrypt_compact
    from joserfc.jwk import OctKey

    header = {"enc": OAEP.content, "alg": DIRECT}
    return encrypt_compact(header, payload, OctKey.import_key(content_key), registry=registry())


def choose_recipient(keys: Sequence[VerifyingKey], *, kid: str | None, now: datetime) -> VerifyingKey:
    """The client's key to which a reply is encrypted: the one that *kid* names, else the newest active one.

    *keys* are in the order in which they were registered. Raises Refused with ``encryption.client_key_…``.
    """
    named = [key for key in keys if key.algorithm == OAEP.name and kid in (None, key.kid)]
    active = [key for key in named if key.status(now) == "active"]
    if active:
        return active[-1]
    from sandbox.jose.explain.unencrypted import no_recipient

    raise no_recipient(keys, named, kid=kid, now=now)
