"""A mandate and what is collected under it, in one call."""

import pytest

from tests.sandbox.providers.nuapay.bench import codes, refusal
from tests.sandbox.providers.nuapay.test_mandates import GOOD as MANDATE
from tests.sandbox.providers.nuapay.test_payment_schedules import GOOD as SCHEDULE

DEBITS, SCHEDULES = "/schemes/abxq9kq52l/directdebits", "/schemes/abxq9kq52l/paymentschedules"
DEBIT = {
    "requestedCollectionDate": "2026-12-11",
    "paymentAmount": 5000.01,
    "endToEndId": 12345678876543234567,
    "remittanceInformation": "Remittance Information",
    "settlementDateShift": True,
}
"""The example of the description, on a Friday to come, with its number as end-to-end id."""


def test_a_direct_debit_and_its_mandate(organisation):
    """Both are there afterwards, the mandate ACTIVE; the reply is the direct debit."""
    mandate = {**MANDATE, "debtor": {**MANDATE["debtor"], "address": {"postCode": 123123, "country": "IE"}}}
    reply = organisation.call("POST", DEBITS, {**DEBIT, "mandate": mandate})
    data = reply.json["data"]
    assert reply.status == 201 and data["endToEndId"] == "12345678876543234567"
    made = organisation.good("GET", data["links"][0]["uri"])["data"]
    assert made["mandateInfo"]["status"] == "ACTIVE" and made["mandateInfo"]["mandateId"] == "1234567899"
    assert made["debtor"]["address"]["postCode"] == "123123"
    assert organisation.good("GET", data["uri"])["data"] == data


def test_a_schedule_and_its_mandate(organisation):
    """With the direct debits that the schedule makes, below the new mandate."""
    data = organisation.good("POST", SCHEDULES, {**SCHEDULE, "mandate": MANDATE})["data"]
    mandate = data["links"][0]["uri"]
    assert mandate != "/schemes/abxq9kq52l/mandates/w24y3dya2p"
    assert len(organisation.good("GET", f"{mandate}/directdebits")["data"]) == 2


@pytest.mark.parametrize(
    ("change", "status", "details"),
    [
        ({"mandate": None}, 400, [("7123", "mandate")]),
        ({"mandate": {"debtorAccount": {}}}, 400, [("7032", "mandate.debtor")]),
        ({"mandate": {**MANDATE, "debtorAccount": {}}}, 400, [("7031", "mandate.debtorAccount.iban")]),
        (
            {"mandate": {**MANDATE, "creditorAccount": {"iban": "GB33BUKB20201555555555"}}},
            422,
            [("2006", "mandate.creditorAccount.iban")],
        ),
        ({"requestedCollectionDate": "2026-11-24"}, 422, [("4005", "requestedCollectionDate")]),
    ],
)
def test_where_anything_is_wrong_neither_is_made(organisation, change, status, details):
    """With the path of each field in the whole body."""
    before = dict(organisation.rows.texts)
    reply = organisation.call("POST", DEBITS, {**DEBIT, "mandate": MANDATE, **change})
    assert (reply.status, codes(reply)) == (status, details)
    assert organisation.rows.texts == before


def test_a_mandate_for_one_payment_takes_a_schedule_of_one(organisation):
    """As under a mandate that is there already."""
    once = {**MANDATE, "mandateInfo": {**MANDATE["mandateInfo"], "mandateType": "OOFF"}}
    reply = organisation.call("POST", SCHEDULES, {**SCHEDULE, "mandate": once})
    assert refusal(reply) == (422, "4040", None)
    organisation.good("POST", SCHEDULES, {**SCHEDULE, "mandate": once, "numberOfPayments": 1})
