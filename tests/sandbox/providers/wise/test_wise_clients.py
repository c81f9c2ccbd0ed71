"""What public clients send to Wise, and what the description permits besides: forms that must not be refused."""

import pytest

from sandbox.providers.wise.chapters import CHAPTERS
from sandbox.providers.wise.notifications import example
from sandbox.webhooks.event import Subscription
from tests.sandbox.providers.memory import NOW, Caller
from tests.sandbox.providers.wise.test_wise_wire import EUR, QUOTES, good, recipient, refused, transfer

PERSON = {
    "firstName": "Oliver",
    "lastName": "Wilson",
    "dateOfBirth": "1977-07-01",
    "address": {"addressFirstLine": "50 Sunflower Ave", "city": "Phoenix", "countryIso3Code": "usa", "stateCode": "AZ"},
}
"""The description's example, without what it does not require."""
ORIGINATOR = {
    "legalEntityType": "PRIVATE",
    "reference": "CST-2991992",
    "name": {"fullName": "John Godspeed"},
    "dateOfBirth": "1977-07-01",
    "address": {"firstLine": "Salu tee 14", "countryCode": "EE"},
}
MONTH = "currency=GBP&intervalStart=2026-11-01T00:00:00Z&intervalEnd=2026-11-30T00:00:00Z"


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


# --- paths of the first years ---


def test_a_transfer_is_paid_for_on_the_path_without_a_profile(wise):
    """As clients of 2018 to 2021 do; the second payment is refused as on the newer path."""
    made = transfer(wise)
    path = f"/v1/transfers/{made['id']}/payments"
    assert good(wise.call("POST", path, {"type": "BALANCE"}), 201)["status"] == "COMPLETED"
    again = wise.call("POST", path, {"type": "BALANCE"})
    assert (again.status, again.body) == (422, b"transfer.invalid-state")
    assert wise.call("POST", "/v1/transfers/999/payments", {"type": "BALANCE"}).status == 404


def test_the_borderless_account_has_its_first_paths(wise):
    """``/v2/borderless-accounts``, and statements without a profile in the path; another's account is refused."""
    (account,) = good(wise.call("GET", "/v2/borderless-accounts", query="profileId=12345"))
    assert account == good(wise.call("GET", "/v1/borderless-accounts", query="profileId=12345"))[0]
    path = f"/v1/borderless-accounts/{account['id']}/statement"
    newer = wise.call("GET", f"/v3/profiles/12345/borderless-accounts/{account['id']}/statement.json", query=MONTH)
    assert good(wise.call("GET", f"{path}.json", query=MONTH)) == good(newer)
    assert wise.call("GET", f"{path}.pdf", query=MONTH).body.startswith(b"%PDF")
    assert wise.call("GET", "/v1/borderless-accounts/40099999/statement.json", query=MONTH).status == 403


# --- queries ---


@pytest.mark.parametrize("query", ["types=STANDARD&types=SAVINGS", "types=STANDARD, SAVINGS", "types=STANDARD,SAVINGS"])
def test_types_of_balances_may_be_several_parameters(wise, query):
    """As generated clients write a list; both kinds are found."""
    key = {"x-idempotence-uuid": "5f6dd5d3-0a8f-4a2c-b3b4-0c4e5b0f0c6e"}
    jar = {"currency": "GBP", "type": "SAVINGS", "name": "Jar"}
    good(wise.call("POST", "/v4/profiles/12345/balances", jar, headers=key), 201)
    found = good(wise.call("GET", "/v4/profiles/12345/balances", query=query))
    assert {one["type"] for one in found} == {"STANDARD", "SAVINGS"}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/v1/transfers", ["profile", "status", "sourceCurrency", "createdDateStart", "createdDateEnd", "limit"]),
        ("/v1/accounts", ["profile", "profileId", "creatorId", "currency", "active", "ownedByCustomer", "type"]),
    ],
)
def test_a_parameter_without_a_value_asks_for_nothing(wise, path, names):
    """The same list as without it; a wrong value is still refused."""
    recipient(wise)
    everything = good(wise.call("GET", path))
    assert everything
    for name in names:
        assert good(wise.call("GET", path, query=f"{name}=")) == everything
    refused(wise.call("GET", path, query="profile=mine"), 400, "NOT_VALID", "profile")


