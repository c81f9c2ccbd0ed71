"""``crit`` and ``b64`` where a scheme has the payload unencoded: the exact set, each once, and b64 false."""

import itertools

import pytest

from tests.sandbox.jose.detaching import BODY, CRIT, header, jws, opened, refused, scheme

WRONG = {
    "crit missing": (header(crit=...), "signature.crit_missing"),
    "crit without iss": (header(crit=["b64", "iat"]), "signature.crit_incomplete"),
    "crit without b64": (header(crit=["iat", "iss"]), "signature.crit_incomplete"),
    "crit of b64 alone": (header(crit=["b64"]), "signature.crit_incomplete"),
    "crit with another": (header(crit=[*CRIT, "exp"], exp=1), "signature.crit_unknown"),
    "crit with another that is not there": (header(crit=[*CRIT, "exp"]), "signature.crit_unknown"),
    "crit in capitals": (header(crit=["B64", "iat", "iss"]), "signature.crit_unknown"),
    "crit with kid": (header(crit=[*CRIT, "kid"]), "signature.crit_malformed"),
    "crit with itself": (header(crit=[*CRIT, "crit"]), "signature.crit_malformed"),
    "crit with a name twice": (header(crit=[*CRIT, "iat"]), "signature.crit_malformed"),
    "crit empty": (header(crit=[]), "signature.crit_malformed"),
    "crit a text": (header(crit="b64,iat,iss"), "signature.crit_malformed"),
    "crit of lists": (header(crit=[CRIT]), "signature.crit_malformed"),
    "crit null": (header(crit=None), "signature.crit_malformed"),
    "b64 missing": (header(b64=...), "signature.b64_wrong"),
    "b64 missing, also in crit": (header(b64=..., crit=["iat", "iss"]), "signature.b64_wrong"),
    "b64 true": (header(b64=True), "signature.b64_wrong"),
    "b64 a text": (header(b64="false"), "signature.b64_wrong"),
    "b64 0": (header(b64=0), "signature.b64_wrong"),
    "b64 null": (header(b64=None), "signature.b64_wrong"),
    "iss missing": (header(iss=...), "signature.header_missing"),
    "iat missing": (header(iat=...), "signature.header_missing"),
}


@pytest.mark.parametrize(("head", "code"), WRONG.values(), ids=WRONG)
def test_what_must_be_understood_is_there(head: dict[str, object], code: str) -> None:
    """All of them are signed as they are, by the right key: the header alone is at fault."""
    assert refused(jws(head)).code == code


@pytest.mark.parametrize("names", [*itertools.permutations(CRIT)])
def test_the_order_does_not_matter(names: tuple[str, ...]) -> None:
    """Both official samples have another one."""
    assert opened(jws(header(crit=list(names)))).payload == BODY


def test_the_whole_set_is_said() -> None:
    """Whatever is wrong with crit, one knows afterwards what it must be."""
    for crit in (["b64"], [*CRIT, "exp"], ...):
        reason = refused(jws(header(crit=crit, exp=1)))
        assert all(f'"{name}"' in reason.expected for name in CRIT)
    assert '"b64", "iat", "iss"' in refused(jws(header(crit="b64"))).next
    assert 'a crit without "iat", "iss"' in refused(jws(header(crit=["b64"]))).seen
    assert '"iss"' in refused(jws(header(iss=...))).seen


def test_b64_false_is_no_text() -> None:
    """The reason says what stands there, and what its absence means."""
    assert refused(jws(header(b64="false"))).seen == 'b64: "false"'
    assert "means b64: true" in refused(jws(header(b64=...))).seen


def test_an_empty_set_forbids_crit() -> None:
    """Nothing is critical, so nothing may be said to be."""
    none = scheme(critical_exactly=frozenset())
    assert refused(jws(), scheme=none).code == "signature.crit_unknown"
    assert opened(jws(header(crit=...)), scheme=none).payload == BODY
