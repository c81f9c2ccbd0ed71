"""The refusals of Transcrypts and Truv: every cause that a call can meet has an answer, and the published are exact."""

from datetime import UTC, datetime

import pytest

from sandbox.errors import Refusal, Refused
from sandbox.journal.causes import CAUSES
from sandbox.providers.declare import Trouble
from sandbox.providers.transcrypts import ADVICE
from sandbox.providers.transcrypts.errors import TABLE, THROTTLED, WAIT_SECONDS
from sandbox.providers.transcrypts.provider import TRANSCRYPTS
from sandbox.providers.transcrypts.truv import TRUV

OURS = {"provider.busy", "provider.state_removed", "provider.uncertain", "provider.fault", "provider.too_many_calls"}
LOGIN = {"token.credentials_missing", "token.client_unknown", "token.secret_wrong", "token.too_many_guesses"}
LAYERS = {"route", "binding", "body"}
OF_A_PEER = {f"certificate.{reason}" for reason in ("missing", "unknown", "expired", "not_yet_valid", "revoked")}
OF_A_CALL = {code for code, cause in CAUSES.items() if cause.layer in LAYERS} | OURS | LOGIN | OF_A_PEER


def answer(code: str, expected: str = "", wait: int = 0):
    refused = Refused(Refusal(code=code, seen="s", expected=expected), wait=wait)
    now = datetime(2026, 11, 24, tzinfo=UTC)
    return TRANSCRYPTS.envelope(Trouble(refused=refused, endpoint=None, path="/x", token="", now=now, trace="t"))


@pytest.mark.parametrize("code", sorted(OF_A_CALL))
def test_every_cause_that_a_call_can_meet_has_an_answer(code):
    """In one of the two published shapes; a new cause without a row would be a KeyError."""
    reply = answer(code, expected="GET")
    assert 400 <= reply.status < 600
    assert isinstance(reply.json, dict) and (
        set(reply.json) == {"detail"} or set(reply.json["error"]) == {"code", "message"}
    )


def test_the_published_bodies_are_exact():
    """Missing is a 403, wrong a 401, absent a 404."""
    missing = {"error": {"code": "not_authenticated", "message": "Authentication credentials were not provided."}}
    wrong = {"error": {"code": "authentication_failed", "message": "No such token"}}
    for code, status, body in (
        ("token.credentials_missing", 403, missing),
        ("token.secret_wrong", 401, wrong),
        ("token.client_unknown", 401, wrong),
        ("route.not_imitated", 404, {"detail": "Not Found."}),
    ):
        assert (answer(code).status, answer(code).json) == (status, body)
    assert answer("route.method_not_allowed", expected="GET, POST").headers == {"allow": "GET, POST"}


def test_table_and_advice_name_causes_that_there_are():
    """A row for a code that nobody raises would never be read."""
    assert TABLE.keys() | THROTTLED | ADVICE.keys() <= CAUSES.keys()


def test_who_waits_as_long_as_it_is_told_has_room_for_a_call():
    """Retry-After is what is left of the span; where no time is known, the whole of it."""
    assert TRANSCRYPTS.rate and TRANSCRYPTS.rate.per.total_seconds() == WAIT_SECONDS
    assert answer("token.too_many_guesses").headers == {"retry-after": "60"}
    assert answer("provider.too_many_calls", wait=7).headers == {"retry-after": "7"}


def test_a_relative_differs_in_names_and_doors_only():
    """Truv has the same calls but for one path and the instant verifications, and no door of Transcrypts'."""
    ours, theirs = ({f"{one.method} {one.path}" for one in each.endpoints} for each in (TRANSCRYPTS, TRUV))
    assert theirs - ours == {"POST /v1/orders/{id}/refresh/"}
    assert {call for call in ours - theirs if "instant" not in call} == {"POST /v1/orders/{id}/"}
    assert not {door.offset for door in TRUV.doors} & {door.offset for door in TRANSCRYPTS.doors}
    assert not set(TRUV.domains) & set(TRANSCRYPTS.domains)
