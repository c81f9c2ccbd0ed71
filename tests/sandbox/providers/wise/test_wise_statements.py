"""Statements: their lines by what moved the money, what is asked wrongly, and the three forms in which one comes."""

import copy
import csv
import io
import json
import tracemalloc
from datetime import timedelta
from decimal import Decimal

import pypdf
import pytest

from sandbox.providers.wise import pdf
from sandbox.providers.wise.chapters import CHAPTERS
from tests.sandbox.providers.memory import NOW, Caller
from tests.sandbox.providers.wise.test_wise_wire import CTID, fund, good, refused, step, transfer

GBP, EUR = 236839, 236840
OF_GBP = f"/v1/profiles/12345/balance-statements/{GBP}/statement"
NOVEMBER = "intervalStart=2026-11-01T00:00:00.000Z&intervalEnd=2026-11-30T23:59:59.999Z"
MEMBERS = {
    "accountHolder", "issuer", "bankDetails", "transactions", "endOfStatementBalance", "query",  # the description's
    "startOfStatementBalance", "endOfStatementUnrealisedGainLoss", "balanceAssetConfiguration",
    "request", "feeSummary", "locale",  # seen besides
}  # fmt: skip


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


def said(wise: Caller, path: str = f"{OF_GBP}.json", query: str = NOVEMBER) -> dict:
    reply = wise.call("GET", path, query=query)
    assert (reply.status, reply.media_type) == (200, "application/json"), reply.json
    return json.loads(reply.body, parse_float=Decimal)


def paid(wise: Caller) -> dict:
    made = transfer(wise)
    assert fund(wise, made).status == 201
    return made


def convert(wise: Caller, pounds: int = 1000) -> dict:
    asked = {"sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": pounds, "payOut": "BALANCE"}
    quote = good(wise.call("POST", "/v3/profiles/12345/quotes", asked))
    headers = {"x-idempotence-uuid": CTID}
    path = "/v2/profiles/12345/balance-movements"
    return good(wise.call("POST", path, {"quoteId": quote["id"]}, headers=headers), 201)


def test_a_payment_is_one_line_with_its_fee_in_it(wise):
    """The members of a statement that was seen in 2023: who got it, the reference, what it became and at which rate."""
    made = paid(wise)
    statement = said(wise)
    assert set(statement) == MEMBERS
    (line,) = statement["transactions"]
    assert (line["type"], line["referenceNumber"]) == ("DEBIT", f"TRANSFER-{made['id']}")
    assert line["amount"] == {"value": Decimal("-1000.00"), "currency": "GBP", "zero": False}
    assert line["totalFees"]["value"] == Decimal("3.69")
    assert line["details"] == {
        "type": "TRANSFER",
        "description": "Sent money to Max Mustermann",
        "recipient": {"name": "Max Mustermann", "bankAccount": "BE19967722383012"},
        "paymentReference": "Geschenk",
        "creatorTrackingId": None,
    }
    exchange = line["exchangeDetails"]
    assert [str(exchange[one]["value"]) for one in ("fromAmount", "toAmount")] == ["996.31", "1200.67"]
    assert exchange["rate"] == Decimal("1.20512")
    assert statement["endOfStatementBalance"]["value"] == line["runningBalance"]["value"] == Decimal("999000.00")
    assert statement["accountHolder"]["businessName"] == "Sandbox Ltd"
    assert statement["query"]["accountId"] == GBP


def test_a_flat_statement_has_the_fee_in_a_line_of_its_own(wise):
    """Both types add up to the same; the fee's line was seen as ``FEE-…``, "Wise Charges for: …"."""
    made = paid(wise)
    charge, sent = said(wise, query=f"{NOVEMBER}&type=FLAT")["transactions"]
    assert (charge["referenceNumber"], charge["amount"]["value"]) == (f"FEE-TRANSFER-{made['id']}", Decimal("-3.69"))
    assert charge["details"]["description"] == f"Wise Charges for: TRANSFER-{made['id']}"
    assert (sent["amount"]["value"], sent["runningBalance"]["value"]) == (Decimal("-996.31"), Decimal("999003.69"))
    assert [str(one["totalFees"]["value"]) for one in (charge, sent)] == ["0", "3.69"]


