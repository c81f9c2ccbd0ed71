"""Batch groups, activities, receipts, account details, the borderless account, and money between balances."""

import base64
import io
from datetime import timedelta
from decimal import Decimal

import pypdf
import pytest

from sandbox.providers.wise.bank_accounts import DETAILS
from sandbox.providers.wise.bank_codes import iban_good
from sandbox.providers.wise.chapters import CHAPTERS
from tests.sandbox.providers.memory import Caller
from tests.sandbox.providers.wise.test_wise_wire import CTID, fund, good, recipient, refused, step, transfer

GROUPS = "/v3/profiles/12345/batch-groups"
ACTIVITIES = "/v1/profiles/12345/activities"
KEY = {"x-idempotence-uuid": CTID}


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


def group(wise: Caller, *pounds: int, status: str = "") -> dict:
    """A group with transfers of so many pounds, in that status."""
    made = good(wise.call("POST", GROUPS, {"sourceCurrency": "GBP", "name": "My batch group"}), 201)
    account = recipient(wise)
    for number, one in enumerate(pounds):
        asked = {"sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": one}
        quote = good(wise.call("POST", "/v3/profiles/12345/quotes", asked))["id"]
        body = {"targetAccount": account, "quoteUuid": quote, "customerTransactionId": f"{CTID[:-2]}{number:02d}"}
        good(wise.call("POST", f"{GROUPS}/{made['id']}/transfers", body))
    return update(wise, made["id"], status).json if status else look(wise, made)


def look(wise: Caller, made: dict) -> dict:
    return good(wise.call("GET", f"{GROUPS}/{made['id']}"))


def update(wise: Caller, number: str, status: str, version: int | None = None):
    seen = look(wise, {"id": number})["version"] if version is None else version
    return wise.call("PATCH", f"{GROUPS}/{number}", {"status": status, "version": seen})


def pay(wise: Caller, made: dict):
    path = f"/v3/profiles/12345/batch-payments/{made['id']}/payments"
    return wise.call("POST", path, {"type": "BALANCE"})


# --- batch groups ---


def test_a_new_group_is_the_descriptions_example(wise):
    """Its members and their values, to the last one."""
    made = good(wise.call("POST", GROUPS, {"sourceCurrency": "GBP", "name": "My batch group"}), 201)
    rest = {"version": 0, "name": "My batch group", "sourceCurrency": "GBP", "status": "NEW", "transferIds": []}
    assert made == {"id": made["id"], **rest, "payInDetails": []}


def test_a_group_is_paid_for_whole(wise):
    """Completed it says where to pay; paid, each transfer is on its way and the balance is less by all of them."""
    made = group(wise, 1000, 500, status="COMPLETED")
    (pay_in,) = made["payInDetails"]
    assert (pay_in["type"], str(pay_in["amount"]), pay_in["currency"]) == ("bank_transfer", "1500.00", "GBP")
    paid = good(pay(wise, made))
    assert (paid["alreadyPaid"], paid["groupType"], paid["transferIds"]) == (True, "API", made["transferIds"])
    for number in made["transferIds"]:
        assert good(wise.call("GET", f"/v1/transfers/{number}"))["status"] == "processing"
    balance = good(wise.call("GET", "/v4/profiles/12345/balances/236839"))
    assert balance["amount"]["value"] == Decimal("998500.00")
    again = pay(wise, made)
    assert (again.status, again.body) == (422, b"transfer.invalid-state")


def test_a_group_that_costs_too_much_is_not_paid_for_at_all(wise):
    """The first transfer alone could have been."""
    made = group(wise, 600_000, 600_000, status="COMPLETED")
    said = pay(wise, made)
    assert (said.status, said.body) == (422, b"balance.insufficient-funds")
    assert wise.rows.all_of("transaction") == ()


def test_a_transfer_waits_until_its_group_is_completed(wise):
    """Nor is a group paid for before."""
    made = group(wise, 1000)
    number = {"id": made["transferIds"][0]}
    assert fund(wise, number).body == pay(wise, made).body == b"transfer.invalid-state"
    assert update(wise, made["id"], "COMPLETED").status == 200
    assert fund(wise, number).status == 201


