"""The rows of an organisation: what a new one has, and what people may put."""

import pytest

from sandbox.errors import Misuse
from sandbox.providers.kit import values
from sandbox.providers.nuapay.chapters import CHAPTERS
from tests.sandbox.providers.nuapay.bench import GB20, GB35, NOW, TODAY

KINDS = {kind: CHAPTERS.kinds[kind] for kind in CHAPTERS.puttable if kind not in ("configuration", "organisation")}
"""Those whose ids are Nuapay's own."""


def test_a_new_organisation_can_do_what_the_documentation_shows_first(organisation):
    """Look at its accounts and its scheme, move money, pay a beneficiary, collect under a mandate."""
    assert len(organisation.good("POST", "/accounts/list", {})["data"]) == 3
    scheme = organisation.good("GET", "/schemes")["data"][0]["uri"]
    transfer = {
        "requestedExecutionDate": TODAY,
        "amount": 0.01,
        "currency": "EUR",
        "accountFrom": {"iban": GB35},
        "accountTo": {"iban": GB20},
    }
    organisation.good("POST", "/transfers", transfer)
    payment = {"originatorIban": GB35, "paymentAmount": 5000.01, "paymentCurrency": "EUR"}
    organisation.good("POST", "/beneficiaries/46pkx7o9n5/credittransfers", payment)
    mandate = organisation.good("GET", f"{scheme}/mandates")["data"][0]["uri"]
    debit = {"paymentAmount": 5000.01, "requestedCollectionDate": "2026-12-11"}
    organisation.good("POST", f"{mandate}/directdebits", debit)


def test_money_and_ibans_of_the_start_are_good():
    """Euros and pounds, a million each."""
    accounts = [row.body for row in CHAPTERS.starts_with(NOW) if row.kind == "account"]
    assert {body["currency"] for body in accounts} == {"EUR", "GBP"}
    assert {body["sandbox"]["balance"] for body in accounts} == {1_000_000.0}
    assert all(values.iban(body["identification"]["iban"]) for body in accounts)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_completed_from_nothing(kind):
    """And the same every time."""
    assert KINDS[kind].complete("abcdefghij", {}, NOW) == KINDS[kind].complete("abcdefghij", {}, NOW)
    assert KINDS[kind].complete("abcdefghij", {}, NOW)["id"] == "abcdefghij"


def test_an_account_that_is_put_again_stays_the_account_that_it_is(organisation):
    """With another balance: for trying what happens without money."""
    organisation.put("account", "6bee3razby", balance="12.34")
    assert str(organisation.balance("6bee3razby")) == "12.34"
    assert organisation.good("GET", "/accounts/6bee3razby")["data"]["identification"]["iban"] == GB35


def test_what_is_put_is_found_by_the_calls(organisation):
    """In every list, with the state that it was given."""
    organisation.put("account", "new0000001", currency="GBP", iban="IE72TURU99100404712507", name="Mine")
    organisation.put("credittransfer", "new0000002", paymentStatus="ACCEPTED", account="rmpa5ve4m6")
    organisation.put("directdebit", "new0000003", paymentStatus="EXPORTED")
    organisation.put(
        "webhook", "new0000004", eventTypes="PaymentReceived,AccountEntry", active="false", retryNumberOfDays="3"
    )
    organisation.put("beneficiary", "new0000005", name="Somebody", iban="IE72TURU99100404712507")
    assert (
        organisation.good("POST", "/accounts/list", {"filter": {"queryString": "Mine"}})["page"]["totalElements"] == 1
    )
    transfer = organisation.good("GET", "/credittransfers", query="paymentstatus=ACCEPTED")["data"][0]
    assert (transfer["paymentCurrency"], transfer["paymentScheme"]) == ("GBP", "BACS")
    assert len(organisation.good("GET", "/directdebits", query="paymentstatus=EXPORTED")["data"]) == 1
    webhook = organisation.good("GET", "/webhooks/new0000004")["data"]
    assert (webhook["eventTypes"], webhook["active"], webhook["retryNumberOfDays"]) == (
        ["PaymentReceived", "AccountEntry"],
        False,
        3,
    )
    assert organisation.good("GET", "/beneficiaries/new0000005")["data"]["beneficiary"]["name"] == "Somebody"


@pytest.mark.parametrize(
    ("kind", "id", "given"),
    [
        *((kind, bad, {}) for kind in sorted(KINDS) for bad in ("", "A", "a b", "ä", "x" * 256, "../x")),
        *((kind, "a", {"nothing": 1}) for kind in sorted(KINDS)),
        ("account", "a", {"currency": "USD"}),
        ("account", "a", {"balance": -1}),
        ("account", "a", {"balance": "1.234"}),
        ("account", "a", {"balance": "NaN"}),
        ("account", "a", {"balance": float("nan")}),
        ("account", "a", {"balance": "1e30"}),
        ("account", "a", {"balance": 10**12}),
        ("account", "a", {"balance": True}),
        ("account", "a", {"balance": None}),
        ("account", "a", {"iban": "GB00"}),
        ("account", "a", {"name": ""}),
        ("account", "a", {"name": 1}),
        ("account", "a", {"status": "GONE"}),
        ("account", "a", {"type": ["CURRENT_ACCOUNT"]}),
        ("scheme", "a", {"schemeType": "SEPA"}),
        ("beneficiary", "a", {"iban": {}}),
        ("mandate", "a", {"scheme": "No Id"}),
        ("mandate", "a", {"status": "active"}),
        ("directdebit", "a", {"requestedCollectionDate": "tomorrow"}),
        ("directdebit", "a", {"requestedCollectionDate": "0001-01-01"}),
        ("directdebit", "a", {"paymentStatus": "ALL"}),
        ("credittransfer", "a", {"type": "FAST"}),
        ("credittransfer", "a", {"paymentAmount": [1]}),
        ("webhook", "a", {"targetUrl": "nowhere"}),
        ("webhook", "a", {"eventTypes": []}),
        ("webhook", "a", {"eventTypes": "Nothing"}),
        ("webhook", "a", {"eventTypes": [["PaymentReceived"]]}),
        ("webhook", "a", {"retryNumberOfDays": 4}),
        ("webhook", "a", {"active": "perhaps"}),
    ],
)
def test_what_cannot_be_a_row_is_refused(kind, id, given):
    """Each with a sentence that says what may stand there."""
    with pytest.raises(Misuse) as misuse:
        KINDS[kind].complete(id, given, NOW)
    assert len(str(misuse.value)) < 1_500
