"""Wise's calls about users and profiles: addresses, currencies, rates, and what belongs to a business."""

import pytest

from sandbox.providers.wise.chapters import CHAPTERS
from sandbox.providers.wise.rates import IN_DOLLARS
from tests.sandbox.providers.memory import Caller

PHOENIX = {"country": "US", "firstLine": "50 Sunflower Ave", "postCode": "10025", "city": "Phoenix", "state": "AZ"}


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


def good(reply, status: int = 200):
    assert reply.status == status, (reply.status, reply.json, reply.body)
    return reply.json


# --- addresses ---


def test_an_address_is_the_profiles_own(wise):
    """As the description's example; it is listed, found by its id, and stands in the profile."""
    occupations = [{"code": "Software Engineer", "format": "FREE_FORM"}]
    body = {"profile": 12344, "details": {**PHOENIX, "occupations": occupations}}
    made = good(wise.call("POST", "/v1/addresses", body))
    assert made == {"id": made["id"], "profile": 12344, "details": {**PHOENIX, "occupations": occupations}}
    assert good(wise.call("GET", f"/v1/addresses/{made['id']}")) == made
    for query in ("profile=12344", "profileId=12344"):
        assert good(wise.call("GET", "/v1/addresses", query=query)) == [made]
    assert [one["profile"] for one in good(wise.call("GET", "/v1/addresses"))] == [12344, 12345]
    profile = good(wise.call("GET", "/v2/profiles/12344"))
    assert profile["address"] == {
        "id": made["id"], "addressFirstLine": "50 Sunflower Ave", "city": "Phoenix", "countryIso2Code": "US",
        "countryIso3Code": "usa", "postCode": "10025", "stateCode": "AZ",
    }  # fmt: skip
    (older,) = [one for one in good(wise.call("GET", "/v1/profiles")) if one["id"] == 12344]
    assert older["details"]["primaryAddress"] == made["id"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"country": "XX"}, "details.country"),
        ({"country": "usa"}, "details.country"),
        ({"city": None}, "details.city"),
        ({"state": None}, "details.state"),
        ({"state": "ON"}, "details.state"),
        ({"postCode": "1" * 31}, "details.postCode"),
    ],
)
def test_an_address_that_cannot_be(wise, change, path):
    """Countries and states are those that there are; the same without the mistake is taken."""
    reply = wise.call("POST", "/v1/addresses", {"profile": 12345, "details": {**PHOENIX, **change}})
    assert (reply.status, [one["path"] for one in reply.json["errors"]]) == (400, [path])
    good(wise.call("POST", "/v1/addresses", {"profile": "12345", "details": PHOENIX}))
    assert wise.call("POST", "/v1/addresses", {"profile": 99, "details": PHOENIX}).status == 403
    assert wise.call("GET", "/v1/addresses/7").status == 404


def test_the_form_of_an_address_grows(wise):
    """A state for the United States, an occupation for Canada, and for New Mexico both."""

    def keys(details: object) -> list[str]:
        (form,) = good(wise.call("POST", "/v1/address-requirements", {"details": details}))
        return [field["group"][0]["key"] for field in form["fields"]]

    (form,) = good(wise.call("GET", "/v1/address-requirements"))
    assert (form["type"], [field["group"][0]["key"] for field in form["fields"]]) == (
        "address",
        ["country", "city", "postCode", "firstLine"],
    )
    assert keys({"country": "GB"}) == ["country", "city", "postCode", "firstLine"]
    assert keys({"country": "US"})[4:] == ["state"] and keys({"country": "CA"})[4:] == ["state", "occupations"]
    assert keys({"country": "US", "state": "NM"})[4:] == ["state", "occupations"]


def test_countries_and_states(wise):
    """As the older documentation shows them; of a country without states there are none."""
    assert {"code": "GB", "name": "United Kingdom"} in good(wise.call("GET", "/v1/countries"))["values"]
    assert {"code": "AL", "name": "Alabama"} in good(wise.call("GET", "/v1/countries/us/states"))["values"]
    assert wise.call("GET", "/v1/countries/GB/states").status == 404


# --- currencies ---


def test_currencies_and_pairs(wise):
    """Yen as in the description's example; each pair has a rate, and there are no others."""
    found = {one["code"]: one for one in good(wise.call("GET", "/v1/currencies"))}
    assert found["JPY"] == {
        "code": "JPY", "symbol": "¥", "name": "Japanese yen", "countryKeywords": ["JPY", "JP", "Japan", "jpn"],
        "supportsDecimals": False,
    }  # fmt: skip
    assert found.keys() == IN_DOLLARS.keys()
    pairs = good(wise.call("GET", "/v1/currency-pairs"))
    assert pairs["total"] == len(IN_DOLLARS) == pairs["sourceCurrencies"][0]["totalTargetCurrencies"]
    assert pairs["sourceCurrencies"][0]["targetCurrencies"][0].keys() == {
        "currencyCode", "minInvoiceAmount", "fixedTargetPaymentAllowed"
    }  # fmt: skip
