"""A reply on its way out: JSON with the digits that the provider writes, or a body of any other media type."""

import json
from decimal import Decimal

from sandbox.providers.context import Response
from sandbox.server.pipeline.message import outgoing


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
