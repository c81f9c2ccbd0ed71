"""The JOSE header (RFC 7515 section 4): read strictly, and judged as far as it says how to verify.

What it claims of the call, of the signer and of the time is left to ``claims``.
"""

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import NoReturn

from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.scheme import ALGORITHMS, Algorithm, Scheme

Header = Mapping[str, object]

# A header of four short members is 150 bytes, one with a certificate chain (x5c) 6 kB.
MAX_HEADER_BYTES = 8192

_AN_OBJECT = "a JSON object in UTF-8"

# RFC 7515 section 4.1.11: names of RFC 7515 and RFC 7518 themselves must not stand in crit.
_NEVER_CRITICAL = (
    {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"}  # RFC 7515 section 4.1
    | {"enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"}  # RFC 7518 section 4
)


def read_header(data: bytes) -> Header:
    """The header as JSON. Raises Refused when it is too long, no JSON, no object, or says something twice."""
    if len(data) > MAX_HEADER_BYTES:
        raise no("signature.header_too_large", seen=f"{len(data)} bytes", expected=f"at most {MAX_HEADER_BYTES}")
    try:
        header = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise no("signature.header_not_json", seen=f"not UTF-8 at byte {error.start}", expected=_AN_OBJECT) from None
    except json.JSONDecodeError as error:
        raise no("signature.header_not_json", seen=f"{error.msg} at {error.pos}", expected=_AN_OBJECT) from None
    except (ValueError, RecursionError):
        # A number that Python will not compute with, NaN, or brackets without end.
        raise no("signature.header_not_json", seen="a value that is out of bounds", expected=_AN_OBJECT) from None
    if not isinstance(header, dict):
        raise no("signature.header_not_object", seen=f"JSON: {shown(header)}", expected=_AN_OBJECT)
    return header


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of the header. RFC 7515 section 4: names must be unique, or two readers see two headers."""
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    names = sorted(name for name, _ in pairs)
    twice = next(name for name, following in pairwise(names) if name == following)
    raise no("signature.header_duplicate", seen=f"{shown(twice)} more than once", expected="each name once")


def _constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which Python would read, are not JSON


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_constant)


def text_of(header: Header, name: str) -> str | None:
    """A member that must be a text where it is there at all."""
    value = header.get(name)
    if isinstance(value, str) or name not in header:
        return value if isinstance(value, str) else None
    raise no("signature.header_value_wrong", seen=f"{name}: {shown(value)}", expected=f"{name}: a text")


def algorithm_of(header: Header, scheme: Scheme) -> Algorithm:
    """The algorithm that the header names, if the scheme takes it."""
    name = text_of(header, "alg")
    expected = " or ".join(scheme.algorithms)
    if name in scheme.algorithms:
        return ALGORITHMS[name]
    if name is None:
        raise no("signature.alg_missing", seen="no alg in the header", expected=expected)
    if name.lower() == "none":
        raise no("signature.alg_none", seen=f"alg: {shown(name)}", expected=expected)
    meant = next((f"write it {known}" for known in scheme.algorithms if known == name.upper()), "")
    if not meant and len(scheme.algorithms) == 1:
        meant = f"set alg to {expected}, and sign by it"
    raise no("signature.alg_unsupported", seen=f"alg: {shown(name)}", expected=expected, next_step=meant)


def judge_names(header: Header, scheme: Scheme) -> None:
    """Which members must be there and which may. Asked after the signature, so that one cut out is found as that."""
    for name in scheme.required:
        if name not in header:
            raise no(
                "signature.header_missing",
                seen=f"no {name} in the header",
                expected=f"alg, {', '.join(scheme.required)}",
            )
    for name in header:
        if scheme.allowed is not None and name not in scheme.allowed:
            raise no("signature.header_unexpected", seen=shown(name), expected=", ".join(sorted(scheme.allowed)))


def judge_critical(header: Header, scheme: Scheme) -> None:
    """Raises Refused unless ``b64`` (RFC 7797) and ``crit`` (RFC 7515 section 4.1.11) are what the scheme asks for.

    To be asked before anything is verified: they say what must be understood.
    """
    if scheme.unencoded:
        _require_unencoded(header)
    elif "b64" in header and "b64" not in scheme.critical:
        _judge_b64(header["b64"])
    if "crit" in header:
        _judge_crit(header, scheme)
    elif scheme.critical_exactly:
        raise no("signature.crit_missing", seen="no crit in the header", expected=_exactly(scheme))


def _judge_crit(header: Header, scheme: Scheme) -> None:
    named = header["crit"]
    if not isinstance(named, list) or not named or not all(isinstance(name, str) for name in named):
        raise _malformed(f"crit: {shown(named)}", "a list of texts, not empty", scheme)
    if len(set(named)) != len(named):
        raise _malformed("a name twice in crit", "each name once", scheme)
    for name in named:
        _judge_name(name, header, scheme)
    if missing := (scheme.critical_exactly or frozenset()) - set(named):
        seen = f"a crit without {_names(missing)}"
        raise no("signature.crit_incomplete", seen=seen, expected=_exactly(scheme))


def _judge_name(name: str, header: Header, scheme: Scheme) -> None:
    if name in _NEVER_CRITICAL:
        expected = "only names that RFC 7515 and RFC 7518 do not define themselves"
        raise _malformed(f"{shown(name)} in crit", expected, scheme)
    if scheme.critical_exactly is not None and name not in scheme.critical_exactly:
        raise no("signature.crit_unknown", seen=f"crit: {shown(name)}", expected=_exactly(scheme))
    if name not in header:
        seen = f"{shown(name)} in crit, but not in the header"
        if scheme.critical_exactly is not None:
            raise no("signature.header_missing", seen=seen, expected=f"the member {shown(name)} itself beside crit")
        raise _malformed(seen, "only names that stand in the header", scheme)
    if scheme.critical_exactly is None and name not in scheme.critical:
        understood = ", ".join(sorted(scheme.critical)) or "no crit at all"
        raise no("signature.crit_unknown", seen=f"crit: {shown(name)}", expected=understood)


def _require_unencoded(header: Header) -> None:
    if header.get("b64") is not False:
        # RFC 7797 section 3: without b64 it is true, and the payload signed in base64url.
        seen = f"b64: {shown(header['b64'])}" if "b64" in header else "no b64 in the header, which means b64: true"
        raise no("signature.b64_wrong", seen=seen, expected="b64: false, without quotes")


def _judge_b64(value: object) -> None:
    if value is False:
        raise no("signature.payload_unencoded", seen="b64: false", expected="a payload in base64url, and no b64")
    if value is not True:
        raise no("signature.header_value_wrong", seen=f"b64: {shown(value)}", expected="no b64")


def _malformed(seen: str, expected: str, scheme: Scheme) -> Refused:
    step = f"write {_exactly(scheme)}" if scheme.critical_exactly else ""
    return no("signature.crit_malformed", seen=seen, expected=expected, next_step=step)


def _exactly(scheme: Scheme) -> str:
    return f"crit with exactly {_names(scheme.critical_exactly or frozenset())}, in any order"


def _names(names: frozenset[str]) -> str:
    return ", ".join(map(shown, sorted(names)))
