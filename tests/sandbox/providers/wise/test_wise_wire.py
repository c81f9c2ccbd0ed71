"""Wise's calls without doors: bodies as they were recorded from Wise's sandbox, refusals, and what time does."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox.providers.wise.chapters import CHAPTERS
from sandbox.server.pipeline.message import write_json
from tests.sandbox.providers.memory import Caller

QUOTES = "/v3/profiles/12345/quotes"
EUR = {"sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": 1000}
MAX = {"currency": "EUR", "type": "iban", "accountHolderName": "Max Mustermann", "profile": 12345}
MAX_IBAN = {"legalType": "PRIVATE", "IBAN": "BE19 9677 2238 3012"}
CTID = "c84d9145-1e9a-4ce6-b356-6d6c97ca3ae5"


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


def good(reply, status: int = 200):
    assert reply.status == status, (reply.status, reply.json, reply.body)
    return reply.json


def refused(reply, status: int, code: str, path: str | None) -> None:
    """One error with that code and path; a refusal without a field has no path."""
    assert reply.status == status, (reply.status, reply.json)
    (error,) = reply.json["errors"]
    assert (error["code"], error.get("path")) == (code, path)
    assert error["message"]
    assert reply.reasons


def recipient(wise: Caller) -> int:
    return good(wise.call("POST", "/v1/accounts", {**MAX, "details": MAX_IBAN}))["id"]


def transfer(wise: Caller, asked: object = EUR, ctid: str = CTID) -> dict:
    account, quote = recipient(wise), good(wise.call("POST", QUOTES, asked))
    body = {"targetAccount": account, "quoteUuid": quote["id"], "customerTransactionId": ctid}
    return good(wise.call("POST", "/v1/transfers", {**body, "details": {"reference": "Geschenk"}}))


def fund(wise: Caller, made: dict, **more: object):
    return wise.call("POST", f"/v3/profiles/12345/transfers/{made['id']}/payments", {"type": "BALANCE", **more})


def step(wise: Caller, made: dict, state: str):
    return wise.call("GET", f"/v1/simulation/transfers/{made['id']}/{state}")


# --- quotes ---


def option(quote: dict, pay_in: str) -> dict:
    (found,) = [one for one in quote["paymentOptions"] if one["payIn"] == pay_in]
    return found


@pytest.mark.parametrize(
    ("pay_in", "fee", "pay_in_fee", "target"),
    [("BANK_TRANSFER", "3.88", "0.00", "1200.44"), ("DEBIT", "3.86", "6.56", "1192.56"),
     ("CREDIT", "3.80", "22.29", "1173.68"), ("BALANCE", "3.69", "0.00", "1200.67")],
)  # fmt: skip
def test_a_quote_costs_what_the_recorded_one_cost(wise, pay_in, fee, pay_in_fee, target):
    """1000 pounds to euros in January 2025: fees and what arrives, to the cent."""
    quote = good(wise.call("POST", QUOTES, EUR))
    assert (quote["rate"], quote["sourceAmount"], len(quote["paymentOptions"])) == (Decimal("1.20512"), 1000, 20)
    assert "targetAmount" not in quote
    one = option(quote, pay_in)
    said = (one["fee"]["transferwise"], one["fee"]["payIn"], one["targetAmount"])
    assert tuple(map(str, said)) == (fee, pay_in_fee, target)


def test_a_quote_for_what_shall_arrive(wise):
    """110 dollars: 1.40 from a bank, 1.23 from a balance, as recorded."""
    quote = good(wise.call("POST", QUOTES, {"sourceCurrency": "GBP", "targetCurrency": "USD", "targetAmount": 110}))
    assert "sourceAmount" not in quote
    bank, balance = option(quote, "BANK_TRANSFER"), option(quote, "BALANCE")
    assert (str(bank["sourceAmount"]), str(bank["fee"]["total"])) == ("89.94", "1.40")
    assert (str(balance["sourceAmount"]), str(balance["fee"]["total"])) == ("89.77", "1.23")
    assert bank["price"]["total"]["value"]["label"] == "1.40 GBP"


def test_a_quote_for_nobody_cannot_be_paid_from_a_balance(wise):
    """It is disabled with Wise's own reason; the quote is not kept, and has no profile."""
    quote = good(wise.call("POST", "/v3/quotes", EUR))
    assert option(quote, "BALANCE")["disabled"] is True
    assert option(quote, "BALANCE")["disabledReason"]["code"] == "error.payInmethod.disabled"
    assert "profile" not in quote and len(quote["paymentOptions"]) == 18
    assert wise.call("GET", f"{QUOTES}/{quote['id']}").status == 404


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"targetCurrency": "BITCOIN"}, "CurrencyCode", "targetCurrency"),
        ({"sourceAmount": 0}, "error.greaterThanZero", "sourceAmount"),
        ({"sourceAmount": -1}, "error.greaterThanZero", "sourceAmount"),
        ({"targetAmount": 5}, "error.quote.amount.onlySingle", "sourceAmount"),
        ({"sourceAmount": None}, "error.quote.amount.onlySingle", "sourceAmount"),
        ({"sourceAmount": 0.3}, "NOT_VALID", "sourceAmount"),
        ({"sourceAmount": "many"}, "NOT_VALID", "sourceAmount"),
        ({"sourceCurrency": None}, "NotNull", "sourceCurrency"),
    ],
)
def test_a_quote_that_cannot_be(wise, change, code, path):
    """Each mistake with its code; the unchanged body is taken."""
    refused(wise.call("POST", QUOTES, {**EUR, **change}), 400, code, path)
    good(wise.call("POST", QUOTES, EUR))


