"""How the calls are declared: as the descriptions say of each who may make it, and whether it is signed."""

import pytest

from sandbox.providers.nuapay.errors import SENTENCES
from sandbox.providers.nuapay.provider import NUAPAY
from tests.sandbox.providers.nuapay.bench import ENDPOINTS

SIGNED = {
    "POST /beneficiaries",
    "POST /v2/beneficiaries",
    "POST /beneficiaries/{beneficiaryId}/credittransfers",
    "POST /v2/beneficiaries/{beneficiaryId}/credittransfers",
    "POST /credittransfers",
    "POST /v2/credittransfers",
}
"""Where the descriptions require ``JWS-Signature``."""
SCOPES = {
    "/accounts": {"accounts", "accounts_read", "account_transaction_view", "credittransfers_read"},
    "/beneficiaries": {"beneficiaries", "beneficiaries_read", "credittransfers", "credittransfers_read"},
    "/credittransfers": {"credittransfers", "credittransfers_read"},
    "/directdebits": {"directdebits_read"},
    "/faileddirectdebits": {"directdebits_read"},
    "/iban": {"account_validate"},
    "/paymentschedules": {"directdebit_schedules_read"},
    "/eventTypes": {"webhooks"},
    "/mandates": {"mandates"},
    "/schemes": {
        "schemes_read",
        "mandates",
        "mandates_read",
        "directdebits",
        "directdebits_read",
        "directdebit_schedules",
        "directdebit_schedules_read",
    },
    "/transfers": {"transfers"},
    "/webhooks": {"webhooks"},
}
"""Which scopes the descriptions name below each path."""


def name(endpoint):
    return f"{endpoint.method} {endpoint.path}"


def test_no_call_is_declared_twice():
    """The second would never be asked."""
    assert len({name(endpoint) for endpoint in ENDPOINTS}) == len(ENDPOINTS) == 60


def test_every_chapter_is_on_the_contents_page():
    """A call that a chapter declares and the page forgets would not be imitated."""
    assert set(map(name, ENDPOINTS)) <= set(map(name, NUAPAY.endpoints))
    assert len({name(endpoint) for endpoint in NUAPAY.endpoints}) == len(NUAPAY.endpoints) == len(ENDPOINTS) + 11


def test_signatures_are_required_where_the_description_says_so():
    """Optional on every other POST and PUT; a GET or DELETE never has one."""
    assert {name(endpoint) for endpoint in ENDPOINTS if endpoint.signing == "required"} == SIGNED
    for endpoint in ENDPOINTS:
        assert (endpoint.signing == "none") is (endpoint.method in ("GET", "DELETE"))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=name)
def test_each_call_says_who_may_make_it_and_what_it_takes(endpoint):
    """A key, or a token with the one scope of the description; a GET only reads."""
    assert endpoint.login == ("key", "bearer") and len(endpoint.scopes) == 1
    top = "/" + endpoint.path.removeprefix("/v2").split("/")[1]
    assert set(endpoint.scopes) <= SCOPES[top]
    assert (
        endpoint.scopes[0].endswith("_read")
        or endpoint.method != "GET"
        or endpoint.scopes[0]
        in (
            "webhooks",
            "mandates",
            "account_transaction_view",
        )
    )
    assert (endpoint.work == "read") is (endpoint.method == "GET")
    assert endpoint.accepts in ((), ("application/json",))
    assert endpoint.errors == ("webhooks" if top in ("/webhooks", "/eventTypes") else "core")


def test_scopes_are_used_as_the_descriptions_name_them():
    """All of them, and no other."""
    assert {scope for endpoint in ENDPOINTS for scope in endpoint.scopes} == set().union(*SCOPES.values())


def test_codes_are_numbers_with_a_sentence():
    """As the tables have them: without a trailing space, and never empty."""
    assert all(code.isdecimal() and sentence and sentence == sentence.strip() for code, sentence in SENTENCES.items())
