"""The header is read strictly; members that nobody needs are let be."""

import json

import pytest

from sandbox.jose.reading import MAX_HEADER_BYTES
from sandbox.jose.scheme import ALGORITHMS
from tests.sandbox.jose.making import KID, PATH, PAYLOAD, compact, header, jws, only, opened, public, refused


def text(raw: str) -> bytes:
    """A JWS whose header is this text, signed."""
    return jws(raw.encode("utf-8", "surrogatepass"))


BAD = {
    "not JSON": (text("alg=ES256"), "signature.header_not_json"),
    "cut off": (text('{"alg":"ES256"'), "signature.header_not_json"),
    "two objects": (text('{"alg":"ES256"}{}'), "signature.header_not_json"),
    "invalid UTF-8": (jws(b'{"alg":"\xff"}'), "signature.header_not_json"),
    "UTF-16": (jws('{"alg":"ES256"}'.encode("utf-16")), "signature.header_not_json"),
    "a byte order mark": (jws(b"\xef\xbb\xbf" + compact(header())), "signature.header_not_json"),
    "NaN": (text('{"alg":"ES256","x":NaN}'), "signature.header_not_json"),
    "an endless number": (text('{"alg":"ES256","x":' + "9" * 5000 + "}"), "signature.header_not_json"),
    "deep": (text("[" * 8000), "signature.header_not_json"),
    "a list": (text("[]"), "signature.header_not_object"),
    "a text": (text('"ES256"'), "signature.header_not_object"),
    "null": (text("null"), "signature.header_not_object"),
    "a name twice": (text(json.dumps(header())[:-1] + ', "url": "/else"}'), "signature.header_duplicate"),
    "alg twice": (text('{"alg":"none","alg":"ES256"}'), "signature.header_duplicate"),
    "too long": (text(json.dumps(header(x="x" * MAX_HEADER_BYTES))), "signature.header_too_large"),
    "no alg": (jws(header(alg=...)), "signature.alg_missing"),
    "alg a number": (jws(header(alg=512)), "signature.header_value_wrong"),
    "alg null": (jws(header(alg=None)), "signature.header_value_wrong"),
    "alg none": (jws(header(alg="none")), "signature.alg_none"),
    "alg None": (jws(header(alg="None")), "signature.alg_none"),
    "RS512": (jws(header(alg="RS512")), "signature.alg_unsupported"),
    "HS256": (jws(header(alg="HS256")), "signature.alg_unsupported"),
    "EdDSA": (jws(header(alg="EdDSA")), "signature.alg_unsupported"),
    "lower case": (jws(header(alg="es256")), "signature.alg_unsupported"),
    "not that of the key": (jws(header(alg="ES512")), "signature.alg_does_not_fit"),
    "kid a number": (jws(header(kid=7)), "signature.header_value_wrong"),
    "kid an object": (jws(header(kid={})), "signature.header_value_wrong"),
    "url a list": (jws(header(url=[PATH])), "signature.header_value_wrong"),
    "crit empty": (jws(header(crit=[])), "signature.crit_malformed"),
    "crit a text": (jws(header(crit="exp")), "signature.crit_malformed"),
    "crit of numbers": (jws(header(crit=[1])), "signature.crit_malformed"),
    "crit twice": (jws(header(crit=["exp", "exp"], exp=1)), "signature.crit_malformed"),
    "crit names alg": (jws(header(crit=["alg"])), "signature.crit_malformed"),
    "crit names what is not there": (jws(header(crit=["exp"])), "signature.crit_malformed"),
    "crit unknown": (jws(header(crit=["exp"], exp=1)), "signature.crit_unknown"),
    "crit of url": (jws(header(crit=["url"])), "signature.crit_unknown"),
    "b64 false": (jws(header(b64=False, crit=["b64"])), "signature.payload_unencoded"),
    "b64 false without crit": (jws(header(b64=False)), "signature.payload_unencoded"),
    "b64 a text": (jws(header(b64="false")), "signature.header_value_wrong"),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_a_header_that_is_wrong_in_one_place_is_told_so(body: bytes, code: str) -> None:
    """All of them are signed by the right key: the header alone is at fault."""
    assert refused(body).code == code


@pytest.mark.parametrize(
    "members",
    [{"typ": ...}, {"typ": "JOSE"}, {"typ": 7}, {"cty": "json"}, {"b64": True}, {"jwk": {"kty": "EC"}}, {"x": [[]]}],
    ids=str,
)
def test_members_that_need_not_be_understood_are_let_be(members: dict[str, object]) -> None:
    """RFC 7515 section 4: what is not understood is ignored; typ says nothing to us."""
    assert opened(jws(header(**members))).payload == PAYLOAD


def test_a_header_may_be_written_in_any_layout() -> None:
    """What was signed is never serialized again."""
    for layout in ({"indent": 2}, {"indent": "\t"}, {"sort_keys": True}, {"separators": (" , ", " : ")}):
        assert opened(text(json.dumps(header(), **layout) + "\n")).header == header()


def test_lower_case_is_told_the_name_that_was_meant() -> None:
    """A next step for the commonest slip."""
    assert refused(jws(header(alg="es256"))).next == "write it ES256"


def test_a_scheme_takes_only_its_own_algorithms() -> None:
    """PS256 is good for one provider and not for another."""
    body = jws(algorithm="PS256")
    assert opened(body, public("PS256")).payload == PAYLOAD
    reason = refused(body, public("PS256"), scheme=only("ES256", "ES384"))
    assert (reason.code, reason.expected) == ("signature.alg_unsupported", "ES256 or ES384")


def test_rs256_is_taken_only_where_a_scheme_says_so() -> None:
    """Although it is one of our algorithms, the key is for it, and the signature good; and then nothing else is."""
    body = jws(algorithm="RS256")
    assert opened(body, public("RS256"), scheme=only("RS256")).payload == PAYLOAD
    six = only(*(name for name in ALGORITHMS if name != "RS256"))
    assert refused(body, public("RS256"), scheme=six).code == "signature.alg_unsupported"
    reason = refused(jws(algorithm="PS256"), public("PS256"), scheme=only("RS256"))
    assert (reason.code, reason.next) == ("signature.alg_unsupported", "set alg to RS256, and sign by it")


def test_a_scheme_may_ask_for_members_and_forbid_others() -> None:
    """Both are asked once the signature is known to be good."""
    asks = only("ES256", required=("iss",))
    assert refused(jws(), scheme=asks).code == "signature.header_missing"
    assert opened(jws(header(iss="me")), scheme=asks).header["iss"] == "me"
    allows = only("ES256", allowed=frozenset({"alg", "kid", "url"}))
    assert refused(jws(), scheme=allows).code == "signature.header_unexpected"
    assert opened(jws(header(typ=...)), scheme=allows).payload == PAYLOAD


def test_a_scheme_may_understand_what_is_critical() -> None:
    """Then crit is good, as long as the member is there."""
    understands = only("ES256", critical=frozenset({"iss"}))
    assert opened(jws(header(iss="me", crit=["iss"])), scheme=understands).payload == PAYLOAD
    assert refused(jws(header(crit=["iss"])), scheme=understands).code == "signature.crit_malformed"


def test_a_long_value_is_shortened_and_a_key_is_not_shown() -> None:
    """What came is quoted, bounded and printable."""
    reason = refused(jws(header(kid="\x1b[31m" + "k" * 4000)))
    assert reason.code == "signature.kid_unknown"
    assert "\\x1b" in reason.seen and len(reason.seen) < 200
    assert KID not in reason.seen
    assert "not shown" in refused(jws(header(kid="-----BEGIN PRIVATE KEY-----MIG"))).seen
    assert refused(jws(compact(header(kid="\ud800")))).code == "signature.kid_unknown"