def test_all_mistakes_are_told_at_once(wise):
    """Two currencies and an amount."""
    reply = wise.call("POST", QUOTES, {"sourceCurrency": "X", "targetCurrency": "Y", "sourceAmount": -1})
    assert [error["path"] for error in reply.json["errors"]] == ["sourceCurrency", "targetCurrency", "sourceAmount"]


def test_a_quote_is_given_its_recipient_by_a_merge_patch(wise):
    """One in the right currency; another is refused, and so is one that is not there."""
    quote, account = good(wise.call("POST", QUOTES, EUR)), recipient(wise)
    patched = good(wise.call("PATCH", f"{QUOTES}/{quote['id']}", {"targetAccount": account}))
    assert (patched["targetAccount"], patched["id"]) == (account, quote["id"])
    assert (quote.get("payOutCountry"), patched["payOutCountry"], list(patched)[-1]) == (None, "BE", "funding")
    refused(wise.call("PATCH", f"{QUOTES}/{quote['id']}", {"targetAccount": 1}), 400, "NOT_VALID", "targetAccount")
    dollars = good(wise.call("POST", QUOTES, {**EUR, "targetCurrency": "USD"}))
    reply = wise.call("PATCH", f"{QUOTES}/{dollars['id']}", {"targetAccount": account})
    refused(reply, 400, "NOT_VALID", "targetAccount")


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        ("/v1/transfers", "limit=x&offset=-1&createdDateEnd=z", {"createdDateEnd", "offset", "limit"}),
        ("/v2/accounts", "size=x&sort=q&profile=z", {"profile", "size", "sort"}),
        ("/v1/profiles/12345/activities", "size=x&since=y&status=Q", {"query.since", "query.status", "query.size"}),
        (
            "/v1/profiles/12345/balance-statements/236839/statement.json",
            "intervalStart=x&intervalEnd=y&type=Q&currency=EUR",
            {"query.intervalStart", "query.intervalEnd", "query.type", "query.currency"},
        ),
    ],
)
def test_all_mistakes_of_a_query_are_told_at_once(wise, path, query, wrong):
    """The page, the order and every filter."""
    reply = wise.call("GET", path, query=query)
    assert (reply.status, {error["path"] for error in reply.json["errors"]}) == (400, wrong)
    assert len(reply.json["errors"]) == len(wrong)


# --- recipients ---


def test_a_recipient_in_the_older_shape(wise):
    """As recorded from ``POST /v1/accounts``: 61 members of details, and the IBAN in both spellings."""
    made = good(wise.call("POST", "/v1/accounts", {**MAX, "details": MAX_IBAN}))
    details = made.pop("details")
    assert made == {
        "id": made["id"], "business": 12345, "profile": 12345, "accountHolderName": "Max Mustermann",
        "currency": "EUR", "country": "BE", "type": "iban", "user": 12970746, "active": True,
        "ownedByCustomer": False, "confirmations": None,
    }  # fmt: skip
    given = {name: value for name, value in details.items() if value is not None}
    assert given == {"legalType": "PRIVATE", "IBAN": "BE19967722383012", "iban": "BE19967722383012"}
    assert len(details) == 61 and list(details)[:4] == ["address", "email", "legalType", "accountHolderName"]
    assert good(wise.call("GET", f"/v1/accounts/{made['id']}"))["details"] == details


def test_a_recipient_in_the_newer_shape(wise):
    """As recorded from ``GET /v2/accounts/{id}``, two hashes apart."""
    shown = good(wise.call("GET", f"/v2/accounts/{recipient(wise)}"))
    hashes = shown.pop("hash"), shown["details"].pop("hashedByLooseHashAlgorithm")
    assert all(len(one) == 64 and int(one, 16) for one in hashes)
    nobody = ("givenName", "familyName", "middleName", "patronymicName", "cannotHavePatronymicName")
    assert shown == {
        "id": shown["id"], "creatorId": 12970746, "profileId": 12345,
        "name": {"fullName": "Max Mustermann", **dict.fromkeys(nobody)},
        "currency": "EUR", "country": "BE", "type": "Iban", "legalEntityType": "PERSON", "active": True,
        "details": {"iban": "BE19967722383012"},
        "commonFieldMap": {"accountNumberField": "iban", "bankCodeField": "bic", "bicField": "bic"},
        "accountSummary": "BE19 9677 2238 3012", "longAccountSummary": "EUR account ending in 3012",
        "displayFields": [{"key": "details/iban", "label": "IBAN", "value": "BE19 9677 2238 3012"}],
        "isInternal": False, "ownedByCustomer": False,
    }  # fmt: skip


def test_a_recipient_by_e_mail(wise):
    """As recorded: the address is its summary."""
    body = {"currency": "EUR", "type": "email", "accountHolderName": "John Doe", "details": {"email": "john@doe.com"}}
    made = good(wise.call("POST", "/v1/accounts", body, query="profileId=12344"))
    assert (made["business"], made["profile"], made["country"]) == (None, 12344, None)
    shown = good(wise.call("GET", f"/v2/accounts/{made['id']}"))
    assert (shown["type"], shown["email"], shown["commonFieldMap"]) == ("Email", "john@doe.com", {})
    assert shown["accountSummary"] == shown["longAccountSummary"] == "john@doe.com"


