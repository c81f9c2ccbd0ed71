"""JSON as it is kept, beside what Python's own functions make of the same."""

import json
from decimal import Decimal

import pytest

from sandbox.storage import texts

VALUES = (
    {"next": 5683542},
    [["status", "processing"], ["profile", "12345"]],
    {"a": None, "b": [True, False, 1.5, -3, 2**70], "ü\u2028": 'quote " and \\ and \x00', "c": {"d": []}, "e": ()},
    "only a text",
    None,
    "half of a pair \ud83d",
)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_texts_are_those_of_the_library(value):
    """The encoder that is kept writes what `json.dumps` writes, to the character; what was written is read."""
    assert texts.write(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert texts.read(texts.write(value)) == json.loads(json.dumps(value))


def test_what_is_no_json_is_not_written():
    """A Decimal must not become a text or a float by the way."""
    with pytest.raises(TypeError, match="Decimal"):
        texts.write({"amount": Decimal("5.10")})


def test_several_are_read_as_each_by_itself():
    """In their order, and each a value of its own."""
    written = [texts.write(one) for one in VALUES]
    read = texts.read_all(written)
    assert read == [texts.read(one) for one in written] and texts.read_all([]) == []
    one, other = texts.read_all(['{"a":[]}', '{"a":[]}'])
    one["a"].append(1)
    assert other == {"a": []}