def test_a_group_is_changed_only_at_the_version_that_was_seen(wise):
    """Each change moves it."""
    made = group(wise, 1000)
    refused(update(wise, made["id"], "COMPLETED", version=made["version"] - 1), 409, "NOT_VALID", "version")
    assert update(wise, made["id"], "COMPLETED").json["version"] != made["version"]


def test_a_cancelled_group_cancels_its_transfers(wise):
    """For good; what is paid for cannot be cancelled."""
    made = group(wise, 1000, status="CANCELLED")
    assert good(wise.call("GET", f"/v1/transfers/{made['transferIds'][0]}"))["status"] == "cancelled"
    refused(update(wise, made["id"], "COMPLETED"), 409, "NOT_VALID", "status")
    other = good(wise.call("POST", GROUPS, {"sourceCurrency": "GBP", "name": "Paid"}), 201)
    sent = transfer(wise, ctid=CTID.replace("c", "d"))
    body = {name: sent[name] for name in ("targetAccount", "quoteUuid", "customerTransactionId")}
    said = wise.call("POST", f"{GROUPS}/{other['id']}/transfers", body)
    refused(said, 422, "NOT_UNIQUE", "customerTransactionId")


def test_a_group_takes_quotes_of_its_currency_only(wise):
    """A quote from euros does not go into a group of pounds."""
    made, account = group(wise), recipient(wise)
    quote = good(wise.call("POST", "/v3/profiles/12345/quotes", {"sourceCurrency": "EUR", "targetCurrency": "EUR",
                                                                 "sourceAmount": 10}))  # fmt: skip
    body = {"targetAccount": account, "quoteUuid": quote["id"], "customerTransactionId": CTID}
    refused(wise.call("POST", f"{GROUPS}/{made['id']}/transfers", body), 422, "NOT_VALID", "quoteUuid")


# --- for somebody else, and by a quote's number ---


JOHN = {
    "legalEntityType": "PRIVATE",
    "reference": "CST-2991992",
    "name": {"givenName": "John", "middleNames": ["Ryan"], "familyName": "Godspeed"},
    "dateOfBirth": "1977-07-01",
    "address": {"firstLine": "Salu tee 100, Apt 4B", "city": "Tallinn", "countryCode": "EE", "postCode": "12112"},
}
"""The description's example."""


def third_party(wise: Caller, path: str, **changed: object):
    quote = good(wise.call("POST", "/v3/profiles/12345/quotes", {"sourceCurrency": "GBP", "targetCurrency": "EUR",
                                                                 "sourceAmount": 10}))  # fmt: skip
    body = {"targetAccount": recipient(wise), "quote": quote["id"], "originator": JOHN}
    return wise.call("POST", path, {**body, "details": {"reference": "Ski trip"}, **changed})


def test_a_transfer_for_somebody_else_names_its_originator(wise):
    """201 by date, with where it is found, and 200 before; once for each id of the caller's own."""
    dated, second = "/2026Q3/profiles/12345/third-party-transfers", "/v2/profiles/12345/third-party-transfers"
    reply = third_party(wise, dated, originalTransferId="4711")
    made = good(reply, 201)
    assert reply.headers["location"] == f"/public{second}/{made['id']}"
    assert (made["originator"], made["originalTransferId"], made["details"]) == (
        JOHN,
        "4711",
        {"reference": "Ski trip"},
    )
    assert good(wise.call("GET", f"{second}/{made['id']}")) == made
    assert good(third_party(wise, second, originalTransferId="4711")) == made
    first = good(third_party(wise, second.replace("v2", "v1"), originalTransactionId="4712"))
    assert first["id"] != made["id"]
    assert fund(wise, made).status == 201
    plain = transfer(wise)
    assert wise.call("GET", f"{second}/{plain['id']}").status == 404


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"originalTransferId": None}, "NotNull", "originalTransferId"),
        ({"originator": {**JOHN, "legalEntityType": "CAT"}}, "NOT_VALID", "originator.legalEntityType"),
        ({"originator": {**JOHN, "dateOfBirth": "long ago"}}, "NOT_VALID", "originator.dateOfBirth"),
        ({"originator": {**JOHN, "name": {"fullName": "John"}, "legalEntityType": "BUSINESS"}}, "NotNull",
         "originator.businessRegistrationCode"),
    ],
)  # fmt: skip
def test_an_originator_who_cannot_be(wise, changed, code, path):
    """What is asked depends on its legal type."""
    body = {"originalTransferId": "4711", **changed}
    refused(third_party(wise, "/v2/profiles/12345/third-party-transfers", **body), 400, code, path)