def test_money_that_comes_back_has_the_words_of_its_payment(wise):
    """As was seen in 2026: the same text and reference, CREDIT, with the fee that was given back."""
    made = paid(wise)
    wise.now += timedelta(seconds=1)
    assert wise.call("PUT", f"/v1/transfers/{made['id']}/cancel").status == 200
    back, sent = said(wise)["transactions"]
    assert (back["type"], back["amount"]["value"]) == ("CREDIT", -sent["amount"]["value"])
    same = ("details", "referenceNumber", "totalFees")
    assert [back[one] for one in same] == [sent[one] for one in same]


def test_a_conversion_stands_in_both_statements(wise):
    """With the same reference; the fee is in the text where the money comes from."""
    movement = convert(wise)
    (out,) = said(wise)["transactions"]
    (into,) = said(wise, OF_GBP.replace(str(GBP), str(EUR)) + ".json")["transactions"]
    assert out["referenceNumber"] == into["referenceNumber"] == f"BALANCE-{movement['id']}"
    assert out["details"]["description"] == "Converted 1,000.00 GBP to 1,200.67 EUR (fee: 3.69 GBP)"
    assert into["details"]["description"] == "Converted 1,000.00 GBP to 1,200.67 EUR"
    assert (str(out["amount"]["value"]), str(into["amount"]["value"])) == ("-1000", "1200.67")
    assert into["totalFees"]["zero"]
    assert [(one["id"], str(one["value"])) for one in movement["balancesAfter"]] == [
        (GBP, "999000.00"),
        (EUR, "1001200.67"),
    ]


def test_a_transfer_to_oneself_comes_into_the_balance(wise):
    """As Wise's Postman collection tops up: to the recipient of the account. Then it cannot bounce."""
    (account,) = good(wise.call("GET", "/v1/borderless-accounts", query="profileId=12345"))
    asked = {"sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": 1000, "payOut": "BALANCE"}
    quote = good(wise.call("POST", "/v3/profiles/12345/quotes", asked))
    body = {"targetAccount": account["recipientId"], "quoteUuid": quote["id"], "customerTransactionId": CTID}
    made = good(wise.call("POST", "/v1/transfers", body))
    assert fund(wise, made).status == 201
    for state in ("processing", "funds_converted", "outgoing_payment_sent"):
        assert good(step(wise, made, state))["status"] == state
    (line,) = said(wise, OF_GBP.replace(str(GBP), str(EUR)) + ".json")["transactions"]
    assert (line["details"]["type"], str(line["amount"]["value"])) == ("MONEY_ADDED", "1200.67")
    assert line["exchangeDetails"]["fromAmount"]["currency"] == "GBP"
    assert step(wise, made, "bounced_back").json["errors"][0]["code"] == "wrong_status"


def test_money_from_a_bank_is_a_deposit_with_its_sender(wise):
    """Only where there are account details; else the description's own 400. The feed has it as money that came in."""
    path, body = "/v1/simulation/profiles/12345/bank-transactions/import", {"currency": "GBP", "amount": 2000}
    without = wise.call("POST", path, body)
    assert (without.status, without.json) == (
        400, {"code": "not.valid", "message": "No account details found for profile currency pair"},
    )  # fmt: skip
    good(wise.call("POST", "/v1/profiles/12345/account-details-orders", {"currency": "GBP"}))
    wise.now += timedelta(minutes=1)
    assert wise.call("POST", path, body).status == 201
    (line,) = said(wise)["transactions"]
    assert (line["type"], line["amount"]["value"], line["exchangeDetails"]) == ("CREDIT", 2000, None)
    assert line["details"]["description"] == "Received money from Sandbox Payer with reference Sandbox"
    assert line["details"]["senderName"] == "Sandbox Payer"
    latest = good(wise.call("GET", "/v1/profiles/12345/activities"))["activities"][0]
    assert (latest["type"], latest["primaryAmount"]) == ("BALANCE_DEPOSIT", "<positive>+ 2,000 GBP</positive>")
    funds = good(wise.call("GET", "/v1/profiles/12345/total-funds/GBP"))["totalWorth"]
    assert funds["value"] == Decimal("1002000") + Decimal("829800") + Decimal("804940")


