"""Public keys as people send them: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in base64, or in PEM (RFC 7468).

Everything that is sent instead is told apart here; whether the key is for an algorithm is asked in ``keys``.
"""

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca.errors import has_private_key
from ca.loading import key_agreement
from ca.request.sniff import what_der_is
from ca.x509.keys import spki_der
from sandbox.errors import Refused
from sandbox.jose.algorithms import PublicKey
from sandbox.jose.refusing import no

# The SPKI of an RSA key of 8192 bits is 1.4 kB of base64; the rest is room for text around a PEM.
MAX_KEY_CHARACTERS = 16_384

FORM = "the base64 of a DER SubjectPublicKeyInfo, or a PEM block BEGIN PUBLIC KEY"
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
# Base64 of "-----BEGIN".
_PEM_TWICE = "LS0tLS1CRUdJT"
_PKCS1 = "openssl rsa -RSAPublicKey_in -in FILE -pubout"


def read_public_key(text: str) -> PublicKey:
    """The EC or RSA key. White space is let go, as `openssl base64` folds its lines.

    Raises Refused with one of the causes ``signature.key_…``.
    """
    if len(text) > MAX_KEY_CHARACTERS:
        raise no("signature.key_too_large", seen=f"{len(text)} characters", expected=f"at most {MAX_KEY_CHARACTERS}")
    if not text.strip():
        raise no("signature.key_empty", seen=f"{len(text)} characters, all white space", expected=FORM)
    if has_private_key(text):
        raise _private("PEM")
    if text.lstrip().startswith("{"):
        raise _json(text)
    return _load(_der(_bare(text)))


def write_spki(key: PublicKey) -> str:
    """The key as base64 of its DER SubjectPublicKeyInfo, in one line."""
    return base64.b64encode(spki_der(key)).decode("ascii")


def _bare(text: str) -> str:
    """The base64, out of its armour if it has one."""
    if "-----BEGIN" not in text:
        return "".join(text.split())
    blocks = _PEM.findall(text.replace("\\n", "\n"))
    if len(blocks) != 1:
        raise _not_spki(f"{len(blocks)} whole PEM blocks", "send one block, from its BEGIN line to its END line")
    label, body = blocks[0]
    if "CERTIFICATE" in label:
        raise _certificate(f"-----BEGIN {label}-----")
    if label != "PUBLIC KEY":
        raise _not_spki(f"-----BEGIN {label}-----", f"turn it into a SubjectPublicKeyInfo: {_PKCS1}")
    return "".join(body.split())


def _der(bare: str) -> bytes:
    if bare.startswith(_PEM_TWICE):
        raise _not_spki("base64 of a PEM text", "send the PEM itself, or only the lines between BEGIN and END")
    try:
        if not _BASE64.fullmatch(bare):
            raise binascii.Error
        return base64.b64decode(bare, validate=True)
    except binascii.Error:
        raise _garbled(bare) from None


def _garbled(bare: str) -> Refused:
    odd = re.search(r"[^A-Za-z0-9+/=]", bare)
    if odd and odd.group() in "-_":
        seen = "the alphabet of base64url (- and _)"
    elif odd:
        seen = f"a character that is not base64 at {odd.start()}"
    else:
        seen = f"{len(bare)} characters of base64, not whole: cut off, or = missing or in the middle"
    return no("signature.key_base64_malformed", seen=seen, expected="base64 with + and /, padded (RFC 4648 section 4)")


def _load(der: bytes) -> PublicKey:
    try:
        if key_agreement(der):
            raise UnsupportedAlgorithm("a key for Diffie-Hellman")  # the library would warn of it
        key = load_der_public_key(der)
    except (ValueError, TypeError):
        raise _other(der) from None
    except UnsupportedAlgorithm:
        raise no("signature.key_kind_wrong", seen="a kind of key that is not known here", expected=_KINDS) from None
    if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return key
    raise no("signature.key_kind_wrong", seen=type(key).__name__, expected=_KINDS)


_KINDS = "an EC key on P-256, P-384 or P-521, or an RSA key"


def _other(der: bytes) -> Refused:
    """DER, or just bytes, that are no public key of a form we know."""
    kind = what_der_is(der)
    if kind in ("private_key", "pkcs12_with_private_key"):
        return _private("DER")
    if kind in ("certificate", "pkcs7"):
        return _certificate(f"DER of {kind}")
    if kind == "request":
        return _not_spki("a certificate request", "take the key out of it: openssl req -in FILE -noout -pubkey")
    return _not_spki(f"{len(der)} bytes that are no SubjectPublicKeyInfo", "")


def _json(text: str) -> Refused:
    # RFC 7518 sections 6.2.2 and 6.3.2: "d" is the private part of EC and RSA keys, "k" a symmetric key.
    if re.search(r'"[dk]"\s*:', text):
        return _private("JWK")
    return no("signature.key_jwk_sent", seen="JSON", expected=FORM)


def _private(form: str) -> Refused:
    return no("signature.key_private_sent", seen=f"a private key as {form} (not shown, not stored)", expected=FORM)


def _certificate(seen: str) -> Refused:
    return no("signature.key_certificate_sent", seen=seen, expected=FORM)


def _not_spki(seen: str, next_step: str) -> Refused:
    return no("signature.key_not_spki", seen=seen, expected=FORM, next_step=next_step)
