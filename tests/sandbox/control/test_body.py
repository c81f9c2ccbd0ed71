import pytest

from sandbox.body import MAX_BODY

SIGN = "/api/wise/clients/demo/certificates?name=laptop"
HOST = ("host", "127.0.0.1:8440")


def piece(body: bytes, more: bool = True):
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_may_come_in_pieces(door, csr) -> None:
    """Chunked or not, it is one body."""
    assert door.post(SIGN, pieces=[piece(csr[:10]), piece(b""), piece(csr[10:]), piece(b"", more=False)]).status == 201


def test_an_announced_body_that_is_too_large_is_not_read(door) -> None:
    """The Content-Length is enough; one byte less is read and judged."""
    answer = door.post(SIGN, headers=(HOST, ("content-length", str(MAX_BODY + 1))), pieces=[{"type": "never read"}])
    assert (answer.status, answer.code) == (413, "body.too_large")
    allowed = door.post(SIGN, b"x" * MAX_BODY, headers=(HOST, ("content-length", str(MAX_BODY))))
    assert allowed.status == 422


def test_a_chunked_body_is_read_to_the_bound_and_no_further(door) -> None:
    """Without a Content-Length the bytes are counted as they come."""
    full = piece(b"x" * 65_536)
    answer = door.post(SIGN, pieces=[full] * (MAX_BODY // 65_536) + [piece(b"x"), {"type": "never read"}])
    assert (answer.status, answer.code) == (413, "body.too_large")


@pytest.mark.parametrize("length", ["99999999999999999999999", "9" * 5000])
def test_absurd_lengths_are_too_large(door, length) -> None:
    """Also a number that Python itself would not convert."""
    answer = door.post(SIGN, headers=(HOST, ("content-length", length)))
    assert (answer.status, answer.code) == (413, "body.too_large")


def test_a_slow_body_is_given_up(door_with, csr) -> None:
    """A client that stops in the middle is told after the time limit, and nothing was done."""
    answer = door_with(handshake_seconds=0.05).post(SIGN, pieces=[piece(csr[:10])])
    assert (answer.status, answer.code) == (408, "body.slow")


def test_a_body_that_breaks_off_signs_nothing(door, csr) -> None:
    """A whole PEM may have come; without the end of the body it is not a call."""
    answer = door.post(SIGN, pieces=[piece(csr), {"type": "http.disconnect"}])
    assert (answer.status, answer.code) == (400, "body.incomplete")
    assert door.get("/api/wise/certificates").json["certificates"] == []


def test_a_body_is_not_waited_for_where_none_belongs(door) -> None:
    """GET does not read its body, so it cannot be held by one."""
    assert door.get("/health", pieces=[{"type": "never read"}]).status == 200
