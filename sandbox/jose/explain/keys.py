"""Why none of a client's keys is the one for a signature: the words, once ``verify.choose`` has found none."""

import difflib
from collections.abc import Sequence
from datetime import datetime

from ca.clock import write_time
from ca.x509.keys import describe
from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.scheme import MIN_RSA_BITS, Algorithm

# Names listed to a person who mistyped one.
LISTED_KIDS = 5
# Names that a mistyped one is compared with, which is slow; nobody has more keys in rotation.
COMPARED_KIDS = 20
# A kid is a UUID, or a short name. Longer ones are not worth comparing.
COMPARED_CHARACTERS = 100
_SERIAL = "openssl x509 -in CERTIFICATE.pem -noout -serial"


def not_chosen(
    keys: Sequence[VerifyingKey],
    named: Sequence[VerifyingKey],
    active: Sequence[VerifyingKey],
    *,
    kid: str | None,
    algorithm: Algorithm,
    now: datetime,
    certified: bool,
) -> Refused:
    """The one cause. *named* are the keys that *kid* names (all where there is none), *active* those in time."""
    if not keys:
        return _none_yet(certified=certified)
    if not named:
        return _unknown(kid, keys)
    if not active:
        return _not_active(named[-1], now)
    if kid is None and len(active) > 1:
        return no(
            "signature.kid_missing",
            seen=f"no kid in the header, and {len(active)} active keys",
            expected=f"kid: {_listed(active)}",
        )
    return _does_not_fit(active[-1], algorithm)


def _none_yet(*, certified: bool) -> Refused:
    if not certified:
        return no("signature.no_key", seen="no public key of this client", expected="one key at least")
    return no(
        "signature.no_key",
        seen="no certificate of this client for signatures",
        expected="one certificate at least",
        next_step="make a key and a CSR for signatures, and have the provider issue a certificate for it",
    )


def _does_not_fit(key: VerifyingKey, algorithm: Algorithm) -> Refused:
    if key.algorithm != algorithm.name or key.name is None:
        return no(
            "signature.alg_does_not_fit",
            seen=f"alg: {shown(algorithm.name)}",
            expected=f"alg: {shown(key.algorithm)}, as {key} is registered ({describe(key.public_key)})",
        )
    # Nobody asked at its registration: a certificate may bring a key of any kind and size.
    why = f" (RFC 7518 asks for {MIN_RSA_BITS} at least, whatever older samples have)" * (not algorithm.curve)
    return no(
        "signature.key_does_not_fit",
        seen=f"{algorithm.name} with {key}: {describe(key.public_key)}",
        expected=f"{algorithm.wants}{why}",
        next_step=_another(key),
    )


def _unknown(kid: str | None, keys: Sequence[VerifyingKey]) -> Refused:
    seen = f"kid: {shown(kid)}"
    if serial := _in_decimal(kid or "", keys):
        step = f"turn what {_SERIAL} prints into decimal; in a shell: python3 -c 'print(int(\"{int(serial):X}\", 16))'"
        seen += ", the serial number of a certificate of yours in hexadecimal"
        return no("signature.kid_hex", seen=seen, expected=f"it in decimal, kid: {shown(serial)}", next_step=step)
    known = [key.kid for key in keys if key.kid is not None]
    near = difflib.get_close_matches((kid or "")[:COMPARED_CHARACTERS], known[-COMPARED_KIDS:], n=1, cutoff=0.8)
    step = f"did you mean {shown(near[0])}? A kid is compared character for character" if near else ""
    if not step and keys[-1].name is not None:
        step = f"kid is the serial number of your certificate in decimal; in hexadecimal it is shown by: {_SERIAL}"
    return no("signature.kid_unknown", seen=seen, expected=f"kid: {_listed(keys)}", next_step=step)


def _in_decimal(kid: str, keys: Sequence[VerifyingKey]) -> str:
    """The kid of the certificate's key that is meant by its serial number in hexadecimal; "" when none is."""
    if len(kid) > COMPARED_CHARACTERS:
        return ""
    bare = kid.strip().lower().replace(":", "").replace(" ", "").removeprefix("0x").lstrip("0")
    certified = (key.kid for key in keys if key.name is not None and key.kid is not None)
    return next((each for each in certified if each.isdecimal() and f"{int(each):x}" == bare), "")


def _not_active(key: VerifyingKey, now: datetime) -> Refused:
    code, seen = _standing(key, now)
    expected = f"a key that is active at {write_time(now)}"
    return no(code, seen=f"{key}, {seen}", expected=expected, next_step=_another(key))


def _standing(key: VerifyingKey, now: datetime) -> tuple[str, str]:
    match key.status(now):
        case "deleted" if key.deleted_at:
            word = "deleted" if key.name is None else "whose certificate was revoked or deleted"
            return "signature.key_deleted", f"{word} at {write_time(key.deleted_at)}"
        case "expired" if key.expires_at:
            return "signature.key_expired", f"expired at {write_time(key.expires_at)}"
    return "signature.key_not_yet_active", f"active from {write_time(key.active_from or now)}"


def _another(key: VerifyingKey) -> str:
    """The next step where keys come from certificates; "" where they are registered, for which the table has one."""
    return (
        "" if key.name is None else "sign with the key of another certificate, or send a CSR and have a new one issued"
    )


def _listed(keys: Sequence[VerifyingKey]) -> str:
    names = [shown(key.kid) if key.kid is not None else "none (a key without a kid)" for key in keys[-LISTED_KIDS:]]
    return " or ".join(names) + (f" and {len(keys) - LISTED_KIDS} more" if len(keys) > LISTED_KIDS else "")
