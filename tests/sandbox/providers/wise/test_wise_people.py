"""Wise's calls about users and profiles: addresses, currencies, rates, and what belongs to a business."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

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


# --- rates ---


def rates(wise: Caller, query: str) -> list[dict]:
    return good(wise.call("GET", "/v1/rates", query=query))


def test_rates_are_those_of_the_table_now(wise):
    """Each pair once, and small rates with all of their digits."""
    assert len(rates(wise, "")) == len(IN_DOLLARS) * (len(IN_DOLLARS) - 1)
    (one,) = rates(wise, "source=GBP&target=EUR")
    assert one == {"rate": Decimal("1.20512"), "source": "GBP", "target": "EUR", "time": "2026-11-24T10:27:38+0000"}
    assert str(rates(wise, "source=IDR&target=USD")[0]["rate"]) == "0.0000617000"
    assert rates(wise, "source=EUR&target=EUR")[0]["rate"] == 1


def test_the_past_moves_and_stays_as_it_was(wise):
    """A history is no flat line and no leap, agrees with single times, and is the same a month later."""
    asked = "source=EUR&target=USD&from=2026-10-01&to=2026-11-01&group=day"
    days = rates(wise, asked)
    assert (len(days), days[0]["time"][:10], days[-1]["time"][:10]) == (32, "2026-11-01", "2026-10-01")
    values = [one["rate"] for one in days]
    assert len(set(values)) > 25 and max(values) / min(values) < Decimal("1.04")
    assert max(abs(one / other - 1) for one, other in pairwise(values)) < Decimal("0.01")
    assert rates(wise, "source=EUR&target=USD&time=2026-10-15T02:00:00 0200") == [days[17]]
    wise.now += timedelta(days=30)
    assert rates(wise, asked) == days
    wise.put("rate", "EUR-USD", value=2)
    assert abs(rates(wise, asked)[0]["rate"] / days[0]["rate"] - 2 / Decimal("1.03087")) < Decimal("0.0001")


def test_what_a_chart_shows_of_three_currencies_agrees(wise):
    """From euros to pounds and on to dollars is the way from euros to dollars, also in the past."""
    at = "&time=2026-06-01T12:00:00"
    pairs = ("EUR", "GBP"), ("GBP", "USD"), ("EUR", "USD")
    one, two, both = (rates(wise, f"source={source}&target={target}{at}")[0]["rate"] for source, target in pairs)
    assert abs(one * two / both - 1) < Decimal("0.0001")


@pytest.mark.parametrize(
    "query",
    [
        "source=XXX",
        "source=EUR&target=USD&group=week",
        "source=EUR&target=USD&time=2026-10-15",
        "source=EUR&target=USD&time=yesterday",
        "source=EUR&target=USD&from=2026-10-15&to=2026-10-01",
        "source=EUR&target=USD&from=2020-01-01&group=minute",
        "source=EUR&from=2026-10-01",
        "source=EUR&target=USD&from=0001-01-01T00:00:00%2B1400",
    ],
)
def test_rates_that_cannot_be_asked_for(wise, query):
    """The published envelope of a 400, and the journal is told which part; empty parameters ask for nothing."""
    reply = wise.call("GET", "/v1/rates", query=query)
    assert (reply.status, reply.json["message"], reply.json["path"]) == (400, "Invalid parameters", None)
    assert reply.reasons[0].seen
    assert len(rates(wise, "source=EUR&target=USD&time=&from=&to=&group=")) == 1


# --- users ---


def test_a_user_is_told_by_their_personal_profile(wise):
    """A new one has no name and no details until there is a profile; a contact address is set for notifications."""
    body = {"email": "new.user@domain.com", "registrationCode": "x" * 32, "language": "EN"}
    user = good(wise.call("POST", "/v1/user/signup/registration_code", body))
    path = f"/v1/users/{user['id']}"
    assert good(wise.call("GET", path)) == user and user["details"] is None
    assert good(wise.call("GET", f"{path}/contact-email")) == {"email": "new.user@domain.com"}
    assert good(wise.call("PUT", f"{path}/contact-email", {"email": "new-user@email.com"})) == {
        "email": "new-user@email.com"
    }
    assert good(wise.call("GET", f"{path}/contact-email")) == {"email": "new-user@email.com"}
    assert wise.call("PUT", f"{path}/contact-email", {"email": "nobody"}).status == 400
    wise.put("profile", "77", type="PERSONAL", firstName="Nora", lastName="New", userId=user["id"])
    told = good(wise.call("GET", path))
    assert (told["name"], told["details"]["firstName"], told["email"]) == ("Nora New", "Nora", "new.user@domain.com")
    assert good(wise.call("GET", "/v1/me"))["details"]["primaryAddress"] == 49624470


# --- profiles and businesses ---


def test_a_profile_of_the_first_version_is_changed(wise):
    """By its id in the body; the address stays, and a person does not become a business."""
    made = good(wise.call("GET", "/v1/profiles/12344"))
    details = {"firstName": "Oliver", "lastName": "Wilson", "dateOfBirth": "1977-07-01", "phoneNumber": "+3725064992"}
    changed = good(wise.call("PUT", "/v1/profiles", {"id": 12344, "type": "personal", "details": details}))
    assert (changed["id"], changed["details"]["firstName"]) == (12344, "Oliver")
    assert changed["details"]["primaryAddress"] == made["details"]["primaryAddress"]
    reply = wise.call("PUT", "/v1/profiles", {"id": 12345, "type": "personal", "details": details})
    assert (reply.status, reply.json["errors"][0]["path"]) == (400, "type")
    assert wise.call("PUT", "/v1/profiles", {"id": 99, "type": "personal", "details": details}).status == 403


JOHN = {"firstName": "John", "lastName": "Doe", "dateOfBirth": "1982-05-20", "countryOfResidenceIso3Code": "usa"}
OWNER = {
    "name": "John Doe", "dateOfBirth": "1982-05-20", "countryOfResidenceIso3Code": "usa",
    "addressFirstLine": "123 Fake St", "postCode": "FK 12345", "ownershipPercentage": 30,
}  # fmt: skip


@pytest.mark.parametrize(("path", "one"), [("directors", JOHN), ("ubos", OWNER)])
def test_people_of_a_business(wise, path, one):
    """A POST adds, a PUT puts others in their place, and each answers with all; a mistake is told with its place."""
    whole = f"/v1/profiles/12345/{path}"
    (first,) = good(wise.call("POST", whole, [one]))
    assert first == {"id": first["id"], **one}
    assert len(good(wise.call("POST", whole, [one, one]))) == 3
    (other,) = good(wise.call("PUT", whole, [one]))
    assert good(wise.call("GET", whole)) == [other] and other["id"] != first["id"]
    reply = wise.call("PUT", whole, [one, {**one, "dateOfBirth": "yesterday"}])
    assert (reply.status, [error["path"] for error in reply.json["errors"]]) == (400, ["[1].dateOfBirth"])
    assert good(wise.call("GET", whole)) == [other]
    assert good(wise.call("PUT", whole, [])) == []
    assert wise.call("POST", whole, one).status == 400
    assert wise.call("GET", whole.replace("12345", "12344")).status == 404


def test_documents_and_the_window_for_updates(wise):
    """Taken and forgotten; of a type that there is not, they are refused."""
    path = "/v1/profiles/12344/verification-documents"
    body = {"type": "IDENTITY_CARD", "uniqueIdentifier": "AA299822313", "issuerCountry": "EE"}
    assert good(wise.call("POST", path, body)) == {"errorMessage": None, "success": True}
    assert wise.call("POST", path, {**body, "type": "LIBRARY_CARD"}).status == 400
    good(wise.call("POST", "/v1/profiles/12344/update-window"))
    good(wise.call("DELETE", "/2026Q3/profiles/12344/update-window"))


# --- subscriptions ---


@pytest.mark.parametrize("event", ["transfers#active-cases", "cards#transaction-state-change", "swift-in#credit"])
def test_every_event_can_be_subscribed_to(wise, event):
    """Clients subscribe to all they know. They are not told of what never happens here; unknown ones are not taken."""
    body = {"name": "n", "trigger_on": event, "delivery": {"version": "2.0.0", "url": "https://receiver.example/hook"}}
    made = good(wise.call("POST", "/v3/profiles/12345/subscriptions", body))
    assert made["trigger_on"] == event and made["scope"] == {"domain": "profile", "id": "12345"}
    assert wise.call("POST", "/v3/profiles/12345/subscriptions", {**body, "trigger_on": "weather#rain"}).status == 400
    body["trigger_on"] = "users#state-change"
    assert wise.call("POST", "/v3/profiles/12345/subscriptions", body).status == 400
    made = good(wise.call("POST", "/v3/applications/o/subscriptions", body))
    reply = wise.call("POST", f"/v3/applications/o/subscriptions/{made['id']}/test-notifications")
    assert (reply.status, reply.json["errors"][0]["path"]) == (422, "trigger_on")
