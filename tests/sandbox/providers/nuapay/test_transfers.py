"""Money from one of the organisation's accounts to another."""

from decimal import Decimal

import pytest

from tests.sandbox.providers.nuapay.bench import GB20, GB35, GBP25, TODAY, causes, codes, refusal

GOOD = {
    "requestedExecutionDate": TODAY,
    "remittanceInfo": "Transfer Example",
    "amount": 0.01,
    "currency": "EUR",
    "accountFrom": {"iban": GB35},
    "accountTo": {"iban": GB20},
}


def test_a_transfer_is_as_the_example_shows_it(organisation):
    """The description's own example, but for its date of 2018."""
    reply = organisation.call("POST", "/transfers", GOOD)
    assert reply.status == 201
    data = reply.json["data"]
    assert reply.json["uri"] == data["uri"] == f"/transfers/{data['id']}"
    assert data["amount"] == 0.01 and data["accountFrom"]["domesticAccountNumber"] == "03769154"
    after = {"6bee3razby": Decimal("999999.99"), "w24y3dzo2p": Decimal("1000000.01"), "rmpa5ve4m6": Decimal(1_000_000)}
    assert organisation.balances() == after


def test_an_account_may_be_named_by_its_domestic_number(organisation):
    """With its sort code or without."""
    target = {"domesticAccountNumber": "23882374", "domesticBranchCode": "009999", "domesticAccountCountry": "GB"}
    assert organisation.good("POST", "/transfers", {**GOOD, "accountTo": target})["data"]["accountTo"]["iban"] == GB20
    assert (
        organisation.call("POST", "/transfers", {**GOOD, "accountTo": {**target, "domesticBranchCode": "1"}}).status
        == 404
    )


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ({"amount": None, "currency": None}, [("7132", "amount"), ("7132", "currency")]),
        ({"amount": "1"}, [("7131", "amount")]),
        ({"amount": 0.1 + 0.2}, [("7131", "amount")]),
        ({"amount": -1}, [("7131", "amount")]),
        ({"currency": "USD"}, [("7131", "currency")]),
        ({"accountFrom": None}, [("7132", "accountFrom")]),
        ({"accountTo": {}}, [("7132", "accountTo.iban")]),
        ({"requestedExecutionDate": "18/10/2018"}, [("7131", "requestedExecutionDate")]),
        ({"remittanceInfo": "x" * 141}, [("7131", "remittanceInfo")]),
    ],
)
def test_wrong_fields_are_400_with_details(organisation, change, details):
    """8888; no money moves."""
    reply = organisation.call("POST", "/transfers", {**GOOD, **change})
    assert refusal(reply)[:2] == (400, "8888") and codes(reply) == details
    assert organisation.balance("6bee3razby") == 1_000_000


@pytest.mark.parametrize(
    ("change", "details", "cause"),
    [
        ({"requestedExecutionDate": "2026-11-25"}, [("7148", "requestedExecutionDate")], "provider.invalid_body"),
        ({"accountTo": {"iban": GB35}}, [("7145", "accountTo")], "provider.invalid_body"),
        ({"accountTo": {"iban": GBP25}}, [("7144", "accountTo")], "provider.invalid_body"),
        ({"amount": 1_000_000.01}, [("5016", "amount")], "provider.no_funds"),
    ],
)
def test_broken_rules_are_422_with_details(organisation, change, details, cause):
    """8888 as well: as in the example of a date that is not today."""
    reply = organisation.call("POST", "/transfers", {**GOOD, **change})
    assert refusal(reply)[:2] == (422, "8888") and codes(reply) == details and causes(reply) == [cause]
    assert organisation.balance("6bee3razby") == 1_000_000


def test_everything_may_go_and_nothing_more(organisation):
    """To the last cent."""
    organisation.good("POST", "/transfers", {**GOOD, "amount": 1_000_000})
    assert organisation.balance("6bee3razby") == 0
    reply = organisation.call("POST", "/transfers", GOOD)
    assert codes(reply) == [("5016", "amount")]
    assert reply.reasons[0].seen == "amount: 0.0 EUR on account 6bee3razby"
    assert reply.reasons[0].next.startswith("sandbank resource put account 6bee3razby --set balance=1000000 ")


@pytest.mark.parametrize("end", ["accountFrom", "accountTo"])
def test_an_account_that_is_not_there_or_not_active_is_404(organisation, end):
    """10093; of an account that is closed no code is published."""
    elsewhere = {"iban": "GB47SELN00999912345678"}
    assert refusal(organisation.call("POST", "/transfers", {**GOOD, end: elsewhere})) == (404, "10093", None)
    organisation.put("account", "6bee3razby", status="CLOSED")
    organisation.put("account", "w24y3dzo2p", status="SUSPENDED")
    assert refusal(organisation.call("POST", "/transfers", GOOD)) == (404, "10093", None)
