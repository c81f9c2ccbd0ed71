"""Wise's recipients beyond the recorded ones: the local accounts of other currencies, lists, and validators."""

import pytest

from sandbox.providers.wise.chapters import CHAPTERS
from sandbox.providers.wise.rates import IN_DOLLARS
from sandbox.providers.wise.requirements import BY_CURRENCY
from tests.sandbox.providers.memory import Caller

NEW_YORK = {"countryCode": "US", "state": "NY", "city": "New York", "firstLine": "1 Road", "postCode": "10025"}
SINGAPORE = {"countryCode": "SG", "city": "Singapore", "firstLine": "1 Road", "postCode": "10025"}
BRAZIL = {
    "bankCode": "341", "branchCode": "1234", "accountNumber": "12345678-9", "accountType": "CHECKING",
    "cpf": "123.456.789-09", "phoneNumber": "+55 21 5555 5555",
}  # fmt: skip
CANADA = {"institutionNumber": "006", "transitNumber": "04841", "accountNumber": "3456712", "accountType": "Checking"}
LOCAL = [
    ("AUD", "australian", {"bsbCode": "023-604", "accountNumber": "123456789"}, {"bsbCode": "02360"}, "bsbCode"),
    (
        "INR",
        "indian",
        {"ifscCode": "YESB0236041", "accountNumber": "678911234567891"},
        {"ifscCode": "YESB1236041"},
        "ifscCode",
    ),
    ("BRL", "brazil", BRAZIL, {"cpf": "123.456.789-12"}, "cpf"),
    ("BRL", "brazil", BRAZIL, {"branchCode": "main"}, "branchCode"),
    ("CAD", "canadian", CANADA, {"transitNumber": "4841"}, "transitNumber"),
    ("CAD", "interac", {"interacAccount": "rita@example.org"}, {"interacAccount": "rita"}, "interacAccount"),
    ("SGD", "singapore", {"bankCode": "7171", "accountNumber": "4000000000"}, {"bankCode": "DBS"}, "bankCode"),
    ("MXN", "mexican", {"clabe": "032180000118359719"}, {"clabe": "032180000118359718"}, "clabe"),
    ("NZD", "newzealand", {"accountNumber": "03-1587-0050000-00"}, {"accountNumber": "03-1587"}, "accountNumber"),
    ("SEK", "bankgiro", {"bankgiroNumber": "1234-5674"}, {"bankgiroNumber": "1234-5678"}, "bankgiroNumber"),
    (
        "PLN",
        "polish",
        {"accountNumber": "61109010140000071219812874"},
        {"accountNumber": "62109010140000071219812874"},
        "accountNumber",
    ),
    ("AED", "emirates", {"IBAN": "AE070331234567890123456"}, {"IBAN": "AE080331234567890123456"}, "IBAN"),
    ("CHF", "iban", {"iban": "CH9300762011623852957"}, {"iban": "CH9300762011623852958"}, "IBAN"),
    (
        "USD",
        "swift_code",
        {"swiftCode": "DBSSSGSGXXX", "accountNumber": "40000000000", "address": SINGAPORE},
        {"swiftCode": "DBS"},
        "swiftCode",
    ),
]


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


def good(reply, status: int = 200):
    assert reply.status == status, (reply.status, reply.json, reply.body)
    return reply.json


def body(currency: str, kind: str, details: object) -> dict:
    return {"currency": currency, "type": kind, "accountHolderName": "Rita Recipient", "details": details}


def add(wise: Caller, currency: str, kind: str, details: dict) -> dict:
    return good(wise.call("POST", "/v1/accounts", body(currency, kind, {"legalType": "PRIVATE", **details})))


@pytest.mark.parametrize(("currency", "kind", "details", "change", "path"), LOCAL)
def test_a_local_account_is_judged(wise, currency, kind, details, change, path):
    """By form and check digits; the same without the mistake is taken, listed and shown in both shapes."""
    reply = wise.call("POST", "/v1/accounts", body(currency, kind, {**details, **change}))
    assert (reply.status, [one["path"] for one in reply.json["errors"]]) == (400, [path])
    made = add(wise, currency, kind, details)
    assert (made["type"], made["currency"]) == (kind, currency)
    shown = good(wise.call("GET", f"/v2/accounts/{made['id']}"))
    account = shown["details"][shown["commonFieldMap"]["accountNumberField"]]
    assert shown["longAccountSummary"] == f"{currency} account ending in {account[-4:]}"
    assert account[-4:] in shown["accountSummary"].replace(" ", "") and shown["displayFields"]


