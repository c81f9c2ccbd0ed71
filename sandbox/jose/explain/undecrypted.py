"""Why a JWE of good form does not decrypt: which slip of the sender's explains all of it. Loaded after a failure.

Every slip is tried each time, and each in the same steps: a random content key stands in for one that is not found. So
neither the answer nor the time tells where the decryption failed. A slip is only told where the whole content decrypts
with it and its tag is right, which nobody can bring about without having encrypted it.
"""

import secrets
from collections.abc import Collection, Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.content import CONTENT_KEY_BYTES, DecryptionKey, Jwe, decrypted_by
from sandbox.jose.jws import SigningKey
from sandbox.jose.scheme import OAEP

# Each costs a private operation of a millisecond; nobody encrypts to a key from before three rotations.
OLDER_KEYS = 3
_SHA1, _SHA256 = hashes.SHA1(), hashes.SHA256()
_RIGHT = padding.OAEP(padding.MGF1(_SHA256), _SHA256, None)
_PADDINGS: tuple[tuple[str, str, padding.AsymmetricPadding], ...] = (
    (
        "OAEP with SHA-256, whose mask (MGF1) is of SHA-1",
        "Java: OAEPParameterSpec with MGF1ParameterSpec.SHA256; OAEPWithSHA-256AndMGF1Padding alone takes SHA-1 for it",
        padding.OAEP(padding.MGF1(_SHA1), _SHA256, None),
    ),
    (
        "OAEP with SHA-1, which is the algorithm RSA-OAEP",
        "name SHA-256: openssl pkeyutl -pkeyopt rsa_oaep_md:sha256; Node: oaepHash 'sha256'",
        padding.OAEP(padding.MGF1(_SHA1), _SHA1, None),
    ),
    (
        "PKCS #1 v1.5, which is the algorithm RSA1_5",
        'openssl pkeyutl -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256; Java: not plain "RSA"',
        padding.PKCS1v15(),
    ),
)


def undecrypted(
    jwe: Jwe,
    content_key: bytes,
    *,
    keys: Sequence[DecryptionKey],
    kids: Collection[str | None],
    signers: Sequence[SigningKey] = (),
) -> Refused:
    """The one cause. *content_key* is what the newest key, which is the last, made of the encrypted key. The *signers*
    are the provider's keys by which it signs."""
    newest = keys[-1]
    found = [
        *(_other_padding(jwe, newest, *one) for one in _PADDINGS),
        *(_older_key(jwe, key, newest) for key in reversed(keys[-1 - OLDER_KEYS : -1])),
        *(_signing_key(jwe, signer, newest) for signer in signers),
        _additional_data(jwe, content_key),
    ]
    return next(filter(None, found), None) or _unexplained(jwe, kids)


def _other_padding(
    jwe: Jwe, key: DecryptionKey, seen: str, step: str, other: padding.AsymmetricPadding
) -> Refused | None:
    if decrypted_by(_unwrapped(jwe, key.private_key, other), jwe, jwe.header_part) is None:
        return None
    expected = "OAEP with SHA-256, for the hash and for the mask"
    return no("encryption.padding_wrong", seen=seen, expected=expected, next_step=step)


def _older_key(jwe: Jwe, key: DecryptionKey, newest: DecryptionKey) -> Refused | None:
    if decrypted_by(_unwrapped(jwe, key.private_key, _RIGHT), jwe, jwe.header_part) is None:
        return None
    seen = f"a JWE to version {key.version} of the provider's key"
    return no("encryption.old_key", seen=seen, expected=f"one to version {newest.version}, the newest")


def _signing_key(jwe: Jwe, signer: SigningKey, newest: DecryptionKey) -> Refused | None:
    key = signer.private_key
    if not isinstance(key, rsa.RSAPrivateKey):
        return None
    if decrypted_by(_unwrapped(jwe, key, _RIGHT), jwe, jwe.header_part) is None:
        return None
    seen = f"a JWE to the provider's key for {signer.algorithm}, which signs"
    return no("encryption.signing_key", seen=seen, expected=f"one to version {newest.version} of that for {OAEP.name}")


def _additional_data(jwe: Jwe, content_key: bytes) -> Refused | None:
    tried = ((b"", "none"), (jwe.header_bytes, "the header as JSON"))
    found = [name for data, name in tried if decrypted_by(content_key, jwe, data) is not None]
    if not found:
        return None
    seen = f"a content whose additional authenticated data is {found[0]}"
    return no("encryption.header_not_authenticated", seen=seen, expected="the first part as it is sent, in base64url")


def _unwrapped(jwe: Jwe, key: rsa.RSAPrivateKey, by: padding.AsymmetricPadding) -> bytes:
    """The content key; a random one where there is none."""
    instead = secrets.token_bytes(CONTENT_KEY_BYTES)
    try:
        found = key.decrypt(jwe.encrypted_key, by)
    except ValueError:
        return instead
    return found if len(found) == CONTENT_KEY_BYTES else instead


def _unexplained(jwe: Jwe, kids: Collection[str | None]) -> Refused:
    kid = jwe.header.get("kid")
    if isinstance(kid, str) and kid in kids:
        return no(
            "encryption.own_key",
            seen=f"a JWE that does not decrypt; its kid {shown(kid)} is a key of the client's own",
            expected="one to the provider's public key; the client's own is for replies",
        )
    expected = f"one by {OAEP.name} and {OAEP.content} to the provider's newest public key"
    return no("encryption.does_not_decrypt", seen="a JWE that does not decrypt", expected=expected)
