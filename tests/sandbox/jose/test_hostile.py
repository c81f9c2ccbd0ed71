"""Whatever comes, the answer is a refusal; and soon."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.errors import visible
from sandbox.errors import Refused
from sandbox.jose.keys import read_public_key
from sandbox.journal.causes import CAUSES
from tests.sandbox.jose.making import OTHER_KID, PATH, PAYLOAD, compact, exchanged, header, jws, opened, part, public

GOOD = {algorithm: jws(algorithm=algorithm) for algorithm in ("ES256", "PS256")}
KEYS = {
    algorithm: (public(algorithm, 1, kid=OTHER_KID), public(algorithm, kid=None), public(algorithm))
    for algorithm in GOOD
}
SOON = 2.0
"""Seconds of this process, whatever else the computer does: half a second for the worst of a megabyte."""

members = st.dictionaries(
    st.sampled_from(["alg", "typ", "kid", "url", "crit", "b64", "jwk", "x5c", "", "\0"]) | st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["ES256", "PS256", PATH]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=6,
)


def judged(body: bytes, algorithm: str = "ES256") -> str:
    """The code of the refusal, or "" when it was taken. Anything else fails the test."""
    try:
        opened(body, *KEYS[algorithm])
    except Refused as refused:
        (reason,) = refused.reasons
        assert reason.code in CAUSES
        for text in (reason.seen, reason.expected, reason.next):
            assert visible(text, 400) == text
        return reason.code
    return ""


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_bytes(body: bytes) -> None:
    """Not one of them is taken."""
    assert judged(body)


@settings(deadline=None)
@given(st.text(alphabet='eyJhbGciOi.-_=+/ \n"{}[]', max_size=120))
def test_what_looks_like_a_jws(text: str) -> None:
    """Nor what is made of the same characters."""
    assert judged(text.encode())


@settings(deadline=None, max_examples=200)
@given(members, st.binary(max_size=50), st.binary(max_size=140), st.sampled_from(sorted(GOOD)))
def test_any_header(value: dict[str, object], payload: bytes, signature: bytes, algorithm: str) -> None:
    """With any payload and any signature: refused."""
    assert judged(b".".join(map(part, (json.dumps(value).encode(), payload, signature))), algorithm)


@settings(deadline=None, max_examples=200)
@given(members, st.sampled_from(sorted(GOOD)))
def test_any_header_that_is_nearly_good(value: dict[str, object], algorithm: str) -> None:
    """The good header with members exchanged, and the signature of the good one."""
    head = {**header(algorithm), **value}
    assert judged(exchanged(GOOD[algorithm], head=compact(head)), algorithm) or head == header(algorithm)


@settings(deadline=None, max_examples=200)
@given(st.data(), st.sampled_from(sorted(GOOD)))
def test_any_byte_changed(data: st.DataObject, algorithm: str) -> None:
    """Each byte of a JWS counts; hypothesis changes, inserts and deletes one."""
    body = GOOD[algorithm]
    at = data.draw(st.integers(0, len(body) - 1))
    changed = body[:at] + data.draw(st.binary(max_size=2)) + body[at + 1 :]
    assert (judged(changed, algorithm) == "") == (changed == body)


@settings(deadline=None, max_examples=200)
@given(st.binary(min_size=1, max_size=200), st.sampled_from(sorted(GOOD)))
def test_any_payload(payload: bytes, algorithm: str) -> None:
    """Under the signature of another one."""
    assert judged(exchanged(GOOD[algorithm], payload=payload), algorithm) or payload == PAYLOAD


@settings(deadline=None)
@given(
    st.text(max_size=200)
    | st.text(alphabet='MIGbAQ+/=-_ \n{}"dk:', max_size=200)
    | st.binary().map(part).map(bytes.decode)
)
def test_any_text_as_a_key(text: str) -> None:
    """None of them is one."""
    with pytest.raises(Refused) as error:
        read_public_key(text)
    assert error.value.code in CAUSES


MEGABYTE = 1_048_576
LARGE = {
    "zeros": bytes(MEGABYTE),
    "dots": b"." * MEGABYTE,
    "letters": b"A" * MEGABYTE,
    "white space": b" " * MEGABYTE,
    "braces": b"{" * MEGABYTE,
    "deep JSON": b"[" * (MEGABYTE // 2) + b"]" * (MEGABYTE // 2),
    "a deep header": part(b"[" * 8000) + b".e30.AA",
    "a deep payload": exchanged(GOOD["ES256"], payload=b"[" * 2000 + b"]" * 2000),
    "a header of a megabyte": b"A" * MEGABYTE + b".e30.AA",
    "a signature of a megabyte": GOOD["ES256"].rpartition(b".")[0] + b"." + b"A" * MEGABYTE,
    "a payload of a megabyte": exchanged(GOOD["ES256"], payload=b"[1, 2]" * 120_000),
    "a payload of 40 kB": exchanged(GOOD["ES256"], payload=compact({f"é/{n}": n for n in range(4000)})),
    "a payload of 4 kB": exchanged(GOOD["ES256"], payload=compact({f"é/{n}": n for n in range(330)})),
    "members in thousands": exchanged(GOOD["ES256"], head=compact({**header(), **{str(n): 0 for n in range(900)}})),
    "members in hundreds": exchanged(GOOD["ES256"], head=compact({**header(), **{str(n): 0 for n in range(90)}})),
    "huge numbers": exchanged(GOOD["ES256"], payload=b"9" * 4000),
    "crit without end": jws(header(crit=[str(n) for n in range(900)])),
}


@pytest.mark.parametrize("body", LARGE.values(), ids=LARGE)
def test_large_things_are_refused_soon(body: bytes) -> None:
    """A megabyte is what a door takes; the work on it is bounded."""
    begun = time.process_time()
    assert judged(body)
    assert time.process_time() - begun < SOON