def test_a_quote_is_named_by_its_number_as_the_first_clients_do(wise):
    """Under ``quote``, which the transfer then shows; a conversion takes such a quote too."""
    asked = {"profile": 12345, "source": "GBP", "target": "EUR", "sourceAmount": 100, "rateType": "FIXED"}
    quote = good(wise.call("POST", "/v1/quotes", asked))["id"]
    body = {"targetAccount": recipient(wise), "quote": quote, "customerTransactionId": CTID}
    assert good(wise.call("POST", "/v1/transfers", body))["quote"] == quote
    quote = good(wise.call("POST", "/v1/quotes", {**asked, "type": "BALANCE_CONVERSION"}))["id"]
    path = "/v1/borderless-accounts/40012345/conversions"
    assert good(wise.call("POST", path, {"quoteId": quote}, headers=KEY))["state"] == "COMPLETED"


# --- activities ---


def feed(wise: Caller, query: str = "") -> list[list[dict]]:
    """Page by page."""
    pages, cursor = [], ""
    while cursor is not None:
        page = good(wise.call("GET", ACTIVITIES, query=f"{query}&nextCursor={cursor}"))
        pages, cursor = [*pages, page["activities"]], page["cursor"]
    return pages


def busy(wise: Caller) -> dict:
    """A transfer, money added, and a conversion, a minute apart."""
    made = transfer(wise)
    wise.now += timedelta(minutes=1)
    body = {"profileId": 12345, "balanceId": 236839, "currency": "GBP", "amount": 1400}
    good(wise.call("POST", "/v1/simulation/balance/topup", body))
    wise.now += timedelta(minutes=1)
    asked = {"sourceCurrency": "EUR", "targetCurrency": "GBP", "sourceAmount": 11002, "payOut": "BALANCE"}
    quote = good(wise.call("POST", "/v3/profiles/12345/quotes", asked))["id"]
    good(wise.call("POST", "/v2/profiles/12345/balance-movements", {"quoteId": quote}, headers=KEY), 201)
    return made


def test_activities_as_public_clients_read_them(wise):
    """The newest first: a conversion "To GBP" with what it cost, money added in ``<positive>``, a transfer by name."""
    made = busy(wise)
    converted, added, sent, older = feed(wise)[0]
    assert (converted["type"], converted["title"]) == ("INTERBALANCE", "<strong>To GBP</strong>")
    assert converted["secondaryAmount"] == "11,002 EUR"
    assert (added["type"], added["primaryAmount"]) == ("BALANCE_DEPOSIT", "<positive>+ 1,400 GBP</positive>")
    assert (sent["title"], sent["primaryAmount"]) == ("<strong>Max Mustermann</strong>", "1,200.44 EUR")
    assert (sent["status"], sent["secondaryAmount"]) == ("IN_PROGRESS", "996.12 GBP")
    assert base64.b64decode(sent["id"]).decode() == f"MONETARY_ACTIVITY::12345::TRANSFER::{made['id']}"
    assert older["resource"] == {"type": "TRANSFER", "id": "12345"}


