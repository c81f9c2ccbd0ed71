"""Authorization headers are read as RFC 6750 and RFC 7617 write them, and refused with the right cause."""

import base64

import pytest

from sandbox.errors import Refused
from sandbox.oauth.credentials import api_key, basic, bearer, scheme_of


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "  Bearer   abc "])
def test_a_bearer_token_is_found(header):
    """The scheme's name is not case-sensitive (RFC 9110 section 11.1); spaces do not matter."""
    assert bearer(header) == "abc"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token.missing"),
        ("", "token.missing"),
        ("   ", "token.missing"),
        ("Bearer", "token.missing"),
        ("Bearer   ", "token.missing"),
        ("Basic YTpi", "token.scheme_wrong"),
        ("abc", "token.scheme_wrong"),
    ],
)
def test_no_bearer_token_is_refused(header, code):
    """What is not a bearer token is told apart from none at all."""
    with pytest.raises(Refused) as refused:
        bearer(header)
    assert refused.value.code == code


@pytest.mark.parametrize("secret", ["s", "", "with:colon", "ünïcode"])
def test_basic_credentials_are_read(secret):
    """The first colon ends the id; the secret may have more of them."""
    assert basic(f"Basic {encoded(f'id:{secret}')}") == ("id", secret)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token.credentials_missing"),
        ("Bearer abc", "token.scheme_wrong"),
        ("Basic", "token.credentials_malformed"),
        ("Basic ???", "token.credentials_malformed"),
        ("Basic " + encoded("no-colon"), "token.credentials_malformed"),
        ("Basic " + base64.b64encode(b"\xff\xfe:x").decode(), "token.credentials_malformed"),
    ],
)
def test_bad_basic_credentials_are_refused(header, code):
    """Each way of getting the header wrong has its own cause."""
    with pytest.raises(Refused) as refused:
        basic(header)
    assert refused.value.code == code


def test_a_refusal_never_shows_what_was_sent():
    """Credentials that cannot be read may still be somebody's: they are not repeated."""
    with pytest.raises(Refused) as refused:
        basic("Basic " + encoded("my-secret-without-colon"))
    assert "my-secret" not in str(refused.value)


def test_an_api_key_is_the_user_with_an_empty_password():
    """The colon is part of Basic credentials; a password beside the key is a mistake that is told."""
    assert api_key(f"Basic {encoded('bb09c2b6:')}") == "bb09c2b6"
    for text, seen in (("bb09c2b6", "no colon"), ("bb09c2b6:x", "a password of 1 characters")):
        with pytest.raises(Refused) as refused:
            api_key(f"Basic {encoded(text)}")
        assert refused.value.code == "token.credentials_malformed"
        assert seen in refused.value.reasons[0].seen


def test_the_scheme_decides_between_the_ways_that_an_endpoint_takes():
    """Whoever sends neither is told by the last of them what is missing."""
    both = ("basic", "bearer")
    assert [scheme_of(header, among=both) for header in ("Basic x", "bearer x", "Digest x", "", None)] == [
        "basic",
        "bearer",
        "bearer",
        "bearer",
        "bearer",
    ]
    assert scheme_of("Bearer x", among=("basic",)) == "basic"
