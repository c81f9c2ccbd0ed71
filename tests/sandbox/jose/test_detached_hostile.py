"""Whatever comes in the header or as the body, the answer is a refusal; and soon."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import visible
from sandbox.errors import Refused
from sandbox.journal.causes import CAUSES
from tests.sandbox.jose.detaching import (
    BODY,
    CRIT,
    ISS,
    KID,
    OTHER_SERIAL,
    beside,
    header,
    jws,
    key,
    opened,
    over,
    part,
    pretty,
    sign,
)
from tests.sandbox.jose.test_hostile import SOON

GOOD = jws()
HEAD, SIGNATURE = GOOD.split("..")
KEYS = (key(1, serial=OTHER_SERIAL), key())

members = st.dictionaries(
    st.sampled_from(["alg", "kid", "iat", "iss", "b64", "crit", "typ", "", "\0"]) | st.text(max_size=5),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text()
        | st.sampled_from(["RS256", KID, ISS, "1f23f36a87", *CRIT]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=6,
)


def judged(value: str, body: bytes = BODY, keys: Any = KEYS) -> str:
    """The code of the refusal, or "" when it was taken. Anything else fails the test."""
    try:
        opened(value, *keys, payload=body)
    except Refused as refused:
        (reason,) = refused.reasons
        assert reason.code in CAUSES
        for text in (reason.seen, reason.expected, reason.next):
            assert visible(text, 400) == text
        return reason.code
    return ""


@settings(deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_any_text(value: str) -> None:
    """Not one of them is taken."""
    assert judged(value)


@settings(deadline=None)
@given(st.text(alphabet='eyJhbGciOi.-_=+/, \n"{}[]M', max_size=120))
def test_what_looks_like_a_jws(value: str) -> None:
    """Nor what is made of the same characters."""
    assert judged(value)


@settings(deadline=None, max_examples=200)
@given(members, st.binary(max_size=50), st.binary(max_size=260))
def test_any_header(value: dict[str, object], body: bytes, signature: bytes) -> None:
    """With any body and any signature: refused."""
    assert judged(beside(json.dumps(value).encode(), signature), body)


@settings(deadline=None, max_examples=200)
@given(members)
def test_any_header_that_is_nearly_good(value: dict[str, object]) -> None:
    """The good header with members exchanged, and the signature of the good one."""
    head = {**header(), **value}
    assert judged(beside(pretty(head), sign(over()))) or head == header()


@settings(deadline=None, max_examples=100)
@given(members)
def test_any_header_that_is_signed(value: dict[str, object]) -> None:
    """With a signature of its own: what is taken says what must be said, and nothing is an error."""
    head = {**header(), **value}
    if judged(jws(pretty(head))) == "":
        assert (head["alg"], head["kid"], head["b64"], sorted(head["crit"])) == ("RS256", KID, False, CRIT)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_character_changed(data: st.DataObject) -> None:
    """Each character of the value counts; hypothesis changes, inserts and deletes one."""
    at = data.draw(st.integers(0, len(GOOD) - 1))
    changed = GOOD[:at] + data.draw(st.text(max_size=2)) + GOOD[at + 1 :]
    assert (judged(changed) == "") == (changed == GOOD)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_body(body: bytes) -> None:
    """Under the signature of another one."""
    assert judged(GOOD, body) or body == BODY


MEGABYTE = 1_048_576
LARGE: dict[str, tuple[str, bytes]] = {
    "zeros": ("\0" * MEGABYTE, BODY),
    "dots": ("." * MEGABYTE, BODY),
    "commas": ("," * MEGABYTE, BODY),
    "dots and commas": ("..," * (MEGABYTE // 3), BODY),
    "letters": ("A" * MEGABYTE, BODY),
    "white space": (" " * MEGABYTE, BODY),
    "hyphens": ("-" * MEGABYTE, BODY),
    "hyphens and spaces": ("- " * (MEGABYTE // 2), BODY),
    "BEGIN": ("-----BEGIN " * (MEGABYTE // 11), BODY),
    "braces": ("{" * MEGABYTE, BODY),
    "deep JSON": ("[" * (MEGABYTE // 2) + "]" * (MEGABYTE // 2), BODY),
    "JSON with many d": ('{"kty":' + '"d" ' * 4000 + "}", BODY),
    "not ASCII": ("é" * MEGABYTE, BODY),
    "base64 of noise": ("MIIEvgIBADANBgkqhkiG9w0BAQEF" * 580, BODY),
    "a deep header": (f"{part(b'[' * 8000).decode()}..AA", BODY),
    "a header of a megabyte": ("A" * MEGABYTE + "..AA", BODY),
    "a signature of a megabyte": (f"{HEAD}..{'A' * MEGABYTE}", BODY),
    "a signature of 2 kB of hexadecimal": (beside(pretty(header()), b"ab" * 1000), BODY),
    "a body of a megabyte": (GOOD, b"[1, 2]" * 170_000),
    "a body of 60 kB": (GOOD, json.dumps({f"é/{n}": n for n in range(4000)}).encode()),
    "a body of 4 kB": (GOOD, json.dumps({f"é/{n}": n for n in range(250)}, ensure_ascii=False).encode()),
    "a deep body": (GOOD, b"[" * 2000 + b"]" * 2000),
    "a number of 4000 digits": (GOOD, b"9" * 4000),
    "a body of NUL": (GOOD, bytes(MEGABYTE)),
    "members in hundreds": (beside(pretty({**header(), **{str(n): 0 for n in range(90)}}), sign(b"")), BODY),
    "crit without end": (jws(header(crit=[str(n) for n in range(900)])), BODY),
    "an iat of 4000 digits": (jws(b'{"iat":' + b"9" * 4000 + b"," + pretty(header(iat=...))[1:]), BODY),
    "an iat of 5000 digits": (jws(b'{"iat":' + b"9" * 5000 + b"," + pretty(header(iat=...))[1:]), BODY),
    "a kid without end": (jws(header(kid="1f23f36a87" * 700)), BODY),
    "an iss without end": (jws(header(iss="C=GB," * 1500)), BODY),
    "an iss of backslashes": (jws(header(iss="\\" * 3900)), BODY),
    "an iss of quotes": (jws(header(iss='"' * 3900)), BODY),
    "an iss of slashes": (jws(header(iss="/a=" * 2400)), BODY),
}


@pytest.mark.parametrize(("value", "body"), LARGE.values(), ids=LARGE)
def test_large_things_are_refused_soon(value: str, body: bytes) -> None:
    """Far more than a door takes in a header; the work on it is bounded."""
    begun = time.process_time()
    assert judged(value, body)
    assert time.process_time() - begun < SOON


@pytest.mark.parametrize("kid", [KID, "1f23f36a87", "1", "x" * 100, ...])
def test_thousands_of_certificates_are_searched_soon(kid: object) -> None:
    """Nobody has so many; whoever does waits no longer than others."""
    keys = [key(1, serial=OTHER_SERIAL)] * 5000
    begun = time.process_time()
    assert judged(jws(header(kid=kid)), b"another body", keys)
    assert judged(jws(header(kid=kid)), b"another body", [*keys, key()])
    assert time.process_time() - begun < SOON
