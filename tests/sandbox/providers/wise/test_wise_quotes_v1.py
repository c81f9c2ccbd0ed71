"""Wise's quotes of the first version, which are numbered."""

from decimal import Decimal

import pytest

from sandbox.providers.wise.chapters import CHAPTERS
from tests.sandbox.providers.memory import Caller

ASKED = {"profile": 12345, "source": "GBP", "target": "EUR", "rateType": "FIXED", "sourceAmount": 1000}


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


def good(reply, status: int = 200):
    assert reply.status == status, (reply.status, reply.json, reply.body)
    return reply.json


def test_a_quote_of_the_first_version(wise):
    """The members of the older documentation; the price is that of the recorded quote, by bank or from a balance."""
    made = good(wise.call("POST", "/v1/quotes", {**ASKED, "type": "REGULAR"}))
    assert made == {
        "id": 4386494, "source": "GBP", "target": "EUR", "sourceAmount": 1000, "targetAmount": Decimal("1200.44"),
        "type": "REGULAR", "rate": Decimal("1.20512"), "createdTime": "2026-11-24T10:27:38.000Z",
        "createdByUserId": 12970746, "profile": 12345, "rateType": "FIXED",
        "deliveryEstimate": "2026-11-25T12:27:38.000Z", "fee": Decimal("3.88"),
        "feeDetails": {"transferwise": Decimal("3.88"), "payIn": 0, "discount": 0, "partner": 0},
        "allowedProfileTypes": ["PERSONAL", "BUSINESS"], "guaranteedTargetAmount": False, "ofSourceAmount": True,
    }  # fmt: skip
    assert good(wise.call("GET", f"/v1/quotes/{made['id']}")) == made
    balance = good(wise.call("POST", "/v1/quotes", {**ASKED, "type": "BALANCE_PAYOUT"}))
    assert (balance["fee"], balance["targetAmount"]) == (Decimal("3.69"), Decimal("1200.67"))
    assert wise.call("GET", "/v1/quotes/4386499").status == 404


def test_its_number_is_good_wherever_a_quote_is_named(wise):
    """For account requirements, for the way to pay, and in the later versions; a UUID is not good in its place."""
    number = good(wise.call("POST", "/v1/quotes", ASKED))["id"]
    assert good(wise.call("GET", f"/v1/quotes/{number}/account-requirements"))[0]["type"] == "iban"
    (method,) = good(wise.call("GET", f"/v1/quotes/{number}/pay-in-methods"))
    assert method == {"type": "transfer", "details": {"payInReference": f"quote-{number} P12970746"}}
    later = good(wise.call("GET", f"/v2/quotes/{number}"))
    assert later["sourceAmount"] == 1000
    refused = wise.call("GET", f"/v1/quotes/{later['id']}")
    assert (refused.status, refused.json["errors"][0]["code"]) == (400, "bad.request")
    assert refused.json["errors"][0]["message"].startswith("'quoteId' should be a valid 'Long'")


def test_a_transfer_names_it_by_number(wise):
    """As clients of this version send it: ``quote``, a number or a UUID; both kinds of name are shown."""
    number = good(wise.call("POST", "/v1/quotes", ASKED))["id"]
    details = {"legalType": "PRIVATE", "iban": "DE89370400440532013000"}
    account = {"currency": "EUR", "type": "iban", "profile": 12345, "accountHolderName": "Max Mustermann"}
    to = str(good(wise.call("POST", "/v1/accounts", {**account, "details": details}))["id"])
    said = {"targetAccount": to, "quote": number, "customerTransactionId": "5c3e0a6e-6d25-4d1f-8a3c-0f3a2c9b7e11"}
    assert wise.call("POST", "/v1/transfer-requirements", said).status == 200
    made = good(wise.call("POST", "/v1/transfers", said))
    uuid = good(wise.call("GET", f"/v2/quotes/{number}"))["id"]
    assert (made["quote"], made["quoteUuid"], made["targetValue"]) == (number, uuid, Decimal("1200.44"))
    assert good(wise.call("POST", "/v1/transfers", said)) == made
    later = good(wise.call("POST", "/v2/quotes", ASKED | {"sourceCurrency": "GBP", "targetCurrency": "EUR"}))["id"]
    other = {**said, "quote": later, "customerTransactionId": uuid}
    made = good(wise.call("POST", "/v1/transfers", other))
    assert (made["quote"], made["quoteUuid"]) == (None, later)
    unknown = wise.call("POST", "/v1/transfers", {**said, "quote": 4386499, "customerTransactionId": later})
    assert (unknown.status, unknown.json["errors"][0]["path"]) == (400, "quoteUuid")


def test_a_quote_by_query_is_not_kept(wise):
    """It has no id and no profile."""
    seen = good(wise.call("GET", "/v1/quotes", query="source=GBP&target=USD&rateType=FIXED&targetAmount=110"))
    assert (seen["fee"], seen["sourceAmount"], seen["createdByUserId"]) == (Decimal("1.40"), Decimal("89.94"), 0)
    assert not {"id", "profile"} & seen.keys() and not wise.rows.all_of("quote")


@pytest.mark.parametrize(
    ("change", "status", "path"),
    [
        ({"profile": None}, 400, "profile"),
        ({"source": "BITCOIN"}, 400, "sourceCurrency"),
        ({"source": None}, 400, "sourceCurrency"),
        ({"targetAmount": 5}, 400, "sourceAmount"),
        ({"type": "GIFT"}, 400, "type"),
    ],
)
def test_what_such_a_quote_cannot_be(wise, change, status, path):
    """Each mistake is named; amounts as texts and the later names of members are none."""
    reply = wise.call("POST", "/v1/quotes", {**ASKED, **change})
    assert (reply.status, [one["path"] for one in reply.json["errors"]]) == (status, [path])
    later = {"profile": "12345", "sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": "1000"}
    assert good(wise.call("POST", "/v1/quotes", later))["targetAmount"] == Decimal("1200.44")
    assert wise.call("POST", "/v1/quotes", {**ASKED, "profile": 99}).status == 403
