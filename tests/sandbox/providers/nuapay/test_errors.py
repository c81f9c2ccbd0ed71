"""Nuapay's table of refusals: every cause that a call can meet has an answer, and the published bodies are exact."""

from datetime import UTC, datetime

import pytest

from sandbox.errors import refuse
from sandbox.journal.causes import CAUSES
from sandbox.providers.declare import Trouble
from sandbox.providers.nuapay.errors import TABLE
from sandbox.providers.nuapay.provider import ADVICE, NUAPAY

OURS = {
    "provider.busy",
    "provider.state_removed",
    "provider.uncertain",
    "provider.fault",
    "provider.too_many_calls",
}
IN_A_HANDLERS_OWN_WORDS = {code for code in CAUSES if code.startswith("provider.")} - OURS
OF_OTHER_LOGINS = {
    "token.client_unknown",
    "token.secret_wrong",
    "token.grant_missing",
    "token.grant_unknown",
    "token.grant_refused",
    "token.kind_wrong",
    "token.form_malformed",
}
LAYERS = {"route", "token", "binding", "body", "provider", "signature"}
OF_A_PEER = {
    f"certificate.{reason}" for reason in ("missing", "unknown", "expired", "not_yet_valid", "revoked", "wrong_purpose")
}
OF_A_CALL = {code for code, cause in CAUSES.items() if cause.layer in LAYERS} | OF_A_PEER
OF_A_CALL -= IN_A_HANDLERS_OWN_WORDS | OF_OTHER_LOGINS


def answer(code: str, expected: str = ""):
    endpoint = NUAPAY.endpoints[0]
    now = datetime(2026, 11, 24, tzinfo=UTC)
    trouble = Trouble(
        refused=refuse(code, seen="s", expected=expected), endpoint=endpoint, path="/x", token="", now=now, trace="t"
    )
    return NUAPAY.envelope(trouble)


@pytest.mark.parametrize("code", sorted(OF_A_CALL))
def test_every_cause_that_a_call_can_meet_has_an_answer(code):
    """In the envelope of three members, with a status of a refusal; a new cause without a row would be a KeyError."""
    reply = answer(code, expected="GET")
    assert 400 <= reply.status < 600
    assert isinstance(reply.json, dict) and list(reply.json) == ["returnCode", "returnDescription", "details"]


def test_the_published_bodies_are_exact():
    """7200 and 7201 with 403, "Access denied", and the 401 that says nothing."""
    for code, status, said in (
        ("signature.required", 403, ("7200", "JWS-Signature header is required.")),
        ("signature.does_not_verify", 403, ("7201", "JWS-Signature is invalid.")),
        ("certificate.unknown", 403, ("10091", "Access denied")),
        ("token.key_unknown", 401, (None, None)),
        ("route.not_imitated", 404, (None, None)),
        ("body.media_type", 415, (None, None)),
    ):
        reply = answer(code)
        expected = {"returnCode": said[0], "returnDescription": said[1], "details": None}
        assert (reply.status, reply.json) == (status, expected)
    assert answer("route.method_not_allowed", expected="GET, POST").headers == {"allow": "GET, POST"}


def test_table_and_advice_name_causes_that_there_are():
    """A row for a code that nobody raises would never be read."""
    assert TABLE.keys() | ADVICE.keys() <= CAUSES.keys()