@pytest.mark.parametrize("start", ["2026-11-24T12:00:00+02:00", "2026-11-24T12:00:00%2B02:00", "2026-11-24T10:00:00",
                                   "2026-11-24 10:00:00", "2026-11-24", "2026-11-24T10:00:00.123456Z",
                                   "2026-9-1"])  # fmt: skip
def test_times_of_queries_in_every_usual_form(wise, start):
    """Also with a plus that was left unescaped; what is no time, or is none in UTC, is refused, never a fault."""
    made = transfer(wise)
    path, statement = "/v1/transfers", "/v1/profiles/12345/balance-statements/236839/statement.json"
    found = good(wise.call("GET", path, query=f"createdDateStart={start}&profile=12345"))
    assert made["id"] in [one["id"] for one in found]
    assert wise.call("GET", statement, query=f"intervalStart={start}&intervalEnd=2026-11-25T00:00:00Z").status == 200
    assert wise.call("GET", "/v1/profiles/12345/activities", query=f"since={start}").status == 200
    for wrong in ("yesterday", "0001-01-01T00:00:00%2B10:00"):
        refused(wise.call("GET", path, query=f"createdDateStart={wrong}"), 400, "NOT_VALID", "createdDateStart")
        assert wise.call("GET", statement, query=f"intervalStart={wrong}&intervalEnd={wrong}").status == 400


# --- bodies ---


def test_numbers_may_be_texts(wise):
    """In a quote, its change and a top-up, as already in a transfer; another text is refused."""
    account = recipient(wise)
    quote = good(wise.call("POST", QUOTES, {**EUR, "targetAccount": str(account)}))
    assert quote["targetAccount"] == account
    changed = good(wise.call("PATCH", f"{QUOTES}/{quote['id']}", {"targetAccount": str(account)}))
    assert changed["targetAccount"] == account
    top_up = {"profileId": "12345", "balanceId": "236839", "currency": "GBP", "amount": "10.50"}
    (after,) = good(wise.call("POST", "/v1/simulation/balance/topup", top_up))["balancesAfter"]
    assert str(after["value"]) == "1000010.50"
    refused(wise.call("POST", QUOTES, {**EUR, "targetAccount": "mine"}), 400, "NOT_VALID", "targetAccount")


def test_an_address_has_both_codes_of_its_country(wise):
    """Whichever of them was given; what was left out is not made up."""
    address = good(wise.call("POST", "/v2/profiles/personal-profile", PERSON))["details"]["address"]
    assert (address["countryIso2Code"], address["countryIso3Code"]) == ("US", "usa")
    assert (address["stateCode"], address["postCode"]) == ("AZ", None)
    french = {"addressFirstLine": "1 rue", "city": "Paris", "countryIso2Code": "FR"}
    made = good(wise.call("POST", "/v2/profiles/personal-profile", {**PERSON, "address": french}))
    assert made["details"]["address"]["countryIso3Code"] == "fra"


def test_a_change_of_a_profile_keeps_what_it_leaves_out(wise):
    """The description requires nothing; the country's other code goes with the one that is given."""
    before = good(wise.call("GET", "/v2/profiles/12344"))
    change = {"lastName": "Lovelace", "address": {"countryIso3Code": "est"}}
    after = good(wise.call("PUT", "/v2/profiles/12344/personal-profile", change))
    assert after["fullName"] == f"{before['firstName']} Lovelace"
    assert (after["dateOfBirth"], after["contactDetails"]) == (before["dateOfBirth"], before["contactDetails"])
    assert (after["address"]["countryIso2Code"], after["address"]["city"]) == ("EE", before["address"]["city"])
    wrong = wise.call("PUT", "/v2/profiles/12344/personal-profile", {"dateOfBirth": "long ago"})
    refused(wrong, 400, "NOT_VALID", "dateOfBirth")