def test_a_british_recipient(wise):
    """As the description's example: summary and display fields with dashes."""
    body = {"currency": "GBP", "type": "sort_code", "accountHolderName": "John Doe", "ownedByCustomer": True}
    details = {"legalType": "PRIVATE", "sortCode": "040075", "accountNumber": "37778842", "dateOfBirth": "1961-01-01"}
    made = good(wise.call("POST", "/2026Q3/accounts", {**body, "profile": 12345, "details": details}))
    assert (made["accountSummary"], made["longAccountSummary"]) == ("(04-00-75) 37778842", "GBP account ending in 8842")
    assert [field["value"] for field in made["displayFields"]] == ["04-00-75", "37778842"]
    assert made["commonFieldMap"] == {"accountNumberField": "accountNumber", "bankCodeField": "sortCode"}


ADDRESS = {"country": "US", "state": "NY", "city": "New York", "firstLine": "1 Road", "postCode": "10025"}
ABA = {"abartn": "111000025", "accountNumber": "12345678", "accountType": "CHECKING", "address": ADDRESS}
SORT = {"sortCode": "040075", "accountNumber": "37778842"}


@pytest.mark.parametrize(
    ("currency", "kind", "good_details", "change", "path"),
    [
        ("GBP", "sort_code", SORT, {"sortCode": "231479"}, "sortCode"),
        ("GBP", "sort_code", SORT, {"sortCode": "0400"}, "sortCode"),
        ("GBP", "sort_code", SORT, {"accountNumber": "3777884"}, "accountNumber"),
        ("GBP", "sort_code", SORT, {"accountNumber": None}, "accountNumber"),
        ("EUR", "iban", MAX_IBAN, {"IBAN": "BE19967722383013"}, "IBAN"),
        ("EUR", "iban", MAX_IBAN, {"IBAN": "BE199677223830"}, "IBAN"),
        ("EUR", "iban", MAX_IBAN, {"IBAN": "XX19967722383012"}, "IBAN"),
        ("EUR", "iban", MAX_IBAN, {"legalType": "ROBOT"}, "legalType"),
        ("USD", "aba", ABA, {"abartn": "111000026"}, "abartn"),
        ("USD", "aba", ABA, {"accountType": "GOLD"}, "accountType"),
        ("USD", "aba", ABA, {"address": {**ADDRESS, "state": None}}, "address.state"),
        ("EUR", "email", {"email": "a@b.cd"}, {"email": "nobody"}, "email"),
    ],
)
def test_a_recipient_that_cannot_be(wise, currency, kind, good_details, change, path):
    """Sort code, IBAN and ABA number are really checked; the same without the mistake is taken."""
    body = {"currency": currency, "type": kind, "accountHolderName": "John Doe", "profile": 12345}
    refused(wise.call("POST", "/v1/accounts", {**body, "details": {**good_details, **change}}), 400, "NOT_VALID", path)
    good(wise.call("POST", "/v1/accounts", {**body, "details": good_details}))


def test_the_sentence_for_an_unknown_sort_code(wise):
    """As published, with the sort code among the arguments."""
    body = {"currency": "GBP", "type": "sort_code", "accountHolderName": "John Doe", "profile": 12345}
    reply = wise.call("POST", "/v1/accounts", {**body, "details": {**SORT, "sortCode": "231479"}})
    assert reply.json["errors"][0] == {
        "code": "NOT_VALID",
        "message": "Unknown bank code. Please check the sort code is correct, or contact customer support for more "
        "information.",
        "path": "sortCode",
        "arguments": ["sortCode", "231479"],
    }


def test_what_is_asked_about_a_recipient(wise):
    """For euros, as recorded, an IBAN, SWIFT or an e-mail address; choosing a country with states asks for one."""
    quote = good(wise.call("POST", QUOTES, EUR))
    iban, swift, mail = good(wise.call("GET", f"/v1/quotes/{quote['id']}/account-requirements"))
    groups = {field["group"][0]["key"]: field["group"][0] for field in iban["fields"]}
    assert list(groups) == ["legalType", "email", "accountHolderName", "BIC", "IBAN"]
    assert groups["IBAN"]["validationRegexp"] == "^[a-zA-Z]{2}[a-zA-Z0-9 ]{12,40}$"
    assert groups["IBAN"]["refreshRequirementsOnChange"] is True
    assert [field["group"][0]["key"] for field in swift["fields"]][3:] == ["swiftCode", "accountNumber"]
    assert groups["legalType"]["valuesAllowed"][0] == {"key": "PRIVATE", "name": "Person"}
    assert [field["group"][0]["key"] for field in mail["fields"]] == ["email", "accountHolderName", "language"]
    dollars = good(wise.call("POST", QUOTES, {**EUR, "targetCurrency": "USD"}))
    path = f"/v1/quotes/{dollars['id']}/account-requirements"
    before, after = (
        {field["group"][0]["key"] for field in good(reply)[0]["fields"]}
        for reply in (wise.call("GET", path), wise.call("POST", path, {"details": {"address": {"country": "US"}}}))
    )
    assert after - before == {"address.state"}