def test_every_form_can_be_filled_in_and_every_currency_has_a_rate(wise):
    """What a form gives as an example is of the form's own pattern, and money can be sent in each currency."""
    assert BY_CURRENCY.keys() == IN_DOLLARS.keys()
    for currency in BY_CURRENCY:
        for form in good(wise.call("GET", "/v1/account-requirements", query=f"source=EUR&target={currency}")):
            assert {"type", "title", "usageInfo", "fields"} == form.keys()
        for one in BY_CURRENCY[currency]:
            for asked in (field for field in one.asked if field.example and not field.check):
                assert asked.wrong(asked.example) == "", (one.type, asked.key)


def test_wises_own_requests_are_taken_as_they_are(wise):
    """Of its public collection: a type in capitals, ``countryCode``, an address that nobody asked for."""
    details = {"abartn": "064000020", "accountNumber": 40000000000, "accountType": "CHECKING", "address": NEW_YORK}
    made = add(wise, "USD", "ABA", details)
    assert made["details"]["address"] == {
        "country": "US",
        "countryCode": "US",
        "firstLine": "1 Road",
        "postCode": "10025",
        "city": "New York",
        "state": "NY",
    }
    assert made["details"]["accountNumber"] == "40000000000"
    shown = good(wise.call("GET", f"/v2/accounts/{made['id']}"))
    assert shown["address"] == {name: made["details"]["address"][name] for name in shown["address"]}
    assert list(shown["address"]) == ["country", "firstLine", "postCode", "city", "state"]
    singapore = {"bankCode": "7171", "accountNumber": "4000000000", "address": SINGAPORE, "email": "rita@example.org"}
    assert add(wise, "SGD", "singapore", singapore)["details"]["address"]["country"] == "SG"


def test_a_business_is_asked_for_other_numbers(wise):
    """In Brazil the CNPJ for the CPF, in Australia a business number; the form says so when it is filled in."""
    filled = {"details": {"legalType": "BUSINESS"}}
    (form, *_) = good(wise.call("POST", "/v1/account-requirements", filled, query="source=GBP&target=BRL"))
    keys = [field["group"][0]["key"] for field in form["fields"]]
    assert "cnpj" in keys and "cpf" not in keys
    business = {**BRAZIL, "legalType": "BUSINESS", "cnpj": "11.222.333/0001-81"}
    assert good(wise.call("POST", "/v1/accounts", body("BRL", "brazil", business)))["details"]["cpf"] is None
    reply = wise.call("POST", "/v1/accounts", body("BRL", "brazil", {**business, "cnpj": "11.222.333/0001-82"}))
    assert [one["path"] for one in reply.json["errors"]] == ["cnpj"]


def test_an_address_is_asked_for_where_it_is_wanted(wise):
    """``addressRequired=true`` adds it to a form that has none."""
    for wanted in ("false", "true"):
        (form, *_) = good(wise.call("GET", "/v1/account-requirements", query=f"target=GBP&addressRequired={wanted}"))
        keys = {field["group"][0]["key"] for field in form["fields"]}
        assert ("address.country" in keys) is (wanted == "true")


@pytest.mark.parametrize("query", ["source=EUR", "source=EUR&target=XXX", "source=gbp&target=EUR"])
def test_requirements_need_currencies_that_there_are(wise, query):
    """Refused with the code for a currency; the amount may be left out."""
    reply = wise.call("GET", "/v1/account-requirements", query=query)
    assert (reply.status, reply.json["errors"][0]["code"]) == (400, "CurrencyCode")
    good(wise.call("GET", "/v1/account-requirements", query="sourceCurrency=EUR&targetCurrency=GBP"))


def test_lists_take_several_values_empty_ones_and_an_order(wise):
    """Of currencies and types; a parameter without a value asks for nothing; pages in either direction."""
    gbp = add(wise, "GBP", "sort_code", {"sortCode": "040075", "accountNumber": "37778842"})["id"]
    sgd = add(wise, "SGD", "singapore", {"bankCode": "7171", "accountNumber": "4000000000"})["id"]
    aud = add(wise, "AUD", "australian", {"bsbCode": "023604", "accountNumber": "123456789"})["id"]

    def ids(query: str) -> list[int]:
        return [one["id"] for one in good(wise.call("GET", "/v2/accounts", query=query))["content"]]

    assert ids("currency=GBP,AUD") == ids("type=sort_code,AUSTRALIAN") == [gbp, aud]
    assert ids("currency=&type=&sort=") == [gbp, sgd, aud]
    assert ids("sort=id,desc") == [aud, sgd, gbp] and ids("sort=currency,asc") == [aud, gbp, sgd]
    seen, at = [], "0"
    for order in ("id,asc", "id,desc", "currency,asc"):
        seen, at = [], "0"
        while at != "None":
            page = good(wise.call("GET", "/v2/accounts", query=f"size=2&sort={order}&seekPosition={at}"))
            seen += [one["id"] for one in page["content"]]
            at = str(page["seekPositionForNext"])
        assert seen == ids(f"sort={order}")
    assert wise.call("GET", "/v2/accounts", query="sort=name").status == 400