def test_the_cursor_gives_each_activity_once(wise):
    """In pages of one as in one page, though money moves between the pages."""
    busy(wise)
    whole = feed(wise)[0]
    assert [one for page in feed(wise, "size=1") for one in page] == whole
    first = good(wise.call("GET", ACTIVITIES, query="size=2"))
    wise.now += timedelta(minutes=1)
    body = {"profileId": 12345, "balanceId": 236839, "currency": "GBP", "amount": 1}
    good(wise.call("POST", "/v1/simulation/balance/topup", body))
    rest = good(wise.call("GET", ACTIVITIES, query=f"size=50&nextCursor={first['cursor']}"))
    assert rest == good(wise.call("GET", ACTIVITIES, query=f"size=50&cursor={first['cursor']}")), "as some clients say"
    assert (first["activities"] + rest["activities"], rest["cursor"]) == (whole, None)


def test_activities_are_narrowed(wise):
    """By status, by resource, by time; what cannot be is refused."""
    made = busy(wise)
    assert wise.call("PUT", f"/v1/transfers/{made['id']}/cancel").status == 200
    (cancelled,) = feed(wise, "status=CANCELLED")[0]
    assert cancelled["resource"]["id"] == str(made["id"])
    assert len(feed(wise, "monetaryResourceType=BALANCE_TRANSACTION")[0]) == 2
    assert feed(wise, "monetaryResourceType=CARD_TRANSACTION") == [[]]
    since = f"since={wise.now - timedelta(seconds=30):%Y-%m-%dT%H:%M:%S.000Z}"
    assert [one["type"] for one in feed(wise, since)[0]] == ["INTERBALANCE"]
    for query, path in (("size=0", "size"), ("status=LOST", "status"), ("nextCursor=x", "nextCursor")):
        refused(wise.call("GET", ACTIVITIES, query=query), 400, "NOT_VALID", f"query.{path}")
    refused(wise.call("GET", ACTIVITIES, query="since=once"), 400, "NOT_VALID", "query.since")


# --- papers ---


def test_a_receipt_is_there_when_the_money_is_sent(wise):
    """Before it is not found, as the description has it; then it names what was paid, and to whom."""
    made = transfer(wise)
    path = f"/v1/transfers/{made['id']}/receipt.pdf"
    assert fund(wise, made).status == 201
    assert wise.call("GET", path).status == 404
    for state in ("processing", "funds_converted", "outgoing_payment_sent"):
        good(step(wise, made, state))
    reply = wise.call("GET", path)
    assert (reply.status, reply.media_type) == (200, "application/pdf")
    (page,) = pypdf.PdfReader(io.BytesIO(reply.body), strict=True).pages
    words = page.extract_text()
    for said in (f"#{made['id']}", "1,000.00 GBP", "1,200.67 EUR", "Max Mustermann", "BE19967722383012", "Geschenk"):
        assert said in words


def test_where_a_bank_transfer_is_sent(wise):
    """With a reference that names the transfer; the check digits of the account are right (ISO 13616)."""
    made = transfer(wise)
    path = f"/v1/profiles/12345/transfers/{made['id']}/deposit-details/bank-transfer"
    details = {one["type"]: one["rawValue"] for one in good(wise.call("GET", path))["payinBankAccount"]["details"]}
    assert details["reference"] == f"#{made['id']}"
    number = details["iban"]
    assert int("".join(str(int(one, 36)) for one in number[4:] + number[:4])) % 97 == 1


# --- account details ---


def test_account_details_are_an_example_until_they_are_ordered(wise):
    """As recorded: no id, balance -1, masked. Ordered they have both, and an IBAN with right check digits."""
    path = "/v1/profiles/12345/account-details"
    euro = good(wise.call("GET", path))[0]
    assert (euro["id"], euro["balanceId"], euro["status"], euro["subtitle"]) == (
        None, -1, "AVAILABLE", "IBAN and Swift/BIC",
    )  # fmt: skip
    assert euro["receiveOptions"][0]["details"][2]["body"] == "BE29 9670 xxxx xxxx"
    order = good(wise.call("POST", f"{path}-orders", {"currency": "EUR"}))
    assert order == {
        "status": "DONE", "currency": "EUR", "requirements": [{"type": "VERIFICATION", "status": "DONE"}],
    }  # fmt: skip
    euro = good(wise.call("GET", path))[0]
    assert (euro["status"], euro["balanceId"]) == ("ACTIVE", 236840)
    number = euro["receiveOptions"][0]["details"][2]["body"].replace(" ", "")
    assert int("".join(str(int(one, 36)) for one in number[4:] + number[:4])) % 97 == 1
    assert good(wise.call("POST", f"{path}-orders", {"currency": "EUR"})) == order
    assert good(wise.call("GET", f"{path}-orders".replace("v1", "v3"), query="currency=EUR")) == [order]
    refused(wise.call("POST", f"{path}-orders", {"currency": "SGD"}), 422, "NOT_VALID", "currency")