def test_a_recipient_that_was_removed_stays_and_is_not_listed(wise):
    """Only where inactive ones are asked for; the first version answers without a body, and a second time is a 403."""
    account, other = recipient(wise), recipient(wise)
    assert [one["id"] for one in good(wise.call("GET", "/v1/accounts"))] == [account, other]
    assert good(wise.call("DELETE", f"/v1/accounts/{account}")) is None
    assert good(wise.call("DELETE", f"/v2/accounts/{other}"))["active"] is False
    assert wise.call("DELETE", f"/v1/accounts/{account}").status == 403
    assert good(wise.call("GET", "/v1/accounts")) == []
    assert [one["id"] for one in good(wise.call("GET", "/v1/accounts", query="active=false"))] == [account, other]
    quote = good(wise.call("POST", QUOTES, EUR))
    body = {"targetAccount": account, "quoteUuid": quote["id"], "customerTransactionId": CTID}
    refused(wise.call("POST", "/v1/transfers", body), 422, "INVALID_RECIPIENT", "targetAccount")


# --- transfers ---


def test_a_transfer_as_recorded(wise):
    """Before and after it is paid for: the fee of paying from a balance moves both values a little."""
    made = transfer(wise)
    shown = {
        "id": 54685607, "user": 12970746, "targetAccount": 700614969, "sourceAccount": None, "quote": None,
        "quoteUuid": made["quoteUuid"], "status": "incoming_payment_waiting", "reference": "Geschenk",
        "rate": Decimal("1.20512"), "created": "2026-11-24 10:27:38", "business": 12345, "transferRequest": None,
        "details": {"reference": "Geschenk"}, "hasActiveIssues": False, "sourceCurrency": "GBP",
        "sourceValue": Decimal("996.12"), "targetCurrency": "EUR", "targetValue": Decimal("1200.44"),
        "customerTransactionId": CTID,
    }  # fmt: skip
    assert (made, list(made)) == (shown, list(shown))
    paid = good(fund(wise, made), 201)
    completed = {"type": "BALANCE", "status": "COMPLETED", "errorCode": None, "errorMessage": None}
    assert paid == {**completed, "balanceTransactionId": 5683542}
    after = {"sourceAccount": 700594731, "status": "processing"}
    after |= {"sourceValue": Decimal("996.31"), "targetValue": Decimal("1200.67")}
    assert good(wise.call("GET", f"/v1/transfers/{made['id']}")) == {**shown, **after}


def test_money_has_two_decimals_on_the_wire(wise):
    """To the byte: Wise writes 1000000.00, and 0.00 for nothing."""
    text = write_json(wise.call("GET", "/v4/profiles/12345/balances", query="types=STANDARD")).decode()
    assert '"amount":{"value":1000000.00,"currency":"GBP"},"reservedAmount":{"value":0.00,"currency":"GBP"}' in text
    made = transfer(wise, {**EUR, "sourceAmount": 20.56})
    said = write_json(wise.call("GET", f"/v1/transfers/{made['id']}"))
    assert b'"sourceValue":19.90,"targetCurrency":"EUR","targetValue":23.98' in said
    assert json.loads(text)[0]["recipientId"] == 700594731


def test_a_transfer_that_comes_twice_is_made_once(wise):
    """The customerTransactionId names it, whatever else is sent."""
    made = transfer(wise)
    again = {"targetAccount": 1, "quoteUuid": made["quoteUuid"], "customerTransactionId": CTID}
    assert good(wise.call("POST", "/v1/transfers", again)) == made
    assert len(good(wise.call("GET", "/v1/transfers"))) == 2
    other = {**again, "targetAccount": made["targetAccount"], "customerTransactionId": CTID.replace("c8", "d8")}
    reply = wise.call("POST", "/v1/transfers", other)
    refused(reply, 422, "error.quote.not.found", None)
    assert reply.json["errors"][0]["arguments"] == [made["quoteUuid"]]


def test_a_transfer_of_a_person_has_no_business(wise):
    """``business`` is null where the profile is a person's."""
    quote = good(wise.call("POST", "/v3/profiles/12344/quotes", EUR))
    body = {"targetAccount": recipient(wise), "quoteUuid": quote["id"], "customerTransactionId": CTID}
    assert good(wise.call("POST", "/v1/transfers", body))["business"] is None


def test_behind_every_id_that_is_shown_there_is_a_recipient(wise):
    """Of the transfer that a client starts with, of a balance, of the account, and of what was paid from a balance."""
    sent = transfer(wise)
    fund(wise, sent)
    first, paid = (good(wise.call("GET", f"/v1/transfers/{one}")) for one in (12345, sent["id"]))
    (pounds, euros, *_) = good(wise.call("GET", "/v4/profiles/12345/balances", query="types=STANDARD"))
    (account,) = good(wise.call("GET", "/v1/borderless-accounts", query="profileId=12345"))
    assert paid["sourceAccount"] == pounds["recipientId"]
    for one in (first["targetAccount"], paid["sourceAccount"], euros["recipientId"], account["recipientId"]):
        seen = [good(wise.call("GET", f"/{version}/accounts/{one}"))["id"] for version in ("v1", "v2")]
        assert seen == [one, one]
    assert wise.call("GET", f"/v1/accounts/{euros['recipientId'] + 50}").status == 404
    assert [one["id"] for one in good(wise.call("GET", "/v1/accounts"))] == [sent["targetAccount"]]


def test_the_transfer_that_a_client_starts_with_has_a_quote(wise):
    """To be looked at: it is used, and nothing more can be sent on it."""
    guide = good(wise.call("GET", "/v1/transfers/12345"))
    quote = good(wise.call("GET", f"{QUOTES}/{guide['quoteUuid']}"))
    assert (quote["id"], quote["status"], quote["rate"]) == (guide["quoteUuid"], "ACCEPTED", guide["rate"])
    assert option(quote, "BALANCE")["sourceAmount"] == guide["sourceValue"]
    assert wise.call("PATCH", f"{QUOTES}/{quote['id']}", {"payOut": "BALANCE"}).status == 404
    body = {"targetAccount": 700615291, "quoteUuid": quote["id"], "customerTransactionId": CTID}
    refused(wise.call("POST", "/v1/transfers", body), 422, "error.quote.not.found", None)


