"""Authorization headers are read as RFC 6750 and RFC 7617 write them, and refused with the right cause."""

import base64

import pytest

from sandbox.errors import Refused
from sandbox.oauth.credentials import (
    FORM,
    JSON,
    MULTIPART,
    InBody,
    InHeaders,
    api_key,
    basic,
    bearer,
    in_body,
    in_headers,
    no_grant,
    unknown_grant,
    way_of,
)


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


def test_the_call_decides_between_the_ways_that_an_endpoint_takes():
    """Whoever uses none of them is told by the last what is missing."""
    both = ("basic", "bearer")
    sent = ({"authorization": one} for one in ("Basic x", "bearer x", "Digest x", ""))
    assert [way_of(both, headers) for headers in (*sent, {})] == ["basic", "bearer", "bearer", "bearer", "bearer"]
    assert way_of(("basic",), {"authorization": "Bearer x"}) == "basic"
    body, own = InBody(), InHeaders(id="x-id", secret="x-secret")
    assert way_of((own, "basic", body), {"x-secret": ""}) is own
    assert way_of((own, "basic", body), {"authorization": "Basic x"}) == "basic"
    assert way_of((own, "basic", body), {}) is body
    assert way_of(("basic", body, own), {"authorization": "Bearer x"}) is own


def test_two_headers_are_id_and_secret():
    """Both are needed; which one is missing is said, and no value of the other."""
    way = InHeaders(id="x-access-client-id", secret="x-access-secret")
    assert in_headers({"x-access-client-id": "me", "x-access-secret": "s"}, way) == ("me", "s")
    with pytest.raises(Refused, match="no x-access-client-id header") as refused:
        in_headers({"x-access-secret": "hidden"}, way)
    assert refused.value.code == "token.credentials_missing" and "hidden" not in str(refused.value)


ANY = InBody(media_types=(FORM, MULTIPART, JSON))
TWO_PARTS = (
    b'--xx\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n12\r\n'
    b'--xx\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; name="client_secret"\r\n\r\na\r\nb--xx'
    b"\r\n--xx--\r\n"
)


@pytest.mark.parametrize(
    ("content_type", "body", "secret"),
    [
        (FORM, b"client_id=12&client_secret=a%26b", "a&b"),
        ("multipart/form-data; boundary=xx", TWO_PARTS, "a\r\nb--xx"),
        ('Multipart/Form-Data; charset=utf-8; boundary="xx"', b"a preamble\r\n" + TWO_PARTS, "a\r\nb--xx"),
        ("application/json; charset=utf-8", b'{"client_id": 12, "client_secret": "\xc3\xa9", "scope": null}', "é"),
    ],
)
def test_a_body_has_id_and_secret(content_type, body, secret):
    """As a form, a multipart form or a JSON object, in which the id may be a number."""
    assert in_body(content_type, body, ANY) == ("12", secret)
    with pytest.raises(Refused) as refused:
        in_body(content_type, body, InBody(media_types=()))
    assert refused.value.code == "token.credentials_missing"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (FORM, b"\xff"),
        (FORM, b"client_id=1&client_id=1"),
        ("multipart/form-data", TWO_PARTS),
        ("multipart/form-data; boundary=yy", TWO_PARTS),
        ("multipart/form-data; boundary=xx", TWO_PARTS.replace(b"--xx--", b"")),
        ("multipart/form-data; boundary=xx", TWO_PARTS.replace(b'; name="client_id"', b"")),
        ("multipart/form-data; boundary=xx", TWO_PARTS.replace(b"12", b"\xff")),
        ("multipart/form-data; boundary=xx", TWO_PARTS.replace(b"client_secret", b"client_id")),
        ("multipart/form-data; boundary=xx", b""),
        ("multipart/form-data; boundary=xx", b"--xx\r\n" * 100 + b"--xx--"),
        (JSON, b"["),
        (JSON, b"[]"),
        (JSON, b"[" * 100_000),
        (JSON, b'{"client_id": {}}'),
        (JSON, b'{"client_id": true}'),
        (JSON, b'{"client_id": 1, "client_id": 2}'),
        (JSON, b"\xff"),
        (JSON, b'{"client_id": "\\ud800", "client_secret": "x"}'),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(content_type, body):
    """Each with one cause, and nothing of the body in it."""
    with pytest.raises(Refused) as refused:
        in_body(content_type, body, ANY)
    assert refused.value.code == "token.form_malformed"


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ('"client_credentials"', 'client_credentials, within " and "'),
        ("client_credentials\n", "client_credentials, with a line feed after it"),
        ("implicit", "implicit"),
        ("Sup3r-Secret", "12 characters that are no grant type"),
    ],
)
def test_a_grant_type_that_there_is_none_of(sent, seen):
    """One in a wrapping is told as that; what has not the form of one is not repeated."""
    assert unknown_grant(sent, known=("client_credentials",)).reasons[0].seen == seen


def test_a_misspelt_grant_type_is_named():
    """Whatever its spelling; a body without any is told as that."""
    for name in ("grantType", "grant-type", "GRANT_TYPE"):
        seen = no_grant(FORM, f"{name}=client_credentials".encode(), b"", expected="x").reasons[0].seen
        assert seen == f"no grant_type, but {name} in a form in a body of {FORM}"
    assert no_grant(FORM, b"a=b", b"", expected="x").reasons[0].seen == "no grant_type in the form"
