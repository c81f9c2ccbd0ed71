"""Opening what a client has signed, and signing what the provider says, as a JWS (RFC 7515 sections 5.1 and 5.2).

Opening is one verification if all is well, and otherwise the one cause that fits best. The HTTP headers around it, and
what the payload means, are left to the provider; what stands in the header of a reply, to the caller.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.x509.keys import read_key_der, write_key_der
from sandbox.jose import no, shown
from sandbox.jose.claims import judge_issued_at, judge_issuer, judge_url
from sandbox.jose.keys import VerifyingKey, imported
from sandbox.jose.reading import (
    Header,
    Jws,
    algorithm_of,
    encode,
    judge_critical,
    judge_names,
    read_compact,
    read_detached,
    text_of,
)
from sandbox.jose.scheme import ALGORITHMS, ENCRYPTIONS, Algorithm, PublicKey, Scheme

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_json = json.JSONEncoder(separators=(",", ":")).encode
NEW_RSA_BITS = 2048
"""The least that RFC 7518 allows, and the quickest to make and to sign with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a client said, as its signature vouches for it."""

    header: Header
    payload: bytes = field(repr=False)
    """The very bytes that were signed."""
    key: VerifyingKey


def open_compact(body: bytes, *, scheme: Scheme, keys: Sequence[VerifyingKey], path: str, now: datetime) -> Verified:
    """What the compact JWS *body* says (RFC 7515 section 5.2).

    *keys* are all of the client's, also those expired and deleted, so that a refusal can say so. *path* is that of
    the call as it was requested, percent-encoding and all, without the query. Raises Refused with one cause
    ``signature.…``.
    """
    if scheme.unencoded:
        raise RuntimeError("a scheme whose JWS is detached")
    return _open(read_compact(body), scheme=scheme, keys=keys, path=path, now=now)


def open_detached(
    signature: str, *, payload: bytes, scheme: Scheme, keys: Sequence[VerifyingKey], now: datetime
) -> Verified:
    """What *payload* says, byte for byte, as the detached JWS *signature* vouches for it (RFC 7797).

    *keys* and refusals are as with ``open_compact``. The payload may be empty.
    """
    if not scheme.unencoded:
        raise RuntimeError("a scheme whose JWS has its payload within it")
    return _open(read_detached(signature, payload), scheme=scheme, keys=keys, path="", now=now)


def choose(
    keys: Sequence[VerifyingKey], *, kid: str | None, algorithm: Algorithm, now: datetime, certified: bool = False
) -> VerifyingKey:
    """The one active key that *kid* names, or that is the only one; and it is for the algorithm.

    *certified* says that keys come from certificates, also where there is none yet.
    """
    named = keys if kid is None else [key for key in keys if key.kid == kid]
    active = [key for key in named if key.status(now) == "active"]
    if active and (kid is not None or len(active) == 1):
        chosen = active[-1]
        if chosen.algorithm == algorithm.name and algorithm.fits(chosen.public_key):
            return chosen
    from sandbox.jose.explain.keys import not_chosen

    raise not_chosen(keys, named, active, kid=kid, algorithm=algorithm, now=now, certified=certified)


def _open(jws: Jws, *, scheme: Scheme, keys: Sequence[VerifyingKey], path: str, now: datetime) -> Verified:
    algorithm = algorithm_of(jws.header, scheme)
    # The library takes a crit that names too little, so it is judged before the library is asked.
    judge_critical(jws.header, scheme)
    kid = text_of(jws.header, "kid")
    keys = _signers(keys, kid, scheme)
    key = choose(keys, kid=kid, algorithm=algorithm, now=now, certified=scheme.issuer)
    if jws.encoded and not jws.payload:
        raise no("signature.payload_empty", seen="nothing between the two dots", expected="a payload in base64url")
    if not key.verifies(jws.signing_input, jws.signature, algorithm=algorithm):
        # Only now: nobody whose signature is good pays for the search.
        from sandbox.jose.explain.search import Suspect, explain

        raise explain(Suspect(jws=jws, scheme=scheme, algorithm=algorithm, key=key, keys=keys, path=path, now=now))
    # What the header says of the call is asked last: a signature that does not hold vouches for no url.
    judge_names(jws.header, scheme)
    if scheme.url:
        judge_url(jws.header, path)
    if scheme.issuer:
        judge_issuer(jws.header, key)
    if scheme.issued_at:
        judge_issued_at(jws.header, now)
    return Verified(header=jws.header, payload=jws.payload, key=key)


def _signers(keys: Sequence[VerifyingKey], kid: str | None, scheme: Scheme) -> Sequence[VerifyingKey]:
    """Those of the client's keys that are for signatures. Raises Refused where the header names one that is not."""
    signers = [key for key in keys if key.algorithm in scheme.algorithms]
    if kid is None or len(signers) == len(keys) or kid in [key.kid for key in signers]:
        return signers
    expected = "the kid of a key for signatures of calls"
    for key in (one for one in keys if one.kid == kid):
        if key.algorithm in ENCRYPTIONS:
            seen = f"kid: {shown(kid)}, a key to which replies are encrypted"
            raise no("signature.key_for_encryption", seen=seen, expected=expected)
        seen = f"kid: {shown(kid)}, a key for {key.algorithm}"
        raise no("signature.key_for_approval", seen=seen, expected=expected)
    return signers


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key of the provider's, and the one algorithm that it signs with."""

    algorithm: str
    private_key: PrivateKey = field(repr=False)
    _imported: "ECKey | RSAKey | None" = field(default=None, init=False, repr=False, compare=False)
    """As joserfc has it, from the first signature on: importing a key costs as much as signing with it."""

    @property
    def public_key(self) -> PublicKey:
        return self.private_key.public_key()

    @property
    def joserfc(self) -> "ECKey | RSAKey":
        """The key as the library has it. Raises RuntimeError where it is not one for its algorithm: a fault of ours."""
        key = self._imported
        if key is None:
            key = _imported(self)
            object.__setattr__(self, "_imported", key)  # frozen for everybody else
        return key