@pytest.mark.parametrize(
    ("currency", "local", "abroad"),
    [
        ("EUR", "ACCOUNT_HOLDER SWIFT_CODE IBAN BANK_NAME_AND_ADDRESS",
         "ACCOUNT_HOLDER SWIFT_CODE IBAN BANK_NAME_AND_ADDRESS"),
        ("USD", "ACCOUNT_HOLDER ROUTING_NUMBER ACCOUNT_NUMBER ACCOUNT_TYPE BANK_NAME_AND_ADDRESS",
         "ACCOUNT_HOLDER ROUTING_NUMBER SWIFT_CODE ACCOUNT_NUMBER BANK_NAME_AND_ADDRESS"),
        ("AUD", "ACCOUNT_HOLDER BANK_CODE ACCOUNT_NUMBER", ""),
        ("NZD", "ACCOUNT_HOLDER ACCOUNT_NUMBER", ""),
        ("HUF", "ACCOUNT_HOLDER ACCOUNT_NUMBER BANK_NAME_AND_ADDRESS",
         "ACCOUNT_HOLDER SWIFT_CODE IBAN BANK_NAME_AND_ADDRESS"),
        ("MYR", "ACCOUNT_HOLDER PARTNER_BANK_NAME ACCOUNT_NUMBER", ""),
        ("RON", "ACCOUNT_HOLDER SWIFT_CODE ACCOUNT_NUMBER BANK_NAME_AND_ADDRESS", ""),
        ("TRY", "ACCOUNT_HOLDER IBAN", ""),
        ("SGD", "SUPPORTED_PAYMENT_NETWORK ACCOUNT_HOLDER BANK_NAME BANK_CODE ACCOUNT_NUMBER ADDRESS", ""),
    ],
)  # fmt: skip
def test_account_details_have_the_lines_of_the_recorded_ones(wise, currency, local, abroad):
    """In their order, and the members of each."""
    found = good(wise.call("GET", "/v1/profiles/12345/account-details"))
    (one,) = [details for details in found if details["currency"]["code"] == currency]
    assert " ".join(one) == (
        "id currency balanceId title subtitle status deprecated migrated receiveOptions bankFeatures"
    )  # fmt: skip
    assert [" ".join(line["type"] for line in way["details"]) for way in one["receiveOptions"]] == [local, abroad]
    assert " ".join(one["receiveOptions"][0]) == "type title description summaries details alert shareText"


@pytest.mark.parametrize(("currency", "name"), [("HUF", "IBAN"), ("RON", "ACCOUNT_NUMBER"), ("TRY", "IBAN")])
def test_an_issued_iban_has_the_length_of_its_country_and_right_digits(currency, name):
    """By the sandbox's own judge of IBANs; with one digit changed it refuses."""
    number = DETAILS[currency].issued(14_000_001)[name].replace(" ", "")
    complaint, of_another = iban_good(number), iban_good(f"{number[:-1]}{(int(number[-1]) + 1) % 10}")
    assert (complaint, bool(of_another)) == ("", True)


def test_an_issued_hungarian_account_has_right_check_digits():
    """Weighed 9, 7, 3, 1 the bank's and the account's digits are multiples of ten, as in the recorded 12600016."""
    bank, *account = DETAILS["HUF"].issued(14_000_001)["ACCOUNT_NUMBER"].split("-")
    assert bank == "12600016"
    assert sum(int(digit) * (9, 7, 3, 1)[at % 4] for at, digit in enumerate("".join(account))) % 10 == 0