def test_a_quote_and_a_transfer_take_such_a_recipient(wise):
    """The guide's in euros; a balance in its own currency, and in no other."""
    quote = good(wise.call("POST", QUOTES, EUR))
    for one, status in ((750012345, 200), (700594732, 200), (700594731, 400), (700615291, 200)):
        assert wise.call("PATCH", f"{QUOTES}/{quote['id']}", {"targetAccount": one}).status == status
    body = {"targetAccount": 700615291, "quoteUuid": quote["id"], "customerTransactionId": CTID}
    assert good(wise.call("POST", "/v1/transfers", body))["targetAccount"] == 700615291


def test_transfers_are_listed_by_what_they_are(wise):
    """The oldest first; by profile, state, currency and time; in pages."""
    first, second = transfer(wise), transfer(wise, {**EUR, "sourceAmount": 5}, CTID.replace("c8", "d8"))
    fund(wise, second)

    def ids(query: str) -> list[int]:
        return [one["id"] for one in good(wise.call("GET", "/v1/transfers", query=query))]

    assert ids("") == [12345, first["id"], second["id"]]
    assert ids("offset=1&limit=1") == [first["id"]]
    assert ids("status=processing") == [second["id"]]
    assert ids("profile=12344") == []
    assert ids("createdDateStart=2026-11-25T00:00:00Z") == []
    assert len(ids("createdDateEnd=2026-11-25&sourceCurrency=GBP")) == 3
    assert wise.call("GET", "/v1/transfers", query="profile=99").status == 403
    refused(wise.call("GET", "/v1/transfers", query="limit=x"), 400, "NOT_VALID", "limit")


def test_what_was_paid_comes_back_when_a_transfer_is_cancelled(wise):
    """Fees too; and after the money is converted it can no longer be."""
    made = transfer(wise)
    fund(wise, made)
    assert good(wise.call("PUT", f"/v1/transfers/{made['id']}/cancel"))["status"] == "cancelled"
    balance = good(wise.call("GET", "/v4/profiles/12345/balances/236839"))
    assert str(balance["amount"]["value"]) == "1000000.00"
    refused(wise.call("PUT", f"/v1/transfers/{made['id']}/cancel"), 409, "transfer.cancellation.not.allowed", None)


# --- funding ---


@pytest.mark.parametrize(
    ("profile", "number", "body", "status", "code"),
    [
        ("12345", "99", {"type": "BALANCE"}, 404, "transfer.not-found"),
        ("12344", "12345", {"type": "BALANCE"}, 403, "transfer.not-accessible-for-user"),
        ("12345", "12345", {"type": "TRUSTED_PRE_FUND_BULK"}, 422, "trustedprefundbulk.payment-option-unavailable"),
        ("12345", "12345", {"type": "TRUSTED_PRE_FUND_TX"}, 422, "trustedprefundtx.payment-option-unavailable"),
        ("99", "12345", {"type": "BALANCE"}, 403, "transfer.not-accessible-for-user"),
        ("12345", "12345", {"type": "BALANCE", "balanceId": 1}, 404, "balance.account-not-found"),
        ("12345", "12345", {"type": "BALANCE", "balanceId": 236840}, 422, "balance.currency-unsupported"),
        ("12345", "12345", {"type": "GOLD"}, 400, "invalid.request"),
        ("12345", "12345", b"{", 400, "invalid.request"),
    ],
)
def test_funding_is_refused_with_a_bare_code(wise, profile, number, body, status, code):
    """As ``text/plain``; nothing moves, and the same call without the mistake is done."""
    reply = wise.call("POST", f"/v3/profiles/{profile}/transfers/{number}/payments", body)
    assert (reply.status, reply.body, reply.media_type) == (status, code.encode(), "text/plain")
    assert wise.rows.all_of("transaction") == ()
    assert fund(wise, {"id": 12345}).status == 201


@pytest.mark.parametrize(
    ("manner", "status", "code"),
    [
        ({}, 201, "balance.insufficient-funds"),
        ({"noFunds": "422"}, 422, "balance.payment-option-unavailable"),
        ({"noFunds": "200"}, 200, "transfer.insufficient_funds"),
    ],
)
def test_no_funds(wise, manner, status, code):
    """A setting chooses among the published answers; the transfer still waits."""
    wise.put("manner", "answers", **manner)
    made = transfer(wise, {**EUR, "sourceAmount": 2_000_000})
    reply = fund(wise, made)
    assert (reply.status, reply.json["status"], reply.json["errorCode"]) == (status, "REJECTED", code)
    assert good(wise.call("GET", f"/v1/transfers/{made['id']}"))["status"] == "incoming_payment_waiting"


def test_what_is_paid_cannot_be_paid_again(wise):
    """422 or, by the setting, 409."""
    made = transfer(wise)
    fund(wise, made)
    assert (fund(wise, made).status, fund(wise, made).body) == (422, b"transfer.invalid-state")
    wise.put("manner", "answers", paidTwice="payment.exists")
    assert (fund(wise, made).status, fund(wise, made).body) == (409, b"payment.exists")


# --- simulation ---