def test_a_statement_of_the_past_knows_only_the_past(wise):
    """The day before the payment: no lines, and the balance of that day."""
    wise.now += timedelta(days=2)
    paid(wise)
    statement = said(wise, query=f"intervalStart={NOW:%Y-%m-%d}&intervalEnd={NOW:%Y-%m-%d}T23:59:59Z")
    assert statement["transactions"] == []
    assert statement["endOfStatementBalance"]["value"] == Decimal("1000000.00")


@pytest.mark.parametrize(
    ("query", "code", "path"),
    [
        ("intervalEnd=2026-11-30", "NotNull", "query.intervalStart"),
        ("intervalStart=2026-11-30", "NotNull", "query.intervalEnd"),
        ("intervalStart=yesterday&intervalEnd=2026-11-30", "NOT_VALID", "query.intervalStart"),
        ("intervalStart=2026-11-30&intervalEnd=2026-11-29", "NOT_VALID", "query.intervalEnd"),
        ("intervalStart=2025-01-01&intervalEnd=2026-11-29", "NOT_VALID", "query.intervalEnd"),
        (f"{NOVEMBER}&type=LONG", "NOT_VALID", "query.type"),
        (f"{NOVEMBER}&currency=EUR", "NOT_VALID", "query.currency"),
    ],
)
def test_what_is_asked_wrongly(wise, query, code, path):
    """An interval of at most 469 days, and the currency of the balance, which may be left out."""
    refused(wise.call("GET", f"{OF_GBP}.json", query=query), 400, code, path)
    assert wise.call("GET", f"{OF_GBP}.json", query=f"{NOVEMBER}&currency=GBP").status == 200


def test_the_borderless_account_has_the_same_statement(wise):
    """By its currency, on the older path; of a currency without a balance there is none."""
    paid(wise)
    path = "/v3/profiles/12345/borderless-accounts/40012345/statement.json"
    by_account = said(wise, path, f"{NOVEMBER}&currency=GBP")
    assert by_account["transactions"] == said(wise)["transactions"] != []
    assert said(wise, path.replace("40012345", str(GBP)))["transactions"] == by_account["transactions"]
    refused(wise.call("GET", path, query=f"{NOVEMBER}&currency=PLN"), 400, "NOT_VALID", "query.currency")
    assert wise.call("GET", path.replace("40012345", "40099999"), query=NOVEMBER).status == 403


def test_the_csv_has_the_columns_and_lines_that_were_seen(wise):
    """Read by Python's csv: the header of 2026, and the figures of the JSON."""
    made = paid(wise)
    reply = wise.call("GET", f"{OF_GBP}.csv", query=NOVEMBER)
    assert reply.media_type == "text/csv"
    header, row = csv.reader(io.StringIO(reply.body.decode()))
    assert " ".join(header[:4]) == "TransferWise ID Date Date Time Amount"
    assert header[-2:] == ["Transaction Type", "Transaction Details Type"]
    of = dict(zip(header, row, strict=True))
    assert (of["TransferWise ID"], of["Date"], of["Date Time"]) == (
        f"TRANSFER-{made['id']}", "24-11-2026", "24-11-2026 10:27:38.148",
    )  # fmt: skip
    assert (of["Amount"], of["Running Balance"], of["Total fees"]) == ("-1000.00", "999000.00", "3.69")
    assert (of["Exchange From"], of["Exchange To"], of["Exchange To Amount"]) == ("GBP", "EUR", "1200.67")
    assert (of["Payee Name"], of["Transaction Type"]) == ("Max Mustermann", "DEBIT")


def test_the_pdf_is_one_by_somebody_elses_reading(wise, caplog):
    """Read strictly by pypdf: the lines are there, and it has nothing to mend. With one offset changed it has."""
    paid(wise)
    reply = wise.call("GET", f"{OF_GBP}.pdf", query=NOVEMBER)
    assert (reply.media_type, reply.body[:5]) == ("application/pdf", b"%PDF-")
    (page,) = pypdf.PdfReader(io.BytesIO(reply.body), strict=True).pages
    text = page.extract_text()
    assert "Sent money to Max Mustermann" in text
    assert "-1,000.00" in text
    assert "999,000.00" in text
    assert not caplog.records
    broken = reply.body.replace(b"0000000015 00000 n", b"0000000099 00000 n")
    pypdf.PdfReader(io.BytesIO(broken), strict=True).pages[0].extract_text()
    assert "repaired" in caplog.text


