"""A body against its table: everything that is wrong at once, in the manner of the call."""

import json

import pytest

from sandbox.providers.kit import values
from sandbox.providers.kit.fields import Apart, Field, read, read_object, table, written
from sandbox.providers.kit.problems import Stop
from sandbox.providers.kit.values import text
from sandbox.providers.nuapay.errors import SENTENCES
from sandbox.providers.nuapay.style import DETAILS, FIRST, SERVICE_ERRORS, WITH_STATE
from tests.sandbox.providers.nuapay.bench import causes, codes, refusal

_text = values.text(longest=3)
_TABLE = table(
    Field(name="name", wrong="7131", missing="7132", kind=_text),
    Field(
        name="account",
        wrong="7033",
        missing="7033",
        members=(Field(name="iban", wrong="7026", kind=_text), Field(name="number", wrong="7076", kind=_text)),
        apart=(Apart(one="iban", other="number", code="7159"),),
    ),
    Field(name="signKey", wrong="40000", kind=_text, secret=True),
)


def told(body: object, manner=DETAILS):
    with pytest.raises(Stop) as stopped:
        read(body if isinstance(body, bytes) else json.dumps(body).encode(), _TABLE)
    return manner.reply(stopped.value)


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"eyJh.eyJh.c2ln", ", but a JWS"), (b"eyJh.a.b.c.d", ", but a JWE"), (b"eyJh.a", ""), (b"a.b.c", "")],
)
def test_a_body_that_is_a_jws_or_a_jwe_is_told_as_one(body, told):
    """One within another, or one in a call that is not opened: not only that it is no JSON."""
    with pytest.raises(Stop) as stopped:
        read(body, _TABLE)
    assert stopped.value.problems[0].seen == f"{len(body)} bytes that are not JSON{told}"


def test_a_good_body_is_read_and_the_rest_of_it_passed_over():
    """Members without a value are as those that were not given."""
    said = read(b'{"name":"a","account":{"iban":null,"more":1},"signKey":null,"other":[]}', _TABLE)
    assert said == {"name": "a", "account": {}}


def test_everything_that_is_wrong_is_told_at_once():
    """With the path of each; 400."""
    reply = told({"name": "long", "account": {"iban": 1, "number": "long"}})
    assert reply.status == 400 and reply.json["returnCode"] == "8888"
    assert codes(reply) == [("7131", "name"), ("7026", "account.iban"), ("7076", "account.number")]
    assert all(detail["description"] == SENTENCES[detail["code"]] for detail in reply.json["details"])
    assert causes(reply) == ["provider.invalid_body"] * 3


def test_some_calls_tell_the_first_thing_and_the_journal_has_all():
    """``{"returnCode":"7081","returnDescription":…,"details":null}``, as the examples of beneficiaries."""
    reply = told({"account": {"iban": 1}}, FIRST)
    assert reply.json == {"returnCode": "7132", "returnDescription": "Field is required", "details": None}
    assert [reason.seen for reason in reply.reasons] == ["name: nothing", "account.iban: 1"]


def test_what_cannot_be_together_is_told_after_what_cannot_be():
    """A 422, and only when each member by itself is good."""
    both = {"iban": "a", "number": "b"}
    assert refusal(told({"name": "a", "account": both}, WITH_STATE))[:2] == (422, "9999")
    assert codes(told({"name": "a", "account": both}, WITH_STATE)) == [("7159", "account.iban")]
    assert codes(told({"account": both}, WITH_STATE)) == [("7132", "name")]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"a"', b"1", b"null", b"NaN", b"[" * 100_000, b"\xff\xfe", b'{"a":' * 50_000]
)
@pytest.mark.parametrize(("manner", "code"), [(DETAILS, "10002"), (FIRST, "10002"), (SERVICE_ERRORS, "40000")])
def test_what_is_no_object_is_refused_as_a_whole(body, manner, code):
    """Also what is nested more deeply than anybody reads."""
    assert refusal(told(body, manner)) == (400, code, None)


def test_an_object_where_a_text_should_be_is_wrong_and_the_other_way_round():
    """Their contents do not go into the journal."""
    reply = told({"name": {"deep": "x"}, "account": "text"})
    assert codes(reply) == [("7131", "name"), ("7033", "account")]
    assert reply.reasons[0].seen == "name: JSON of another kind: dict"


def test_a_secret_is_repeated_nowhere():
    """Neither in the reply nor in the reasons, which the journal shows."""
    reply = told({"name": "a", "account": {}, "signKey": "very-secret"})
    assert codes(reply) == [("40000", "signKey")]
    assert "very-secret" not in f"{reply.json}{reply.reasons}"
    assert reply.reasons[0].seen == "signKey: 11 characters"


def test_half_a_surrogate_goes_into_the_journal_as_it_was_escaped():
    """As itself it could not be written down."""
    reply = told(b'{"name":"\\ud800","account":{}}')
    assert reply.reasons[0].seen == "name: '\\ud800'"
    reply.reasons[0].seen.encode()


ROWS = table(Field(name="rows", members=(Field(name="a", kind=text(longest=2), missing="M"),), most=2, missing="N"))


def test_an_array_of_objects_is_judged_object_by_object():
    """Each problem has its place; what is good is kept as it was given."""
    good = read_object({"rows": [{"a": "1"}, {"a": "2", "b": 3}]}, ROWS)
    assert written(good, ROWS) == {"rows": [{"a": "1"}, {"a": "2"}]}
    with pytest.raises(Stop) as stopped:
        read_object({"rows": [{}, 7]}, ROWS)
    assert [(one.code, one.field) for one in stopped.value.problems] == [("M", "rows[0].a"), ("", "rows[1]")]


@pytest.mark.parametrize("rows", [[], [{"a": "1"}] * 3, {"a": "1"}, "a", None])
def test_an_array_of_objects_has_one_at_least_and_so_many_at_most(rows):
    """Anything else is one problem of the array."""
    with pytest.raises(Stop) as stopped:
        read_object({"rows": rows}, ROWS)
    (problem,) = stopped.value.problems
    assert (problem.field, problem.says) == ("rows", "an array of 1 to 2 objects")