def test_a_step_that_cannot_be_taken_is_a_200_with_errors(wise):
    """As recorded: after paying, ``processing`` must be asked for."""
    made = transfer(wise)
    fund(wise, made)
    odd = step(wise, made, "funds_converted")
    assert odd.status == 200
    assert odd.json["errors"][0]["code"] == "wrong_status"
    for state in ("processing", "funds_converted", "outgoing_payment_sent", "bounced_back", "funds_refunded"):
        assert good(step(wise, made, state))["status"] == state
    assert step(wise, made, "bounced_back").json["errors"]
    balance = good(wise.call("GET", "/v4/profiles/12345/balances/236839"))
    assert str(balance["amount"]["value"]) == "1000000.00"
    assert wise.call("GET", f"/v1/simulation/transfers/{made['id']}/magic").status == 400


def test_a_payout_fails_when_the_money_is_back(wise):
    """Before that, and for an unknown reason, it is refused."""
    made = transfer(wise)
    fund(wise, made)
    path = f"/v1/simulation/transfers/{made['id']}/payout-failure"
    refused(wise.call("POST", path), 400, "invalid_transfer_state", None)
    for state in ("processing", "funds_converted", "outgoing_payment_sent", "bounced_back"):
        step(wise, made, state)
    assert good(wise.call("POST", path))["failure_reason_code"] == "WRONG_ID_NUMBER"
    reply = wise.call("POST", path, {"failure_reason_code": "BAD_MOOD"})
    refused(reply, 400, "invalid_failure_reason_code", None)


# --- time ---


def test_after_half_an_hour_a_quote_is_over(wise):
    """It says so, and a transfer on it is refused as if it had never been."""
    quote, account = good(wise.call("POST", QUOTES, EUR)), recipient(wise)
    body = {"targetAccount": account, "quoteUuid": quote["id"], "customerTransactionId": CTID}
    wise.now += timedelta(minutes=29, seconds=59)
    assert good(wise.call("GET", f"{QUOTES}/{quote['id']}"))["status"] == "PENDING"
    wise.now += timedelta(seconds=1)
    assert good(wise.call("GET", f"{QUOTES}/{quote['id']}"))["status"] == "EXPIRED"
    refused(wise.call("POST", "/v1/transfers", body), 422, "error.quote.not.found", None)


def test_after_four_days_the_rate_is_nought_and_paying_takes_the_days_own(wise):
    """Silently: the transfer costs the same and brings another amount."""
    made = transfer(wise)
    wise.put("rate", "GBP-EUR", value="1.1")
    wise.now += timedelta(days=4, seconds=1)
    stale = good(wise.call("GET", f"/v1/transfers/{made['id']}"))
    assert (stale["rate"], stale["status"]) == (0, "incoming_payment_waiting")
    assert fund(wise, made).status == 201
    paid = good(wise.call("GET", f"/v1/transfers/{made['id']}"))
    assert (paid["rate"], str(paid["targetValue"])) == (Decimal("1.1"), "1095.94")


def test_after_fourteen_days_an_unpaid_transfer_is_cancelled(wise):
    """A paid one is not; lists by state know it too."""
    made, paid = transfer(wise), transfer(wise, EUR, CTID.replace("c8", "d8"))
    fund(wise, paid)
    wise.now += timedelta(days=14)
    assert good(wise.call("GET", f"/v1/transfers/{made['id']}"))["status"] == "cancelled"
    assert good(wise.call("GET", f"/v1/transfers/{paid['id']}"))["status"] == "processing"
    listed = good(wise.call("GET", "/v1/transfers", query="status=cancelled"))
    assert [one["id"] for one in listed] == [12345, made["id"]]
    assert good(wise.call("GET", "/v1/transfers", query="status=incoming_payment_waiting")) == []
    assert (fund(wise, made).status, fund(wise, made).body) == (422, b"transfer.invalid-state")


# --- profiles, balances, users ---


def test_profiles_in_both_shapes(wise):
    """A person and a business of one user; the ids of profiles and users differ."""
    person, business = good(wise.call("GET", "/v2/profiles"))
    assert (person["type"], business["type"]) == ("PERSONAL", "BUSINESS")
    assert {person["userId"], business["userId"]} == {12970746}
    older_person, older_business = good(wise.call("GET", "/v1/profiles"))
    names = "firstName lastName dateOfBirth phoneNumber avatar occupation occupations primaryAddress firstNameInKana"
    assert list(older_person["details"])[:9] == names.split()
    names = "name registrationNumber acn abn arbn companyType companyRole descriptionOfBusiness primaryAddress webpage"
    assert list(older_business["details"])[:10] == names.split()
    assert good(wise.call("GET", "/2026Q4/profiles")) == [person, business]


def test_the_paths_of_older_clients(wise):
    """Wise's own Postman collection: a quote whose body names the profile, a profile by its details, balances of v3."""
    quote = good(wise.call("POST", "/v2/quotes", {**EUR, "profile": 12345}))
    assert good(wise.call("GET", f"/v2/quotes/{quote['id']}")) == good(wise.call("GET", f"{QUOTES}/{quote['id']}"))
    assert "profile" not in good(wise.call("POST", "/v2/quotes", EUR))
    details = {"firstName": "Test", "lastName": "Profile", "dateOfBirth": "1990-01-01", "phoneNumber": "+6581234567"}
    made = good(wise.call("POST", "/v1/profiles", {"type": "personal", "details": details}))
    assert (made["type"], {name: made["details"][name] for name in details}) == ("personal", details)
    refused(wise.call("POST", "/v1/profiles", {"type": "robot", "details": {}}), 400, "NOT_VALID", "type")
    details = {"name": "ABC Ltd", "registrationNumber": "1", "companyType": "LIMITED"}
    assert (
        good(wise.call("POST", "/v1/profiles", {"type": "business", "details": details}))["details"]["name"]
        == "ABC Ltd"
    )
    of_v3 = good(wise.call("GET", "/v3/profiles/12345/balances", query="types=STANDARD"))
    assert of_v3 == good(wise.call("GET", "/v4/profiles/12345/balances", query="types=STANDARD"))
    arrives = good(wise.call("GET", "/v1/delivery-estimates/12345"))["estimatedDeliveryDate"]
    assert arrives == "2026-11-25T12:27:38.000+0000"


