"""A call is read within bounds: headers joined, bodies whole, not too large, not for ever."""

import asyncio

import pytest

from sandbox.body import MAX_BODY, read_body
from sandbox.errors import Refused
from sandbox.server.pipeline.message import Peer, RequestHead, has_body, read_head

PEER = Peer(id=1, door="wise.api", address=("::1", 5000), handshake=None)


def call(version: str = "1.1", **headers: str) -> RequestHead:
    return read_head(
        {
            "type": "http",
            "method": "POST",
            "raw_path": b"/a%20b",
            "query_string": b"c=d",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "http_version": version,
            "extensions": {"sandbank.peer": PEER},
        }
    )


def body_of(head: RequestHead, *messages: dict[str, object], seconds: float = 5) -> bytes:
    waiting = list(messages)

    async def receive():
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return asyncio.run(read_body(head.headers, receive, seconds=seconds))


def piece(data: bytes, *, more: bool = False) -> dict[str, object]:
    return {"type": "http.request", "body": data, "more_body": more}


def test_the_head_is_as_requested():
    """The path keeps its encoding, a repeated header is joined, an IPv6 peer is written in brackets."""
    scope_headers = {"x_a": "1"}
    head = call(**scope_headers)
    assert (head.path, head.query, head.address) == ("/a%20b", b"c=d", "[::1]:5000")
    twice = read_head(
        {
            "method": "GET",
            "raw_path": b"/",
            "query_string": b"",
            "headers": [(b"X-A", b"1"), (b"x-a", b"2")],
            "http_version": "2",
            "extensions": {"sandbank.peer": PEER},
        }
    )
    assert twice.headers == {"x-a": "1, 2"}


def test_a_body_comes_whole():
    """In one piece or in several, announced or chunked."""
    assert body_of(call(content_length="2"), piece(b"ab")) == b"ab"
    assert body_of(call(transfer_encoding="chunked"), piece(b"a", more=True), piece(b"b")) == b"ab"


def test_http_1_without_length_has_no_body():
    """RFC 9112 section 6.3: nothing is waited for. In HTTP/2 a body needs no announcement."""
    assert not has_body(call())
    assert has_body(call(content_length="0"))
    assert has_body(call(transfer_encoding="chunked"))
    assert has_body(call("2"))


@pytest.mark.parametrize(
    ("head", "messages", "code"),
    [
        (call(content_length=str(MAX_BODY + 1)), (), "body.too_large"),
        (call(content_length="9" * 30), (), "body.too_large"),
        (call(content_length="9" * 5000), (), "body.too_large"),
        (
            call(transfer_encoding="chunked"),
            (piece(b"x" * MAX_BODY, more=True), piece(b"x", more=True)),
            "body.too_large",
        ),
        (call(content_length="5"), (piece(b"ab", more=True), {"type": "http.disconnect"}), "body.incomplete"),
        (call(content_length="5"), (piece(b"ab", more=True),), "body.slow"),
    ],
)
def test_a_bad_body_is_refused(head, messages, code):
    """Too large by announcement or in fact, cut off, or never ending."""
    with pytest.raises(Refused) as refused:
        body_of(head, *messages, seconds=0.05)
    assert refused.value.code == code


def test_the_largest_body_is_taken():
    """The limit itself is allowed."""
    assert len(body_of(call(content_length=str(MAX_BODY)), piece(b"x" * MAX_BODY))) == MAX_BODY
