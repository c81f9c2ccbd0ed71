"""Accounts, their balances and their transactions."""

from datetime import timedelta

import pytest

from sandbox.providers.kit import values
from sandbox.providers.kit.making import milliseconds
from tests.sandbox.providers.nuapay.bench import GB20, GB35, GBP25, NOW, TODAY, causes, codes, refusal

NEW = {"name": "Test Account", "currency": "EUR"}
EURO = "/accounts/6bee3razby"


def move(organisation, amount, source=GB35, target=GB20):
    body = {
        "requestedExecutionDate": TODAY,
        "amount": amount,
        "currency": "EUR",
        "accountFrom": {"iban": source},
        "accountTo": {"iban": target},
        "remittanceInfo": "Transfer Example",
    }
    return organisation.good("POST", "/transfers", body)


def test_an_account_is_made_as_the_example_shows_it(organisation):
    """Every member of the example, in its order; an IBAN of Nuapay's own."""
    said = organisation.call(
        "POST", "/accounts", {**NEW, "type": "CURRENT_ACCOUNT", "secondaryIdentification": "REST ACC"}
    )
    assert said.status == 201
    data = said.json["data"]
    assert said.json["uri"] == data["uri"] == f"/accounts/{data['id']}"
    assert " ".join(data) == (
        "id uri name actualHolderName currency type status externalId identification secondaryIdentification links"
    )
    assert (data["status"], data["actualHolderName"], data["links"]) == ("ACTIVE", "Originator", [])
    assert values.iban(data["identification"]["iban"]) and data["identification"]["bic"] == "SELNGB21"
    assert len(data["id"]) == len(data["externalId"]) == 10 and organisation.balance(data["id"]) == 0
    assert organisation.good("GET", data["uri"])["data"] == data


def test_an_account_elsewhere_is_registered_by_its_iban(organisation):
    """What a British IBAN says of the domestic numbers is filled in."""
    named = {"iban": "GB94SELN00999976543215", "bic": "SELNGB21"}
    data = organisation.good("POST", "/accounts", {**NEW, "identification": named})["data"]
    assert data["identification"]["domesticAccountNumber"] == "76543215"


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"name": None}, [("7132", "name")]),
        ({"name": ""}, [("7131", "name")]),
        ({"name": "x" * 51}, [("7131", "name")]),
        ({"name": "Ünited"}, [("7131", "name")]),
        ({"currency": "USD"}, [("7131", "currency")]),
        ({"currency": None, "type": "SAVINGS"}, [("7132", "currency"), ("7131", "type")]),
        ({"identification": {"iban": "GB00"}}, [("7131", "identification.iban")]),
        ({"masterAccountIban": 1, "settlementIban": "x"}, [("7131", "masterAccountIban"), ("7131", "settlementIban")]),
    ],
)
def test_wrong_fields_are_400_with_details(organisation, change, details):
    """8888, as the example; nothing is made."""
    reply = organisation.call("POST", "/accounts", {**NEW, **change})
    assert refusal(reply)[:2] == (400, "8888") and codes(reply) == details
    assert len(organisation.rows.all_of("account")) == 3


@pytest.mark.parametrize(
    ("change", "details", "cause"),
    [
        ({"identification": {}}, [("7075", "identification.domesticAccountNumber")], "provider.invalid_body"),
        ({"identification": {"iban": GB35}}, [("7137", "identification.iban")], "provider.not_unique"),
        (
            {"identification": {"domesticAccountNumber": "03769154"}},
            [("7137", "identification.domesticAccountNumber")],
            "provider.not_unique",
        ),
        ({"type": "SUB_ACCOUNT"}, [("7132", "masterAccountIban")], "provider.invalid_body"),
        ({"masterAccountIban": "GB94SELN00999976543215"}, [("7149", "masterAccountIban")], "provider.invalid_body"),
        ({"masterAccountIban": GBP25}, [("7150", "masterAccountIban")], "provider.invalid_body"),
    ],
)
def test_broken_rules_are_422_with_details(organisation, change, details, cause):
    """9999, as the example."""
    reply = organisation.call("POST", "/accounts", {**NEW, **change})
    assert refusal(reply)[:2] == (422, "9999") and codes(reply) == details and causes(reply) == [cause]