def test_a_profile_is_made_and_changed(wise):
    """It keeps its id and its user; a person's is no business."""
    address = {"addressFirstLine": "1 A road", "city": "London", "countryIso3Code": "gbr", "postCode": "E1"}
    body = {"firstName": "Ada", "lastName": "Byron", "dateOfBirth": "1815-12-10", "address": address}
    made = good(wise.call("POST", "/v2/profiles/personal-profile", body))
    assert (made["type"], made["details"]["firstName"]) == ("PERSONAL", "Ada")
    path = f"/v2/profiles/{made['id']}/personal-profile"
    changed = good(wise.call("PUT", path, {**body, "lastName": "Lovelace"}))
    assert (changed["id"], changed["fullName"], changed["userId"]) == (made["id"], "Ada Lovelace", 12970746)
    assert good(wise.call("GET", f"/v2/profiles/{made['id']}")) == changed
    assert wise.call("PUT", path.replace("v2", "v3").replace("personal", "business"), body).status == 404
    assert wise.call("PUT", "/v2/profiles/12345/personal-profile", body).status == 404


@pytest.mark.parametrize(
    "path",
    ["/v2/profiles/1", "/v3/profiles/1/quotes/x", "/v4/profiles/1/balances", "/v4/profiles/1/balances/236839"],
)
def test_a_profile_of_somebody_else_is_a_403(wise, path):
    """Not an empty list, and not a 404."""
    if "quotes" in path:
        path = path.replace("/x", f"/{good(wise.call('POST', QUOTES, EUR))['id']}")
    reply = wise.call("GET", path, query="types=STANDARD")
    assert (reply.status, reply.json["error"], reply.json["message"]) == (403, "unauthorized", "Unauthorized")


def test_balances_ask_for_types(wise):
    """Without them the path of the error is query.types, and SAVINGS is a type."""
    refused(wise.call("GET", "/v4/profiles/12345/balances"), 400, "NotNull", "query.types")
    refused(wise.call("GET", "/v4/profiles/12345/balances", query="types=GOLD"), 400, "NOT_VALID", "query.types")
    assert good(wise.call("GET", "/v4/profiles/12345/balances", query="types=SAVINGS")) == []


def test_a_balance_that_moves_says_when(wise):
    """Its modificationTime is that of the last movement."""
    before = good(wise.call("GET", "/v4/profiles/12345/balances/236839"))
    wise.now += timedelta(hours=1)
    fund(wise, transfer(wise))
    after = good(wise.call("GET", "/v4/profiles/12345/balances/236839"))
    assert after["creationTime"] == before["creationTime"] == before["modificationTime"]
    assert after["modificationTime"] == "2026-11-24T11:27:38.148999Z"
    assert str(after["amount"]["value"]) == "999000.00"


def test_a_balance_is_opened_once(wise):
    """The same X-idempotence-uuid gives the same; a second one of a currency is refused; an empty one is closed."""
    path, body, once = (
        "/v4/profiles/12345/balances",
        {"currency": "PLN", "type": "STANDARD"},
        {"x-idempotence-uuid": "a"},
    )
    refused(wise.call("POST", path, body), 400, "NotNull", "header.X-idempotence-uuid")
    made = good(wise.call("POST", path, body, headers=once), 201)
    assert good(wise.call("POST", path, body, headers=once), 201) == made
    refused(wise.call("POST", path, body, headers={"x-idempotence-uuid": "b"}), 400, "NOT_UNIQUE", "currency")
    assert wise.call("DELETE", f"{path}/{made['id']}").status == 204
    refused(wise.call("DELETE", f"{path}/236839"), 422, "NOT_VALID", "balanceId")


def test_money_is_held_in_every_currency_that_there_is(wise):
    """33 of them: each that has a rate can be opened, and converted into, also under the same X-idempotence-uuid."""
    path = "/v2/borderless-accounts-configuration/profiles/12345/available-currencies"
    there, rated = good(wise.call("GET", path)), {one["code"] for one in good(wise.call("GET", "/v1/currencies"))}
    assert set(there) == rated and len(there) == 33
    for currency in rated - {"GBP", "EUR", "USD"}:
        asked, key = {"currency": currency, "type": "STANDARD"}, {"x-idempotence-uuid": currency}
        good(wise.call("POST", "/v4/profiles/12345/balances", asked, headers=key), 201)
        quote = {"sourceCurrency": "GBP", "targetCurrency": currency, "sourceAmount": 100, "payOut": "BALANCE"}
        moved = {"quoteId": good(wise.call("POST", QUOTES, quote))["id"]}
        into = good(wise.call("POST", "/v2/profiles/12345/balance-movements", moved, headers=key), 201)
        assert into["balancesAfter"][1]["currency"] == currency
        if currency in ("HUF", "IDR", "JPY", "KES", "KRW"):  # which have no decimals, as /v1/currencies says
            assert into["balancesAfter"][1]["value"] % 1 == 0


