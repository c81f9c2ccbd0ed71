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
    (
        "HUF",
        "hungarian",
        {"accountNumber": "12000007-12345678-00000008"},
        {"accountNumber": "02000007"},
        "accountNumber",
    ),
    ("INR", "indian_upi", {"accountNumber": "wise@yesb"}, {"accountNumber": "wise"}, "accountNumber"),
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


RECORDED = {
    "AUD": "australian bsbCode accountNumber; australian_bpay billerCode accountNumber; email",
    "BRL": "brazil bankCode branchCode accountNumber accountType cpf; "
    "brazil_business bankCode branchCode accountNumber accountType cnpj",
    "CAD": "canadian institutionNumber transitNumber accountNumber accountType; interac interacAccount; email",
    "CHF": "iban BIC IBAN; email",
    "CNY": "chinese_alipay accountNumber; chinese_wechatpay accountNumber",
    "GBP": "sort_code sortCode accountNumber; iban BIC IBAN; email",
    "HKD": "hong_kong_fps accountNumber; hongkong bankCode accountNumber; email",
    "INR": "indian ifscCode accountNumber ADDRESS; indian_upi accountNumber ADDRESS",
    "JPY": "japanese bankCode branchCode accountType accountNumber; email",
    "MXN": "mexican clabe identificationNumber; email",
    "PHP": "philippines bankCode accountNumber address.city; philippinesmobile bankCode accountNumber address.city; "
    "email",
    "PLN": "polish BIC accountNumber; iban BIC IBAN; email",
    "SGD": "singapore bankCode accountNumber; singapore_paynow accountNumber; email",
    "USD": "aba abartn accountNumber accountType ADDRESS; fedwire_local abartn accountNumber accountType ADDRESS; "
    "swift_code swiftCode accountNumber ADDRESS; email",
    "ZAR": "southafrica swiftCode accountNumber phoneNumber; email",
}
ADDRESS = "address.country address.city address.firstLine address.postCode"


@pytest.mark.parametrize("currency", RECORDED)
def test_the_forms_are_the_recorded_ones(wise, currency):
    """Types, their order, and what each asks for besides kind, e-mail and name."""
    shown = []
    for form in good(
        wise.call("GET", "/v1/account-requirements", query=f"source=GBP&target={currency}&sourceAmount=100")
    ):
        keys = [field["group"][0]["key"] for field in form["fields"]]
        assert form["type"] == "email" or keys[:3] == ["legalType", "email", "accountHolderName"]
        shown.append(" ".join([form["type"], *(keys[3:] if form["type"] != "email" else ())]))
    assert "; ".join(shown) == RECORDED[currency].replace("ADDRESS", ADDRESS)


def test_every_form_can_be_filled_in_and_every_currency_has_a_rate(wise):
    """What a form gives as an example is good unless it is a sentence, and money can be sent in each currency."""
    assert BY_CURRENCY.keys() == IN_DOLLARS.keys()
    examples = [
        (form, field) for forms in BY_CURRENCY.values() for form in forms for field in form.asked if field.example
    ]
    for form, asked in examples:
        sentence = asked.example.startswith(("Please", "Choose", "yyyy")) or " or " in asked.example
        made_up = asked.key in ("abartn", "BIC") or asked.example.startswith("DE123456")
        assert sentence or made_up or asked.wrong(asked.example) == "", (form.type, asked.key)


def test_a_form_names_the_validator_of_a_field(wise):
    """At the host by which the client came; what it names is there and judges the form's own example."""
    for currency in ("GBP", "AUD", "INR", "BRL", "CAD", "HUF"):
        reply = wise.call(
            "GET", "/v1/account-requirements", query=f"target={currency}", headers={"host": "localhost:8444"}
        )
        groups = [field["group"][0] for form in good(reply) for field in form["fields"]]
        (first, *_) = [group for group in groups if group["validationAsync"]]
        url, (param,) = first["validationAsync"]["url"], first["validationAsync"]["params"]
        assert param == {"key": first["key"], "parameterName": first["key"], "required": True}
        path = url.removeprefix("https://localhost:8444")
        example = "231470" if currency == "GBP" else first["example"]
        assert good(wise.call("GET", path, query=f"{first['key']}={example}")) == {"validation": "success"}


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


def test_a_business_in_brazil_has_a_form_of_its_own(wise):
    """With a CNPJ for the CPF, and its check digits."""
    business = {**BRAZIL, "legalType": "BUSINESS", "cnpj": "11.222.333/0001-81"}
    assert add(wise, "BRL", "brazil_business", business)["details"]["cpf"] is None
    reply = wise.call(
        "POST", "/v1/accounts", body("BRL", "brazil_business", {**business, "cnpj": "11.222.333/0001-82"})
    )
    assert [one["path"] for one in reply.json["errors"]] == ["cnpj"]
    reply = wise.call("POST", "/v1/accounts", body("BRL", "brazil", {**BRAZIL, "legalType": "BUSINESS"}))
    assert [one["path"] for one in reply.json["errors"]] == ["legalType"]


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
    assert wise.call("GET", "/v2/accounts", query="sort=name").status == 400
    for order in ("id,asc", "id,desc", "currency,asc"):
        first, last = pages(wise, f"size=2&sort={order}")
        assert [one["id"] for page in (first, last) for one in page["content"]] == ids(f"sort={order}")


def pages(wise: Caller, query: str) -> list[dict]:
    """Page by page, as public clients go on: from ``seekPositionForNext``, or from the last id, which is the same."""
    found = [good(wise.call("GET", "/v2/accounts", query=query))]
    while at := found[-1].get("seekPositionForNext"):
        assert at == found[-1]["content"][-1]["id"]
        found.append(good(wise.call("GET", "/v2/accounts", query=f"{query}&seekPosition={at}")))
    return found


def test_a_page_as_recorded(wise):
    """Three recipients, two to a page: what stands around them, and the one member more that they have in a list."""
    for _ in range(3):
        add(wise, "GBP", "sort_code", {"sortCode": "040075", "accountNumber": "37778842"})
    first, last = pages(wise, "size=2&sort=id%2Casc")
    at, sort = first["content"][1]["id"], {"empty": False, "sorted": True, "unsorted": False}
    assert {**first, "content": 0} == {"content": 0, "seekPositionForNext": at, "sort": sort, "size": 2}
    assert {**last, "content": 0} == {"content": 0, "seekPositionForCurrent": at, "sort": sort, "size": 1}
    alone = good(wise.call("GET", f"/v2/accounts/{at}"))
    assert first["content"][1] == {**alone, "isDefaultAccount": False}


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
