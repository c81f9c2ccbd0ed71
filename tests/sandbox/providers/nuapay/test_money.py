"""Money is neither made nor lost: whatever calls come in whatever order, balances and what left are the same sum."""

from decimal import Decimal
from functools import reduce
from operator import add

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.providers.kit.resource import NOTES
from tests.sandbox.providers.nuapay.bench import GB20, GB35, GBP25, TODAY, Organisation

AMOUNTS = st.one_of(
    st.integers(1, 60_000_000).map(lambda cents: cents / 100),
    st.sampled_from([0.01, 0.1 + 0.2, 0, -5, 1_000_000, 1_000_000.01, 999_999_999.99, "1", None, 1e300]),
)
IBANS = st.sampled_from([GB35, GB20, GBP25, "GB47SELN00999912345678", "x"])
CURRENCIES = st.sampled_from(["EUR", "GBP"])
DATES = st.sampled_from([TODAY, None, "2026-11-23", "2027-01-01"])
KEYS = st.sampled_from([None, "a", "b"])


@st.composite
def calls(draw):
    """A transfer, or one of the four ways to send money."""
    kind = draw(st.sampled_from(["transfer", "below", "with"]))
    amount, currency, on = draw(AMOUNTS), draw(CURRENCIES), draw(DATES)
    key = draw(KEYS)
    if kind == "transfer":
        body = {
            "requestedExecutionDate": TODAY,
            "amount": amount,
            "currency": currency,
            "accountFrom": {"iban": draw(IBANS)},
            "accountTo": {"iban": draw(IBANS)},
        }
        return "/transfers", body, key
    payment = {
        "paymentAmount": amount,
        "paymentCurrency": currency,
        "requestedExecutionDate": on,
        "originatorAccount": {"iban": draw(IBANS)},
    }
    version = draw(st.sampled_from(["", "/v2"]))
    if kind == "below":
        return f"{version}/beneficiaries/46pkx7o9n5/credittransfers", payment, key
    beneficiary = {"beneficiary": {"name": "N"}, "beneficiaryAccount": {"iban": GB35}}
    return f"{version}/credittransfers", {**payment, **beneficiary}, key


def kept(organisation, kind):
    return [row.body for row in organisation.rows.all_of(kind)]


def cents(value):
    return Decimal(str(value))


@settings(max_examples=60, deadline=None)
@given(st.lists(calls(), max_size=25))
def test_no_money_is_made_and_none_is_lost(sequence):
    """By currency; and each balance is what its transactions say, and never below nothing."""
    organisation = Organisation()
    before = organisation.balances()
    for path, body, key in sequence:
        organisation.call("POST", path, body, headers={"idempotency-key": key} if key else {})
    after = organisation.balances()
    accounts = {body["id"]: body["currency"] for body in kept(organisation, "account")}
    for currency in ("EUR", "GBP"):
        left = sum(
            cents(body["paymentAmount"])
            for body in kept(organisation, "credittransfer")
            if body["paymentStatus"] != "FAILED" and body["paymentCurrency"] == currency
        )
        there = sum(balance for account, balance in after.items() if accounts[account] == currency)
        assert there + left == sum(balance for account, balance in before.items() if accounts[account] == currency)
    for account, balance in after.items():
        signed = [
            cents(body["amount"]) * (1 if body["creditDebitIndicator"] == "CREDIT" else -1)
            for body in kept(organisation, "transaction")
            if body[NOTES]["account"] == account
        ]
        assert before[account] + sum(signed) == balance >= 0


def test_a_thousand_cents_are_ten_euros(organisation):
    """Floats would have lost some on the way: 0.01 a thousand times is not 10."""
    assert reduce(add, [0.01] * 1_000) != 10  # sum() makes up for it, from Python 3.12 on
    body = {
        "requestedExecutionDate": TODAY,
        "amount": 0.01,
        "currency": "EUR",
        "accountFrom": {"iban": GB35},
        "accountTo": {"iban": GB20},
    }
    for _ in range(1_000):
        organisation.good("POST", "/transfers", body)
    assert organisation.balance("6bee3razby") == 999_990
