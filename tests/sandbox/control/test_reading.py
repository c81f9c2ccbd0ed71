import json

import pytest

from sandbox.control.operation import Parameter
from sandbox.control.reading import is_json, read_object, read_query
from sandbox.control.schemas import TEXT, record
from sandbox.errors import Refused

SCHEMA = record("A thing.", name={**TEXT, "maxLength": 10}, optional={"colour": TEXT})
PARAMETERS = (
    Parameter(name="word", description="", schema={"type": "string", "default": "", "maxLength": 20}),
    Parameter(name="form", description="", schema={"type": "string", "enum": ["pem", "der"], "default": "pem"}),
    Parameter(name="flag", description="", schema={"type": "boolean", "default": False}),
    Parameter(name="count", description="", schema={"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}),
)


def test_a_good_object_is_read() -> None:
    """What the schema has is read, also with a field left out that may be."""
    assert read_object(b'{"name": "x"}', SCHEMA) == {"name": "x"}
    assert read_object('\n{"name": "ä", "colour": "\\ud83d\\ude00"}'.encode(), SCHEMA)["colour"] == "😀"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"{}"',
        b"{",
        b'{"name": "x"',
        b'{"name": "x"} {}',
        b'{"name": "x",}',
        b"{'name': 'x'}",
        b'{"name": "x", "name": "y"}',
        b'{"colour": "red", "name": "x", "colour": "red"}',
        b'{"name": NaN}',
        b'{"name": -Infinity}',
        b'{"name": 1}',
        b'{"name": true}',
        b'{"name": null}',
        b'{"name": {"name": "x"}}',
        b'{"name": "xxxxxxxxxxx"}',
        b'{"name": "x", "size": "1"}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xff"}',
        b'{"name": "a\nb"}',
        b'{"name": ' + b"9" * 5000 + b"}",
        b'{"name": ' + b"[" * 500_000,
        b'{"name": ' + b"[" * 500_000 + b"]" * 500_000 + b"}",
        b'{"a":' * 100_000,
        b"\xef\xbb\xbf" + b'{"name": "x"}',
        '{"name": "x"}'.encode("utf-16"),
        '{"name": "x"}'.encode("utf-16-le"),
        '{"name": "x"}'.encode("utf-16-be"),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_every_other_body_is_refused(body) -> None:
    """Broken, doubled, bottomless or of another encoding: always the same code, never another exception."""
    with pytest.raises(Refused) as caught:
        read_object(body, SCHEMA)
    (reason,) = caught.value.reasons
    assert reason.code == "http.call_malformed" and reason.seen and reason.expected


def test_a_refusal_repeats_nothing_of_a_body() -> None:
    """People paste private keys into the wrong place: what is said of broken JSON is where, not what."""
    for body in (
        b'{"name": "SECRET',
        b'{"name": SECRET}',
        b"SECRET",
        b'{"name": "SECRETSECRET"}',
        b'{"name": ["SECRET"]}',
        b'{"- SECRET": "x"}',
    ):
        with pytest.raises(Refused) as caught:
            read_object(body, SCHEMA)
        assert "SECRET" not in str(caught.value)


def test_a_line_end_inside_a_text_is_explained() -> None:
    """Shells put a PEM between quotes as it is; the answer says what to do instead."""
    with pytest.raises(Refused) as caught:
        read_object(b'{"name": "-----BEGIN\nMII"}', SCHEMA)
    assert "--data-binary" in caught.value.advice()


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        (b'{"a"', True),
        (b" \r\n\t{", True),
        (b"\xef\xbb\xbf{", True),
        (b"\xff\xfe{\0", True),
        (b"\xfe\xff\0{", True),
        (b"", False),
        (b"-----BEGIN", False),
        (b"\xef\xbb\xbf-----BEGIN", False),
        (b"\x0b{", False),
    ],
)
def test_the_first_byte_says_what_is_meant(body, meant) -> None:
    """JSON is what begins with a brace, after the white space that JSON has; a byte order mark hides none."""
    assert is_json(body) is meant


def test_a_query_is_read_by_its_schema() -> None:
    """Given or not, a handler finds every parameter, in its type."""
    assert read_query(b"", PARAMETERS) == {"word": "", "form": "pem", "flag": False, "count": 50}
    assert read_query(b"word=a%2Fb+c&form=der&flag=TRUE&count=1000", PARAMETERS) == {
        "word": "a/b c",
        "form": "der",
        "flag": True,
        "count": 1000,
    }


@pytest.mark.parametrize(
    "query",
    [
        b"wrod=a",
        b"word=a&word=a",
        b"word=%ff",
        b"word=\xff",
        b"word=" + b"x" * 21,
        b"form=txt",
        b"form=",
        b"flag=yes",
        b"flag=",
        b"count=0",
        b"count=1001",
        b"count=-1",
        b"count=1_0",
        b"count=1.0",
        b"count=%D9%A1",
        b"count=" + b"9" * 5000,
        b"&".join([b"word=a"] * 200),
    ],
    ids=lambda query: repr(query[:24]),
)
def test_every_other_query_is_refused(query) -> None:
    """A parameter that is unknown, double, out of bounds or not readable is not passed over."""
    with pytest.raises(Refused) as caught:
        read_query(query, PARAMETERS)
    assert caught.value.code == "http.call_malformed"


def test_refusals_can_be_sent(door) -> None:
    """Also those that quote something that was never meant to be text."""
    answer = door.post("/api/wise/clients", b'{"name": "x", "\\udc80\\u0000": "y"}')
    assert (answer.status, answer.code) == (400, "http.call_malformed")
    assert json.loads(answer.body.decode("utf-8"))


def test_what_may_be_left_out_is_said_in_words() -> None:
    """The empty text is no name among the others."""
    kinds = Parameter(
        name="kind", description="", schema={"type": "string", "enum": ["", "call", "webhook"], "default": ""}
    )
    with pytest.raises(Refused) as refused:
        read_query(b"kind=calls", (kinds,))
    assert refused.value.reasons[0].expected == "one of call, webhook, or nothing"
    assert read_query(b"kind=", (kinds,)) == {"kind": ""}