def test_what_is_there_already_is_named(organisation):
    """``resourceUri`` "holds existing resource URI"."""
    reply = organisation.call("POST", "/accounts", {**NEW, "identification": {"iban": GB35}})
    assert reply.json["details"][0]["resourceUri"] == EURO


def test_a_sub_account_is_under_a_current_account(organisation):
    """And not under another sub-account."""
    sub = {**NEW, "type": "SUB_ACCOUNT", "masterAccountIban": GB35}
    iban = organisation.good("POST", "/accounts", sub)["data"]["identification"]["iban"]
    assert codes(organisation.call("POST", "/accounts", {**sub, "masterAccountIban": iban})) == [
        ("7149", "masterAccountIban")
    ]


def test_accounts_are_found_by_name_and_iban(organisation):
    """Three characters at least; in a list each has a link to its balances."""
    found = organisation.good("POST", "/accounts/list", {"filter": {"queryString": "sterling"}})
    assert [item["id"] for item in found["data"]] == ["rmpa5ve4m6"] and found["uri"] == "/accounts/list"
    assert found["data"][0]["links"] == [
        {"resourceType": "balances", "id": None, "uri": "/accounts/rmpa5ve4m6/balances"}
    ]
    assert len(organisation.good("POST", "/accounts/list", {"filter": {"queryString": "SELN00"}})["data"]) == 3
    reply = organisation.call("POST", "/accounts/list", {"filter": {"queryString": "ab"}})
    assert refusal(reply)[:2] == (400, "8888") and codes(reply) == [("7131", "filter.queryString")]


def test_what_is_not_there_is_404_in_two_manners(organisation):
    """10093 for the account itself; all null for what is below it, as in the examples."""
    assert refusal(organisation.call("GET", "/accounts/nothing")) == (404, "10093", None)
    assert refusal(organisation.call("GET", "/accounts/nothing/balances")) == (404, None, None)
    assert refusal(organisation.call("POST", "/accounts/nothing/transactions/list", {})) == (404, None, None)
    assert refusal(organisation.call("GET", f"{EURO}/transactions/nothing")) == (404, "10093", None)


def test_balances_are_two_and_the_same(organisation):
    """Booked and available; the instant in milliseconds."""
    said = organisation.good("GET", f"{EURO}/balances")
    assert [item["balance"]["type"] for item in said["data"]] == ["BOOKED_BALANCE", "AVAILABLE_BALANCE"]
    assert {item["balance"]["amount"] for item in said["data"]} == {1_000_000.0}
    assert said["data"][0]["timestamp"] == milliseconds(NOW) == 1795516058148
    assert "page" not in said


def test_a_balance_of_yesterday_is_without_what_moved_today(organisation):
    """``dateuntil``: what came in is taken back, what went out is put back; the future is as now."""
    yesterday = milliseconds(organisation.now)
    organisation.now += timedelta(days=1)
    body = {
        "requestedExecutionDate": "2026-11-25",
        "amount": 0.01,
        "currency": "EUR",
        "accountFrom": {"iban": GB35},
        "accountTo": {"iban": GB20},
    }
    organisation.good("POST", "/transfers", body)

    def held(account, until):
        said = organisation.good("GET", f"/accounts/{account}/balances", query=f"dateuntil={until}")
        return said["data"][0]["balance"]["amount"]

    assert [held("6bee3razby", until) for until in (yesterday, milliseconds(organisation.now), 10**17)] == [
        1_000_000.0,
        999_999.99,
        999_999.99,
    ]
    assert held("w24y3dzo2p", yesterday) == 1_000_000.0
    moved_at = milliseconds(organisation.now)
    organisation.now += timedelta(days=1)
    assert [held("6bee3razby", until) for until in (moved_at - 1, moved_at)] == [1_000_000.0, 999_999.99]


@pytest.mark.parametrize("bad", ["", "x", "-1", "1.5", "9" * 19, "9" * 5_000, "2026-11-24"])
def test_an_instant_that_is_none_is_refused(organisation, bad):
    reply = organisation.call("GET", f"{EURO}/balances", query=f"dateuntil={bad}")
    assert refusal(reply)[:2] == (400, "8888") and codes(reply) == [("7131", "dateuntil")]