def test_a_long_pdf_has_pages_and_odd_names_stay_readable():
    """61 lines are two pages; parentheses and accents come back, what the font lacks is a question mark."""
    lines = [f"({number}) Zoë \\ Łódź" for number in range(61)]
    pages = pypdf.PdfReader(io.BytesIO(pdf.write("Two", lines, NOW)), strict=True).pages
    assert [len(page.extract_text().splitlines()) for page in pages] == [60, 1]
    assert pages[1].extract_text().strip() == "(60) Zoë \\ ?ód?"


def test_money_that_comes_in_between_two_looks_is_in_both_or_in_neither(wise):
    """A statement is read beside the writing thread: the balance of one moment, and the entries of the same."""
    get = wise.rows.get
    body = {"profileId": 12345, "balanceId": GBP, "currency": "GBP", "amount": 7}
    looks = []

    def meddling(kind: str, id: str) -> dict | None:
        looks.append((kind, id))
        if (
            looks[-2:] == [("counter", "transaction"), ("balance", str(GBP))]
            and len(wise.rows.all_of("transaction")) < 2
        ):
            good(wise.call("POST", "/v1/simulation/balance/topup", body))
        return get(kind, id)

    wise.rows.get = meddling
    statement = said(wise)
    assert statement["startOfStatementBalance"]["value"] == Decimal(1_000_000)
    assert [line["amount"]["value"] for line in statement["transactions"]] == [7, 7]
    assert statement["endOfStatementBalance"]["value"] == Decimal(1_000_014)


def test_lines_stand_by_time_where_the_clock_was_turned_back(wise):
    """The books have the top-up last, and its time is before the payment's; in two forms the lines add up."""
    paid(wise)
    wise.now -= timedelta(minutes=5)
    body = {"profileId": 12345, "balanceId": GBP, "currency": "GBP", "amount": 7}
    good(wise.call("POST", "/v1/simulation/balance/topup", body))
    statement = said(wise)
    lines = statement["transactions"]
    assert [str(line["amount"]["value"]) for line in lines] == ["-1000", "7"]
    assert [str(line["runningBalance"]["value"]) for line in lines] == ["999007", "1000007"]
    edges = (statement["startOfStatementBalance"]["value"], statement["endOfStatementBalance"]["value"])
    assert edges == (Decimal(1_000_000), Decimal(999_007))
    rows = list(csv.DictReader(io.StringIO(wise.call("GET", f"{OF_GBP}.csv", query=NOVEMBER).body.decode())))
    assert [row["Running Balance"] for row in rows] == ["999007.00", "1000007.00"]


@pytest.mark.parametrize("form", ["json", "csv", "pdf"])
def test_a_long_statement_takes_no_more_memory_than_its_file(wise, form, monkeypatch):
    """Eight hundred entries, read one after the other: beside the file itself there is never more than a part of it."""
    paid(wise)
    (entry,) = wise.rows.stream("transaction")
    monkeypatch.setattr(wise.rows, "stream", lambda kind, where: (copy.deepcopy(entry) for _ in range(800)))
    short = len(wise.call("GET", f"{OF_GBP}.{form}", query=NOVEMBER).body)  # everything is loaded
    tracemalloc.start()
    body = wise.call("GET", f"{OF_GBP}.{form}", query=NOVEMBER).body
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(body) == short > 100_000
    assert peak < 2 * len(body) + 100_000, "a list of all would be several times as large"


def test_what_may_be_long_is_read_beside_the_event_loop():
    """Every path of a statement, activities, and a group of a thousand; a list of balances, which is short, is not."""
    aside = {one.path for one in CHAPTERS.endpoints if one.aside}
    statements = {one.path for one in CHAPTERS.endpoints if "/statement" in one.path}
    assert len(statements) == 10
    assert {path.rpartition("/")[2] for path in aside - statements} == {"activities", "{batchGroupId}"}