@pytest.mark.parametrize(
    ("validator", "right", "wrong"),
    [
        ("sort-code", "sortCode=231470", "sortCode=2314701"),
        ("iban", "iban=EE867700771000187087", "iban=EE867700771000187088"),
        ("bic", "bic=LHVBEE22&iban=EE867700771000187087", "bic=LHV"),
        ("abartn", "abartn=011103093", "abartn=011103094"),
        ("ifsc-code", "ifscCode=YESB0236041", "ifscCode=YESB"),
        ("bsb-code", "bsbCode=112879", "bsbCode="),
        ("canadian-transit-number", "institutionNumber=006&transitNumber=04841", "institutionNumber=006"),
    ],
)
def test_a_validator_says_what_a_recipient_would_hear(wise, validator, right, wrong):
    """The published examples pass, with the published bodies for both."""
    assert good(wise.call("GET", f"/v1/validators/{validator}", query=right)) == {"validation": "success"}
    (error,) = good(wise.call("GET", f"/v1/validators/{validator}", query=wrong), 400)["errors"]
    assert error["code"] == "VALIDATION_NOT_SUCCESSFUL"
    assert error["message"] == f"{error['path']} has not passed validation."
    assert wise.call("GET", "/v1/validators/horoscope", query=right).status == 404


INDIAN = {"ifscCode": "YESB0236041", "accountNumber": "678911234567891"}


def test_a_name_that_differs_is_confirmed_by_the_customer(wise):
    """In rupees the bank is asked; acceptance is remembered. In euros, as recorded, nobody is asked."""
    asked = {**body("INR", "indian", INDIAN), "accountHolderName": "Rita Recipient Mismatch"}
    made = good(wise.call("POST", "/v1/accounts", asked))
    (outcome,) = made["confirmations"]["outcomes"]
    assert (outcome["outcome"], outcome["requiresCustomerAcceptance"]) == ("PARTIAL_FAILURE", True)
    assert outcome["recommendedUpdates"] == [{"path": "accountHolderName", "value": "Rita Recipient"}]
    path = f"/v2/accounts/{made['id']}"
    assert good(wise.call("GET", path))["confirmations"]["acceptedOutcomes"] is False
    assert wise.call("PATCH", f"{path}/confirmations", {}).status == 400
    accepted = good(wise.call("PATCH", f"{path}/confirmations", {"acceptedOutcomes": True}))["confirmations"]
    assert accepted["acceptedOutcomes"] is True and accepted["acceptedAt"].startswith("2026-11-24T10:27:38")
    right = good(wise.call("POST", "/v1/accounts", body("INR", "indian", INDIAN)))["confirmations"]["outcomes"][0]
    assert (right["outcome"], right["requiresCustomerAcceptance"]) == ("SUCCESS", False)


def test_whether_a_recipient_fits_a_quote(wise):
    """In its currency it does, and what the bank says comes with it; in another it does not."""
    account = add(wise, "INR", "indian", INDIAN)["id"]
    asked = {"profile": 12345, "sourceCurrency": "GBP", "sourceAmount": 9}
    quotes = [good(wise.call("POST", "/v2/quotes", {**asked, "targetCurrency": one})) for one in ("INR", "EUR")]
    fits, not_so = (quote["id"] for quote in quotes)
    said = good(wise.call("POST", f"/v2/accounts/{account}/quotes/{fits}/compatibility"))
    assert (said["accountId"], said["quoteId"], said["confirmations"]["quoteId"]) == (account, fits, fits)
    older = good(wise.call("POST", f"/v1/accounts/{account}/quotes/{fits}/compatibility"))
    assert older["confirmations"]["outcomes"][0]["fieldsChecked"][0] == "accountHolderName"
    assert wise.call("POST", f"/v2/accounts/{account}/quotes/{not_so}/compatibility").status == 422