def test_a_transaction_says_what_moved(organisation):
    """The members of the example; amounts without a sign, and the balance behind."""
    move(organisation, 12.34)
    said = organisation.good("POST", f"{EURO}/transactions/list", {})
    assert said["uri"] == f"{EURO}/transactions/" and said["page"]["totalElements"] == 1
    item = said["data"][0]
    assert (item["transactionType"], item["amount"], item["creditDebitIndicator"], item["currency"]) == (
        "OWN_ACCOUNT_DEBIT_TRANSFER",
        12.34,
        "DEBIT",
        "EUR",
    )
    assert item["balanceAfterTransaction"]["amount"] == 999_987.66
    assert item["counterparty"]["account"]["iban"] == GB20
    assert (item["creationDateTime"], item["creationTimestamp"]) == ("2026-11-24T10:27:38Z", milliseconds(NOW))
    assert (item["postingDate"], item["valueDate"]) == (TODAY, TODAY)
    assert organisation.good("GET", item["uri"])["data"] == item
    elsewhere = item["uri"].replace("6bee3razby", "w24y3dzo2p")
    assert organisation.call("GET", elsewhere).status == 404


@pytest.mark.parametrize(
    ("filter", "left"),
    [
        ({}, 3),
        ({"amountFrom": 2}, 2),
        ({"amountFrom": "2", "amountTo": "2.00"}, 1),
        ({"creditDebitIndicator": "CREDIT"}, 1),
        ({"type": "INTERNAL"}, 3),
        ({"type": "CREDIT_TRANSFERS"}, 0),
        ({"transactionType": ["OWN_ACCOUNT_DEBIT_TRANSFER"]}, 2),
        ({"valueDateFrom": TODAY, "valueDateTo": f"{TODAY}T23:59:59Z"}, 3),
        ({"valueDateFrom": "2026-11-25"}, 0),
        ({"remittanceInfo": "Example", "counterpartyName": "Orig"}, 3),
        ({"counterpartyIban": GB20}, 3),
        ({"counterpartyAccountNumber": "0"}, 0),
        ({"endToEndId": "x"}, 0),
    ],
)
def test_transactions_are_filtered(organisation, filter, left):
    """Everything that is given must fit."""
    move(organisation, 1)
    move(organisation, 2)
    move(organisation, 3, GB20, GB35)
    assert len(organisation.good("POST", f"{EURO}/transactions/list", {"filter": filter})["data"]) == left


@pytest.mark.parametrize(
    ("filter", "details"),
    [
        ({"valueDateFrom": "x", "valueDateTo": 1}, [("7205", "filter.valueDateFrom"), ("7204", "filter.valueDateTo")]),
        ({"amountFrom": "x", "amountTo": -1}, [("7206", "filter.amountFrom"), ("7207", "filter.amountTo")]),
        ({"amountFrom": "NaN", "amountTo": "1e99"}, [("7206", "filter.amountFrom"), ("7207", "filter.amountTo")]),
        ({"amountFrom": True, "type": "NONE"}, [("7206", "filter.amountFrom"), ("7131", "filter.type")]),
        ({"valueDateFrom": "2026-11-24T10:00:00"}, [("7205", "filter.valueDateFrom")]),
    ],
)
def test_filters_that_cannot_be_are_refused(organisation, filter, details):
    reply = organisation.call("POST", f"{EURO}/transactions/list", {"filter": filter})
    assert refusal(reply)[:2] == (400, "8888") and codes(reply) == details


@pytest.mark.parametrize(
    ("filter", "code"),
    [
        ({"valueDateFrom": "2026-11-25", "valueDateTo": "2026-11-24"}, "7208"),
        ({"amountFrom": 2, "amountTo": "1.99"}, "7209"),
    ],
)
def test_a_range_that_is_reversed_is_422_by_itself(organisation, filter, code):
    """Without details: as in the example."""
    assert refusal(organisation.call("POST", f"{EURO}/transactions/list", {"filter": filter})) == (422, code, None)