def test_a_business_keeps_its_categories_and_addresses(wise):
    """As they were given, also after a change of something else, in either version."""
    address = {"addressFirstLine": "1 A road", "city": "London", "countryIso3Code": "gbr", "postCode": "11111"}
    body = {"businessName": "ABC Ltd", "registrationNumber": "12144939", "companyType": "LIMITED", "address": address}
    body |= {"industryCategories": ["IT_CONSULTANCY_TECHNICAL_SUPPORT_SERVICES"], "operationalAddresses": [address]}
    made = good(wise.call("POST", "/v3/profiles/business-profile", body))
    changed = good(wise.call("PUT", f"/v3/profiles/{made['id']}/business-profile", {"businessName": "ABD Ltd"}))
    assert changed["fullName"] == "ABD Ltd"
    details = {"name": "ABE Ltd", "registrationNumber": "12144939", "companyType": "LIMITED"}
    good(wise.call("PUT", "/v1/profiles", {"id": made["id"], "type": "business", "details": details}))
    renamed = good(wise.call("GET", f"/v2/profiles/{made['id']}"))
    assert (renamed["fullName"], renamed["contactDetails"]) == ("ABE Ltd", made["contactDetails"])
    for one in (made, changed, renamed):
        assert one["industryCategories"] == body["industryCategories"]
        assert [kept["postCode"] for kept in one["operationalAddresses"]] == ["11111"]


def test_by_date_an_originator_needs_less(wise):
    """No city, and a whole name; the description of /v2 requires both."""
    quote = good(wise.call("POST", QUOTES, {**EUR, "sourceAmount": 10}))["id"]
    body = {"targetAccount": recipient(wise), "quote": quote, "originalTransferId": "4711", "originator": ORIGINATOR}
    older = wise.call("POST", "/v2/profiles/12345/third-party-transfers", {**body, "details": {}})
    assert older.status == 400
    assert {error["path"] for error in older.json["errors"]} >= {"originator.address.city", "originator.name.givenName"}
    made = good(wise.call("POST", "/2026Q3/profiles/12345/third-party-transfers", {**body, "details": {}}), 201)
    assert made["originator"] == ORIGINATOR


# --- webhooks ---

LATER = {"balance_id", "post_transaction_balance_amount", "step_id"}


@pytest.mark.parametrize(
    ("version", "there"), [("2.1.0", set()), ("2.2.0", {"balance_id"}), ("3.0.0", LATER), ("4.0.0", LATER)]
)
def test_an_event_has_the_members_of_its_version(version, there):
    """A receiver that knows the members of 2.1.0 alone gets no others."""
    to = Subscription(id="1", url="https://a.example", events=frozenset(("balances#update",)), version=version)
    _, said = example("balances#update", to, NOW)
    assert said["data"].keys() & LATER == there
    assert {"resource", "amount", "currency", "transaction_type", "channel_name"} < said["data"].keys()


# --- refusals that clients know by their code ---


def test_an_offset_is_a_multiple_of_the_limit(wise):
    """As Wise's sandbox insists; without a limit in the call it may be any."""
    transfer(wise)
    assert len(good(wise.call("GET", "/v1/transfers", query="limit=1&offset=1"))) == 1
    assert good(wise.call("GET", "/v1/transfers", query="limit=100&offset=100")) == []
    assert len(good(wise.call("GET", "/v1/transfers", query="offset=1"))) == 1
    refused(wise.call("GET", "/v1/transfers", query="offset=1&limit=3"), 400, "inconsistent.pagination", None)


@pytest.mark.parametrize("call", [("GET", "/v1/accounts/1"), ("GET", "/v2/accounts/1"), ("DELETE", "/v1/accounts/x")])
def test_a_recipient_that_is_missing_has_a_code_of_its_own(wise, call):
    """A client that looks up who gets each transfer takes it for an answer, and any other code for a fault."""
    refused(wise.call(*call), 404, "RECIPIENT_MISSING", None)
    assert wise.call("GET", f"/v1/accounts/{recipient(wise)}").status == 200
