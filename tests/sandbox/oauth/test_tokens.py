"""A token is good until the second of its end, and known only by its hash."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.errors import Refused
from sandbox.oauth.clients import Token, digest, judge, shortened
from sandbox.oauth.credentials import FORM, MAX_FIELDS, read_parameters

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TOKEN = Token(
    digest=digest("t"),
    provider="wise",
    client="c",
    kind="client_credentials",
    scope="transfers",
    issued_at=NOW,
    expires_at=NOW + timedelta(seconds=10),
)


def test_a_token_is_good_before_its_end():
    """One microsecond before the end it still is."""
    assert judge(TOKEN, sent="t", now=NOW + timedelta(seconds=10, microseconds=-1)) is TOKEN


@pytest.mark.parametrize(
    ("token", "now", "code"),
    [
        (TOKEN, NOW + timedelta(seconds=10), "token.expired"),
        (None, NOW, "token.unknown"),
        (replace(TOKEN, revoked_at=NOW), NOW, "token.revoked"),
        (replace(TOKEN, revoked_at=NOW), NOW + timedelta(seconds=10), "token.revoked"),
    ],
)
def test_a_bad_token_is_refused(token, now, code):
    """Expired is told apart from never given; neither repeats the token."""
    sent = "0123456789abcdef-whole"
    with pytest.raises(Refused) as refused:
        judge(token, sent=sent, now=now)
    assert refused.value.code == code
    assert sent not in str(refused.value)


def test_a_token_is_good_until_the_instant_of_its_revocation():
    """The clock may be moved back to before it."""
    revoked = replace(TOKEN, revoked_at=NOW + timedelta(seconds=5))
    assert judge(revoked, sent="t", now=NOW + timedelta(seconds=4)) is revoked


def test_a_shortened_token_is_not_the_token():
    """Six characters of a long one, none of a short one."""
    assert shortened("0123456789abcdef") == "012345… (16 characters)"
    assert shortened("short") == "5 characters"


def test_a_form_is_read():
    """Fields are decoded; a charset parameter does not matter."""
    assert read_parameters(f"{FORM}; charset=utf-8", b"grant_type=client_credentials&a=%20b", (FORM,)) == {
        "grant_type": "client_credentials",
        "a": " b",
    }


def test_another_content_type_has_no_fields():
    """JSON is not a form: the grant is then missing, as at the provider's."""
    assert read_parameters("application/json", b'{"grant_type":"x"}', (FORM,)) == {}


@pytest.mark.parametrize("body", [b"a=1&a=2", b"\xff=1", b"&".join(b"f%d=1" % n for n in range(MAX_FIELDS + 1))])
def test_a_bad_form_is_refused(body):
    """A field twice (RFC 6749 section 3.2), bytes that are not UTF-8, and far too many fields."""
    with pytest.raises(Refused) as refused:
        read_parameters(FORM, body, (FORM,))
    assert refused.value.code == "token.form_malformed"
