"""The JOSE header (RFC 7515 section 4): read strictly, and its plain members judged.

Those that change what must be understood are left to ``critical``, those that speak of signer and time to ``claims``.
"""

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import NoReturn

from sandbox.jose.algorithms import ALGORITHMS, Algorithm
from sandbox.jose.refusing import no, shown
from sandbox.jose.scheme import Scheme

Header = Mapping[str, object]

# A header of four short members is 150 bytes, one with a certificate chain (x5c) 6 kB.
MAX_HEADER_BYTES = 8192

_AN_OBJECT = "a JSON object in UTF-8"


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
            raise no("signature.header_missing", seen=f"no {name} in the header", expected=f"alg, {_list(scheme)}")
    for name in header:
        if scheme.allowed is not None and name not in scheme.allowed:
            raise no("signature.header_unexpected", seen=shown(name), expected=", ".join(sorted(scheme.allowed)))


def _list(scheme: Scheme) -> str:
    return ", ".join(scheme.required)