def make_signing_key(algorithm: str) -> SigningKey:
    """A new key for one of ALGORITHMS. RSA takes a tenth of a second."""
    from joserfc.jwk import ECKey, RSAKey

    curve = ALGORITHMS[algorithm].curve
    made = ECKey.generate_key(curve) if curve else RSAKey.generate_key(NEW_RSA_BITS)
    return SigningKey(algorithm=algorithm, private_key=_for_signing(made.private_key))


def write_signing_key(key: SigningKey) -> bytes:
    """The key as PKCS#8 DER without a password, for a store that is itself private."""
    return write_key_der(key.private_key)


def read_signing_key(der: bytes, *, algorithm: str) -> SigningKey:
    """The key that write_signing_key wrote."""
    return SigningKey(algorithm=algorithm, private_key=_for_signing(read_key_der(der)))


def seal_compact(payload: bytes, *, key: SigningKey, header: Mapping[str, object]) -> str:
    """The JWS of *payload*. The header's members stand in the order given; ``alg`` is one of them, and the key's.

    The library only signs. Its own function judges header and key at each call, which are ours and were judged.
    """
    _require_algorithm(key, header)
    signing_input = encode(_json(dict(header)).encode()) + b"." + encode(payload)
    signature = ALGORITHMS[key.algorithm].joserfc.sign(signing_input, key.joserfc)
    return (signing_input + b"." + encode(signature)).decode("ascii")


def seal_detached(payload: bytes, *, key: SigningKey, header: Mapping[str, object]) -> str:
    """The detached JWS of *payload* as it is (RFC 7797); ``b64`` and ``crit`` are members of the header.

    The library only signs. Its own function fails on a payload that is not UTF-8, and attaches one of letters only.
    """
    _require_algorithm(key, header)
    critical = header.get("crit")
    if header.get("b64") is not False or not isinstance(critical, list) or "b64" not in critical:
        raise RuntimeError("a detached JWS without b64: false, or without b64 in crit (RFC 7797 section 6)")
    header_part = encode(_json(dict(header)).encode())
    signature = ALGORITHMS[key.algorithm].joserfc.sign(header_part + b"." + payload, key.joserfc)
    return (header_part + b".." + encode(signature)).decode("ascii")


def _require_algorithm(key: SigningKey, header: Mapping[str, object]) -> None:
    if header.get("alg") != key.algorithm:
        raise RuntimeError(f"a header with alg {header.get('alg')!r} for a key of {key.algorithm}")


def _imported(key: SigningKey) -> "ECKey | RSAKey":
    from joserfc.errors import JoseError

    made = imported(key.private_key)
    try:
        ALGORITHMS[key.algorithm].joserfc.check_key(made)
    except JoseError as error:
        raise RuntimeError(f"a key that does not sign with {key.algorithm}: {error}") from error
    return made


def _for_signing(key: object) -> PrivateKey:
    if not isinstance(key, PrivateKey):
        raise RuntimeError("JWS signs with EC and RSA keys only")
    return key