def test_ids_of_different_kinds_never_coincide(wise):
    """A mistaken id is a 404 or a 403, never somebody else's resource."""
    made = transfer(wise)
    ids = [
        {row.id for row in wise.rows.all_of(kind)} for kind in ("profile", "user", "transfer", "recipient", "balance")
    ]
    new = [one - {"12345"} for one in ids]
    assert sum(map(len, new)) == len(set().union(*new))
    assert str(made["id"]) in new[2]


def test_a_registration_code_is_long_and_an_e_mail_address_is_used_once(wise):
    """Both refusals as published."""
    path, body = "/v1/user/signup/registration_code", {"email": "a@b.c", "registrationCode": "x" * 31}
    reply = wise.call("POST", path, body)
    assert reply.json == {
        "errors": [
            {
                "code": "Size",
                "message": "size must be between 32 and 2147483647",
                "path": "registrationCode",
                "arguments": ["2147483647", "32"],
            }
        ]
    }
    long = {**body, "registrationCode": "x" * 32}
    made = good(wise.call("POST", path, long))
    assert made == {"id": 12970747, "name": None, "email": "a@b.c", "active": True, "details": None}
    again = wise.call("POST", path, long)
    assert (again.status, again.json["errors"][0]["code"]) == (409, "NOT_UNIQUE")


JUNK = (None, True, 0, -1, 1.5, "", "x", "\ud800", "\x00", "9" * 400, [], {}, [1], {"a": None}, 10**400)
BODIES = {
    "/v3/profiles/12345/quotes": {**EUR, "targetAccount": 1, "payOut": "X", "preferredPayIn": "BALANCE"},
    "/v2/quotes": {**EUR, "profile": 12345},
    "/v1/accounts": {**MAX, "details": MAX_IBAN, "ownedByCustomer": True},
    "/v1/refund-accounts": {**MAX, "details": MAX_IBAN},
    "/v1/quotes": {"profile": 12345, "source": "GBP", "target": "EUR", "sourceAmount": 1, "type": "REGULAR"},
    "/v1/addresses": {"profile": 12345, "details": {}},
    "/v1/address-requirements": {"profile": 12345, "details": {}},
    "/v1/profiles/12345/verification-documents": {
        "firstName": "A",
        "documentType": "PASSPORT",
        "uniqueIdentifier": "1",
    },
    "/v1/transfers": {"targetAccount": 1, "quoteUuid": CTID, "quote": 1, "customerTransactionId": CTID, "details": {}},
    "/v1/transfer-requirements": {"targetAccount": 1, "quoteUuid": CTID, "details": {}},
    "/v3/profiles/12345/transfers/12345/payments": {"type": "BALANCE", "balanceId": 1},
    "/v4/profiles/12345/balances": {"currency": "PLN", "type": "STANDARD", "name": "x"},
    "/v1/simulation/balance/topup": {"profileId": 12345, "balanceId": 236839, "currency": "GBP", "amount": 1},
    "/v2/profiles/12345/balance-movements": {
        "quoteId": CTID,
        "sourceBalanceId": 236839,
        "targetBalanceId": 236840,
        "amount": {"value": 1, "currency": "GBP"},
    },
    "/v1/borderless-accounts/40012345/conversions": {"quoteId": CTID},
    "/v1/profiles/12345/account-details-orders": {"currency": "EUR"},
    "/v2/profiles/12345/third-party-transfers": {
        "targetAccount": 1,
        "quote": CTID,
        "originalTransferId": "1",
        "originator": {"legalEntityType": "PRIVATE"},
    },
    "/v1/simulation/profiles/12345/bank-transactions/import": {"currency": "GBP", "amount": 1},
    "/v3/profiles/12345/batch-groups": {"sourceCurrency": "GBP", "name": "n"},
    "/v2/profiles/personal-profile": {"firstName": "A", "lastName": "B", "dateOfBirth": "1990-01-01", "address": {}},
    "/v1/profiles": {"type": "personal", "details": {}},
    "/v1/users/exists": {"email": "a@b.c"},
    "/v1/user/signup/registration_code": {"email": "a@b.c", "registrationCode": "x" * 32},
    "/v1/simulation/transfers/12345/payout-failure": {"failure_reason_code": "WRONG_ID_NUMBER"},
    "/v3/profiles/12345/subscriptions": {"name": "n", "trigger_on": "transfers#state-change", "delivery": {}},
}


@pytest.mark.parametrize("path", BODIES)
def test_junk_is_refused_and_never_a_fault(wise, path):
    """Every member by everything that it should not be: an answer below 500 that can be written, each time."""
    for name in BODIES[path]:
        for junk in JUNK:
            for body in ({**BODIES[path], name: junk}, {name: junk}):
                said = json.dumps(body).encode()
                reply = wise.call("POST", path, said, headers={"x-idempotence-uuid": CTID})
                assert reply.status < 500
                write_json(reply).decode()
    for body in (b"[]", b"null", b"{", b"\xff", b'{"a":' * 5000):
        assert 400 <= wise.call("POST", path, body).status < 500


@pytest.mark.parametrize("details", [{"IBAN": one} for one in JUNK] + [{"legalType": one} for one in JUNK])
def test_junk_in_details_is_refused_too(wise, details):
    """Of the recipient's account."""
    assert 400 <= wise.call("POST", "/v1/accounts", json.dumps({**MAX, "details": details}).encode()).status < 500
