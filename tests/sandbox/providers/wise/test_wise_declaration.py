"""Wise's declaration: every refusal has an envelope, and the published bodies are exact."""

from datetime import UTC, datetime

import pytest

from sandbox.errors import refuse
from sandbox.journal.causes import CAUSES
from sandbox.providers.declare import Trouble
from sandbox.providers.wise.certificates import OFFER
from sandbox.providers.wise.errors import API, OAUTH, headers, milliseconds
from sandbox.providers.wise.provider import WISE

NOW = datetime(2026, 11, 22, 10, 27, 38, 148999, UTC)
ENDPOINTS = {endpoint.errors: endpoint for endpoint in WISE.endpoints}
ONLY_AT_THE_TOKEN_ENDPOINT = {
    "token.credentials_missing",
    "token.credentials_malformed",
    "token.client_unknown",
    "token.secret_wrong",
    "token.too_many_guesses",
    "token.grant_missing",
    "token.grant_unknown",
    "token.grant_refused",
    "token.form_malformed",
}
IN_A_HANDLERS_OWN_WORDS = {
    f"provider.{reason}"
    for reason in (
        "not_found",
        "not_yours",
        "invalid_state",
        "no_funds",
        "callback_failed",
        "not_enabled",
        "not_unique",
        "sca_required",
        "user_unknown",
        "key_reused",
        "invalid_body",
    )
}
NEEDS_WHAT_IS_NOT_DECLARED_HERE = {"token.key_unknown", "token.scope_missing", "token.other_resource"}
LAYERS = {"route", "token", "binding", "body", "provider", "signature", "encryption"}
OF_A_CALL = {code for code, cause in CAUSES.items() if cause.layer in LAYERS}
OF_A_CALL -= IN_A_HANDLERS_OWN_WORDS | NEEDS_WHAT_IS_NOT_DECLARED_HERE
OF_A_PEER = {f"certificate.{reason}" for reason in ("missing", "unknown", "expired", "not_yet_valid", "revoked")}


def trouble(code: str, *, errors: str = "api", expected: str = "", token: str = "") -> Trouble:
    return Trouble(
        refused=refuse(code, seen="s", expected=expected),
        endpoint=ENDPOINTS[errors],
        path="/v1/x",
        token=token,
        now=NOW,
        trace="00000000000000aa",
    )


def test_every_cause_that_a_call_can_meet_has_an_envelope():
    """A new cause without a row would be a KeyError in front of a caller."""
    for code in (OF_A_CALL | OF_A_PEER) - ONLY_AT_THE_TOKEN_ENDPOINT:
        assert WISE.envelope(trouble(code)).status >= 400
    for code in OF_A_CALL | OF_A_PEER:
        assert WISE.envelope(trouble(code, errors="oauth")).status >= 400
    assert API.keys() <= OAUTH.keys() <= CAUSES.keys()


@pytest.mark.parametrize("code", sorted(OAUTH))
def test_every_envelope_is_an_error_with_a_body(code):
    """Whatever the cause, the reply is 4xx or 5xx, JSON, and has no path of the file system in it."""
    reply = WISE.envelope(trouble(code, errors="oauth", expected="GET"))
    assert 400 <= reply.status < 600
    assert isinstance(reply.json, dict)
    assert "/home" not in str(reply.json)


@pytest.mark.parametrize(
    ("code", "errors", "status", "body"),
    [
        (
            "token.missing",
            "api",
            401,
            {"error": "missing_token", "error_description": "Missing token"},
        ),
        ("token.unknown", "api", 401, {"error": "invalid_token", "error_description": "the-token"}),
        ("token.expired", "api", 401, {"error": "invalid_token", "error_description": "the-token"}),
        (
            "signature.does_not_verify",
            "api",
            400,
            {"error": "jws_error", "error_description": "Unable to verify the request signature"},
        ),
        (
            "token.secret_wrong",
            "oauth",
            401,
            {"error": "invalid_client", "error_description": "Client authentication failed"},
        ),
        (
            "token.grant_refused",
            "oauth",
            401,
            {"error": "invalid_grant", "error_description": "Invalid user credentials."},
        ),
        ("token.grant_missing", "oauth", 400, {"error": "invalid_request", "error_description": "Missing grant type"}),
        (
            "provider.fault",
            "api",
            500,
            {"message": "An unexpected error occurred", "request_id": "00000000000000aa"},
        ),
    ],
)
def test_the_published_envelopes_are_exact(code, errors, status, body):
    """Byte for byte what the pages named in errors.py show."""
    reply = WISE.envelope(trouble(code, errors=errors, token="the-token"))
    assert (reply.status, reply.json) == (status, body)


def test_the_same_cause_differs_by_endpoint():
    """Our own choice, labelled: 403 for the API, 401 at the token endpoint."""
    assert WISE.envelope(trouble("binding.other_client")).status == 403
    reply = WISE.envelope(trouble("binding.other_client", errors="oauth"))
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def test_a_wrong_method_names_the_right_ones():
    """RFC 9110 section 15.5.6: a 405 has an Allow header."""
    assert WISE.envelope(trouble("route.method_not_allowed", expected="GET, POST")).headers == {"allow": "GET, POST"}


def test_times_are_written_in_milliseconds():
    """As in the samples: cut, not rounded."""
    assert milliseconds(NOW) == "2026-11-22T10:27:38.148Z"


@pytest.mark.parametrize(("sent", "echoed"), [("a" * 36, True), ("a" * 37, False), ("", False)])
def test_the_correlation_id_is_echoed_up_to_36_characters(sent, echoed):
    """Longer ones are ignored, as the page says; without one there is no header."""
    said = headers({"x-external-correlation-id": sent} if sent else {}, "trace")
    assert ("x-external-correlation-id" in said) is echoed
    assert said["x-trace-id"] == "trace"


def test_the_declaration_is_what_the_guide_says():
    """The figures of the mutual-TLS page."""
    policy = OFFER.policy
    assert {(rule.kind, rule.sizes or rule.curves) for rule in policy.keys} == {
        ("RSA", (2048, 3072, 4096)),
        ("EC", ("P-256", "P-384")),
    }
    assert (policy.max_active, policy.unique_names, policy.required) == (10, True, ("O",))
    assert (OFFER.profile.common_name, OFFER.profile.years) == ("holder", 1)
    assert {door.name: door.offset for door in WISE.doors} == {"mtls": 3, "api": 4}
    hosts = {host for door in WISE.doors for host in door.hosts}
    assert all(any(host.endswith(domain) for domain in WISE.domains) for host in hosts)
