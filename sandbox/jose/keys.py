"""Public keys of clients: read as people send them or from a certificate, judged, and as records with their times.

Everything that is sent instead of a public key is told apart here. Where keys are kept is left to storage.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca.errors import has_private_key
from ca.request.reading import what_der_is
from ca.request.weak_keys import weakness
from ca.x509.der import subject_of
from ca.x509.keys import describe, key_agreement, spki_der
from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.scheme import ALGORITHMS, Algorithm, KeyEncryption, PublicKey, algorithm_named

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

    from ca.request.material import Material

KeyStatus = Literal["active", "not_yet_active", "expired", "deleted"]

# The SPKI of an RSA key of 8192 bits is 1.4 kB of base64; the rest is room for text around a PEM.
MAX_KEY_CHARACTERS = 16_384

FORM = "the base64 of a DER SubjectPublicKeyInfo, or a PEM block BEGIN PUBLIC KEY"
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----(.*?)-----END \1-----", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
# Base64 of "-----BEGIN".
_PEM_TWICE = "LS0tLS1CRUdJT"
_PKCS1 = "openssl rsa -RSAPublicKey_in -in FILE -pubout"
_KINDS = "an EC key on P-256, P-384 or P-521, or an RSA key"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """A client's public key: its name, the one algorithm that it was registered for, and its time.

    With an algorithm of ENCRYPTIONS nothing is verified by it: replies are encrypted to it.
    """

    kid: str | None
    """None: registered without a key id."""
    algorithm: str
    public_key: PublicKey = field(repr=False)
    active_from: datetime | None = None
    expires_at: datetime | None = None
    deleted_at: datetime | None = None
    name: x509.Name | None = field(default=None, repr=False)
    """The subject of the certificate that the key comes from; None for a key that was registered without one."""
    _imported: "ECKey | RSAKey | None" = field(default=None, init=False, repr=False, compare=False)
    """As joserfc has it, from the first signature on: importing a key costs as much as a tenth of a verification."""

    def verifies(self, message: bytes, signature: bytes, *, algorithm: Algorithm) -> bool:
        """Whether joserfc finds the signature to be this key's, over these very bytes. A key of another kind: no."""
        if not algorithm.fits(self.public_key):
            return False
        key = self._imported
        if key is None:
            key = imported(self.public_key)
            object.__setattr__(self, "_imported", key)  # frozen for everybody else
        return algorithm.joserfc.verify(message, signature, key)

    def status(self, now: datetime) -> KeyStatus:
        """How the key stands at an instant."""
        return status_at(now, active_from=self.active_from, expires_at=self.expires_at, deleted_at=self.deleted_at)

    def __str__(self) -> str:
        return "the key without a kid" if self.kid is None else f"the key {shown(self.kid)}"


def status_at(
    now: datetime, *, active_from: datetime | None, expires_at: datetime | None, deleted_at: datetime | None
) -> KeyStatus:
    """How a key with these times stands at an instant; at the very instant of its end it has ended."""
    if deleted_at is not None and deleted_at <= now:
        return "deleted"
    if expires_at is not None and expires_at <= now:
        return "expired"
    if active_from is not None and now < active_from:
        return "not_yet_active"
    return "active"


def fits(algorithm: str, key: object) -> bool:
    """Whether a signature of that algorithm can be verified with that key."""
    known = ALGORITHMS.get(algorithm)
    return known is not None and known.fits(key)


def require_fit(algorithm: str, key: PublicKey, *, taken: Sequence[str]) -> Algorithm | KeyEncryption:
    """The algorithm, if it is *taken*, the key is for it, and the key is sound: what is asked when one is registered.

    Raises Refused with ``signature.alg_unsupported``, ``signature.key_too_weak`` or ``signature.key_does_not_fit``.
    """
    if algorithm not in taken:
        expected = ", ".join(taken) or "none: this provider's calls are not signed"
        raise no("signature.alg_unsupported", seen=shown(algorithm), expected=expected)
    known = algorithm_named(algorithm)
    if fault := weakness(key):
        raise no("signature.key_too_weak", seen=f"{describe(key)}: {fault}", expected="a key fresh from openssl")
    if not known.fits(key):
        raise no("signature.key_does_not_fit", seen=f"{algorithm} with {describe(key)}", expected=known.wants)
    return known


def fitting(key: PublicKey, taken: Sequence[str]) -> tuple[str, ...]:
    """Those of the algorithms for which the key is."""
    return tuple(one for one in taken if algorithm_named(one).fits(key))


def imported(key: PublicKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> "ECKey | RSAKey":
    """A key as joserfc has it.

    It is not handed over as text: from text the library would take private keys and certificates too, and would warn
    the host program of short RSA keys, which we refuse with a cause.
    """
    from joserfc.jwk import ECKey, RSAKey

    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return ECKey.import_key(key)
    return RSAKey.import_key(key)


def key_of(certificate: x509.Certificate, *, algorithm: str, deleted_at: datetime | None = None) -> VerifyingKey:
    """The certificate's key under its serial number in decimal, good for as long as the certificate is.

    *deleted_at* is when the certificate was revoked. Raises Refused with ``signature.key_kind_wrong`` for a key that
    no algorithm is for.
    """
    return VerifyingKey(
        kid=str(certificate.serial_number),
        algorithm=algorithm,
        public_key=_public_key(certificate),
        active_from=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        deleted_at=deleted_at,
        name=subject_of(certificate),
    )


def _public_key(certificate: x509.Certificate) -> PublicKey:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        raise _no_use("a key that is not known here") from None
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise _no_use(str(describe(key)))
    return key


def _no_use(key: str) -> Refused:
    seen = f"a certificate with {key}"
    return no("signature.key_kind_wrong", seen=seen, expected="one with an EC or an RSA key")


def read_public_key(text: str) -> PublicKey:
    """The EC or RSA key: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in base64, or in PEM (RFC 7468).

    White space is let go, as `openssl base64` folds its lines.

    Raises Refused with one of the causes ``signature.key_…``.
    """
    try:
        return _read_public_key(text)
    except Refused as refused:
        from ca.request.material import recognise  # only after a failure

        raise _recognised(refused, recognise(text.encode("utf-8", "surrogateescape"))) from None


_CODES = {
    "certificate": "signature.key_certificate_sent",
    "chain": "signature.key_certificate_sent",
    "jwk": "signature.key_jwk_sent",
}
_VAGUE = ("signature.key_not_spki", "signature.key_base64_malformed", "signature.key_certificate_sent")


def _recognised(refused: Refused, found: "Material") -> Refused:
    """The refusal with what the file is, and the command that takes the public key out of it."""
    if refused.code in ("signature.key_private_sent", "signature.key_too_large"):
        return refused
    if found.layers == ("base64", "der"):  # a file in DER is read as base64
        found = replace(found, layers=("der",))
    if found.private:
        return _private(found.words)
    if refused.code not in (*_VAGUE, "signature.key_jwk_sent") or found.kind in (
        "text",
        "binary",
        "empty",
        "other_pem",
    ):
        return refused
    if found.kind == "public_key" and not found.layers:
        return refused
    code = _CODES.get(found.kind, "signature.key_not_spki")
    step = found.conversion("public_key") or refused.reasons[0].next
    return no(code, seen=found.words, expected=FORM, next_step=step)


def _read_public_key(text: str) -> PublicKey:
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


def _other(der: bytes) -> Refused:
    """DER, or just bytes, that are no public key of a form we know."""
    kind = what_der_is(der)
    if "private" in kind:
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