def test_a_closed_balance_has_no_account_details(wise):
    """They are closed with it, as the description says."""
    path = "/v1/profiles/12345/account-details"
    good(wise.call("POST", "/v4/profiles/12345/balances", {"currency": "SGD", "type": "STANDARD"}, headers=KEY), 201)
    good(wise.call("POST", f"{path}-orders", {"currency": "SGD"}))
    (account,) = good(wise.call("GET", "/v1/borderless-accounts", query="profileId=12345"))
    opened = account["balances"][-1]
    assert (opened["currency"], opened["bankDetails"]["bankCode"]) == ("SGD", "7171")
    assert wise.call("DELETE", f"/v4/profiles/12345/balances/{opened['id']}").status == 204
    assert good(wise.call("GET", path))[-1]["status"] == "AVAILABLE"


# --- the borderless account, and movements ---


def test_the_borderless_account_holds_the_balances(wise):
    """The members of the older documents, and of the description for the newer path; it asks for a profile."""
    (account,) = good(wise.call("GET", "/v1/borderless-accounts", query="profileId=12345"))
    assert [one["currency"] for one in account["balances"]] == ["GBP", "EUR", "USD"]
    assert account["balances"][0]["balanceType"] == "AVAILABLE"
    newer = good(wise.call("GET", "/v4/profiles/12345/multi-currency-account"))
    assert newer == {name: value for name, value in account.items() if name != "balances"}
    refused(wise.call("GET", "/v1/borderless-accounts"), 400, "NotNull", "query.profileId")


def test_a_quote_converts_once_on_either_path(wise):
    """201 between balances and 200 below the account; used, or not made for it, the quote is refused."""
    asked = {"sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": 100}
    quote = good(wise.call("POST", "/v3/profiles/12345/quotes", {**asked, "payOut": "BALANCE"}))["id"]
    path, older = "/v2/profiles/12345/balance-movements", "/v1/borderless-accounts/40012345/conversions"
    refused(wise.call("POST", path, {"quoteId": quote}), 400, "NotNull", "header.X-idempotence-uuid")
    made = good(wise.call("POST", older, {"quoteId": quote}, headers=KEY))
    assert good(wise.call("POST", older, {"quoteId": quote}, headers=KEY)) == made
    assert (made["type"], made["state"], made["rate"]) == ("CONVERSION", "COMPLETED", Decimal("1.20512"))
    other = {"x-idempotence-uuid": CTID[::-1]}
    refused(wise.call("POST", path, {"quoteId": quote}, headers=other), 422, "error.quote.not.found", None)
    plain = good(wise.call("POST", "/v3/profiles/12345/quotes", asked))["id"]
    refused(wise.call("POST", path, {"quoteId": plain}, headers=other), 422, "NOT_VALID", "quoteId")


def test_money_is_moved_into_a_jar_and_out_of_it(wise):
    """DEPOSIT and WITHDRAWAL, without a fee; more than there is, is refused."""
    jar = {"currency": "GBP", "type": "SAVINGS", "name": "Holiday"}
    jar = good(wise.call("POST", "/v4/profiles/12345/balances", jar, headers=KEY), 201)
    path, amount = "/v2/profiles/12345/balance-movements", {"value": 100, "currency": "GBP"}

    def move(number: int, **named: int):
        headers = {"x-idempotence-uuid": f"{CTID[:-1]}{number}"}
        return wise.call("POST", path, {"amount": amount, **named}, headers=headers)

    into = good(move(1, sourceBalanceId=236839, targetBalanceId=jar["id"]), 201)
    assert (into["type"], into["feeAmounts"], str(into["balancesAfter"][1]["value"])) == ("DEPOSIT", [], "100.00")
    assert good(move(2, sourceBalanceId=jar["id"]), 201)["type"] == "WITHDRAWAL"
    refused(move(3, sourceBalanceId=jar["id"]), 422, "balance.insufficient-funds", "sourceBalanceId")
    refused(move(4, targetBalanceId=236839), 422, "NOT_VALID", "targetBalanceId")
