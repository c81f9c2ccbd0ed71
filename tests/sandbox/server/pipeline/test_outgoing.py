"""A reply on its way out: JSON with the digits that the provider writes, or a body of any other media type."""

import asyncio
import json
from decimal import Decimal

import pytest

from sandbox.providers.context import Response
from sandbox.server.pipeline.message import PIECE_BYTES, Outgoing, outgoing, send_out


def test_a_decimal_keeps_its_digits():
    """5000.10 stays so, wherever it stands; what is beside it is written as always, half a surrogate too."""
    said = {"amounts": [Decimal("5000.10"), {"of": Decimal("280.00")}], "float": 5000.1, "é": "\ud800", "no": None}
    out = outgoing(Response(status=200, json=said))
    assert out.body == '{"amounts":[5000.10,{"of":280.00}],"float":5000.1,"é":"\\ud800","no":null}'.encode()
    assert out.media_type == "application/json"
    assert json.loads(out.body, parse_float=str)["amounts"][0] == "5000.10"


def test_a_body_may_be_of_any_media_type():
    """JSON has one of its own where the reply names one; an empty body stays empty."""
    out = outgoing(Response(status=422, body=b"not enough", media_type="text/plain"))
    assert (out.body, out.media_type) == (b"not enough", "text/plain")
    problem = outgoing(Response(status=400, json={"title": "no"}, media_type="application/problem+json"))
    assert (problem.body, problem.media_type) == (b'{"title":"no"}', "application/problem+json")
    assert outgoing(Response(status=204)).body == outgoing(Response(status=200, body=b"")).body == b""


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 2 * PIECE_BYTES + 7])
def test_a_long_body_goes_out_in_pieces(size):
    """Whole, none longer than the limit, the last one said to be the last; the head has the length of all."""
    body, sent = bytes(one % 251 for one in range(size)), []

    async def send(event):
        sent.append(event)

    asyncio.run(send_out(send, Outgoing(status=200, body=body), {}))
    head, *pieces = sent
    assert (b"content-length", str(size).encode()) in head["headers"]
    assert b"".join(one["body"] for one in pieces) == body
    assert max(len(one["body"]) for one in pieces) <= PIECE_BYTES
    assert [one.get("more_body", False) for one in pieces] == [True] * (len(pieces) - 1) + [False]
    assert len(pieces) == max(1, -(-size // PIECE_BYTES))
