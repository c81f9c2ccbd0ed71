"""What is not a compact JWS is told what it is instead, and nothing of it is repeated."""

from base64 import b64encode, urlsafe_b64encode

import pytest

from tests.sandbox.jose.making import PAYLOAD, compact, header, jws, opened, part, refused

GOOD = jws()
FIRST, SECOND, THIRD = GOOD.split(b".")

# Printed in a guide that its readers follow to the letter: padding, and a signature of 32 bytes.
GUIDE = (
    b"ewogICJhbGciOiAiRVM1MTIiLAogICJ0eXAiOiAiSldUIiwKICAia2lkIjogIjY2M2EwZTQ0LWFhNGEtNGZmMC1hOWY4LWNkOTlmNWZiYWQ3MSIsCi"
    b"AgInVybCI6ICIvdjMvcHJvZmlsZXMvMTIzNDUvdHJhbnNmZXJzLzEyMzQ1L3BheW1lbnRzIgp9.ewogICJ0eXBlIjogIkJBTEFOQ0UiCn0=."
    b"Z-B7ScaZ37U_0CKrv03LTi0O0GWR2Hm5shzoEj8xRmM"
)

NOT_COMPACT = {
    "nothing": (b"", "signature.empty"),
    "white space": (b" \r\n", "signature.empty"),
    "plain JSON": (PAYLOAD, "signature.plain_json"),
    "within JSON": (b'{"jws":"eyJhbGciOiJQUzI1NiJ9.eyJ0eXBlIjoiQkFMQU5DRSJ9.c2ln"}', "signature.in_json"),
    "within a form": (b"jws=eyJhbGciOiJQUzI1NiJ9.eyJ0eXBlIjoiQkFMQU5DRSJ9.c2ln", "signature.in_json"),
    "plain JSON, a list": (b"[1, 2]", "signature.plain_json"),
    "JSON serialization, flattened": (
        b'{"payload":"%s","protected":"%s","signature":"%s"}' % (SECOND, FIRST, THIRD),
        "signature.json_serialization",
    ),
    "JSON serialization, general": (
        b'{"payload":"%s","signatures":[{"protected":"%s","signature":"%s"}]}' % (SECOND, FIRST, THIRD),
        "signature.json_serialization",
    ),
    "a JSON text": (b'"%s"' % GOOD, "signature.quoted"),
    "single quotes": (b"'%s'" % GOOD, "signature.quoted"),
    "five parts": (b"eyJh.b.c.d.e", "signature.encrypted"),
    "one part": (FIRST, "signature.parts_wrong"),
    "two parts": (FIRST + b"." + SECOND, "signature.parts_wrong"),
    "four parts": (GOOD + b".x", "signature.parts_wrong"),
    "five parts of something": (b"a.b.c.d.e", "signature.parts_wrong"),
    "words": (b"hello world", "signature.parts_wrong"),
    "NUL": (b"\0" * 100, "signature.parts_wrong"),
    "a line feed at the end": (GOOD + b"\n", "signature.whitespace"),
    "a space before it": (b" " + GOOD, "signature.whitespace"),
    "a line for each part": (b"%s\n.%s\n.%s" % (FIRST, SECOND, THIRD), "signature.whitespace"),
    "folded after 64 characters": (GOOD[:64] + b"\r\n" + GOOD[64:], "signature.whitespace"),
    "a form feed": (GOOD[:64] + b"\f" + GOOD[64:], "signature.whitespace"),
    "a padded header": (
        urlsafe_b64encode(b'{"alg":"ES256"}x') + b"." + SECOND + b"." + THIRD,
        "signature.base64_padded",
    ),
    "a padded payload": (FIRST + b"." + SECOND + b"==." + THIRD, "signature.base64_padded"),
    "the sample of a guide": (GUIDE, "signature.base64_padded"),
    "plain base64": (
        FIRST + b"." + b64encode(b'{"a":"\xff\xfe\xff"}?').rstrip(b"=") + b"." + THIRD,
        "signature.base64_standard",
    ),
    "another character": (FIRST + b"." + SECOND + b"." + THIRD[:-1] + b"*", "signature.base64_malformed"),
    "percent-encoding": (FIRST + b"." + SECOND + b"%3D." + THIRD, "signature.base64_malformed"),
    "invalid UTF-8": (FIRST + b".\xff\xfe." + THIRD, "signature.base64_malformed"),
    "cut off": (FIRST + b"." + SECOND + b"." + THIRD[:-5], "signature.base64_malformed"),
    "bits that belong to no byte": (FIRST + b"." + SECOND + b"." + THIRD[:-1] + b"_", "signature.base64_malformed"),
    "detached": (FIRST + b".." + THIRD, "signature.payload_empty"),
}


@pytest.mark.parametrize(("body", "code"), NOT_COMPACT.values(), ids=NOT_COMPACT)
def test_what_is_not_compact_is_told_what_it_is(body: bytes, code: str) -> None:
    """Each form has a cause of its own, and the payload is not in it."""
    reason = refused(body)
    assert reason.code == code
    assert "BALANCE" not in reason.seen and SECOND.decode() not in reason.seen


def test_the_good_one_is_taken() -> None:
    """The control: all of the above differ from this one."""
    assert opened(GOOD).payload == PAYLOAD


def test_where_the_white_space_is() -> None:
    """A line feed at the end is what editors and --data-binary bring."""
    assert "a line feed, at the end" in refused(GOOD + b"\n").seen
    assert "at byte 64" in refused(GOOD[:64] + b"\r\n" + GOOD[64:]).seen


def test_two_texts_never_stand_for_one_signature() -> None:
    """Of the 16 last characters that decode to the same bytes, one is taken (RFC 4648 section 3.5)."""
    taken = 0
    for last in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        body = GOOD[:-1] + bytes([last])
        if body == GOOD:
            taken += opened(body).payload == PAYLOAD
        else:
            assert refused(body).code in ("signature.base64_malformed", "signature.does_not_verify")
    assert taken == 1


def test_a_payload_need_not_be_json() -> None:
    """What was said is bytes; what they mean is asked by whoever reads them."""
    assert opened(jws(header(), b"\xff\0")).payload == b"\xff\0"
    assert opened(jws(compact(header()), b"x" * 100_000)).payload == b"x" * 100_000
    assert part(b"\xff\xfe") == b"__4"
