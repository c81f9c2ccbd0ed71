"""What must be understood before anything is verified: ``crit`` (RFC 7515 section 4.1.11) and ``b64`` (RFC 7797)."""

from sandbox.errors import Refused
from sandbox.jose.header import Header
from sandbox.jose.refusing import no, shown
from sandbox.jose.scheme import Scheme

# RFC 7515 section 4.1.11: names of RFC 7515 and RFC 7518 themselves must not stand in crit.
_NEVER_CRITICAL = (
    {"alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"}  # RFC 7515 section 4.1
    | {"enc", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"}  # RFC 7518 section 4
)


def judge_critical(header: Header, scheme: Scheme) -> None:
    """Raises Refused unless ``b64`` and ``crit`` are what the scheme has them be."""
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
        seen = f"a crit without {_list(missing)}"
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
    return f"crit with exactly {_list(scheme.critical_exactly or frozenset())}, in any order"


def _list(names: frozenset[str]) -> str:
    return ", ".join(map(shown, sorted(names)))
