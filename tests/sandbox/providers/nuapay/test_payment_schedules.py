"""Payments that repeat under a mandate: made with their direct debits, looked at, cancelled."""

from datetime import date
from itertools import islice

import pytest

from sandbox.providers.nuapay.payment_schedules import collection_days
from tests.sandbox.providers.nuapay.bench import causes, refusal

MANDATE = "/schemes/abxq9kq52l/mandates/w24y3dya2p"
ALL = f"{MANDATE}/paymentschedules"
GOOD = {
    "paymentFrequency": "DAILY",
    "paymentType": "FIXED_LENGTH",
    "startDate": "2026-12-03",
    "numberOfPayments": 2,
    "paymentAmount": 9.9,
    "firstPaymentAmount": 1.1,
    "lastPaymentAmount": 9.9,
    "remittanceInformation": "remittanceInformation",
    "twoPaymentsSamePeriod": True,
    "settlementDateShift": True,
}
"""The example of the description, on a Thursday to come."""
OPEN = {"paymentFrequency": "MONTHLY", "paymentType": "OPEN_ENDED", "startDate": "2026-12-03", "paymentAmount": 5}


def test_a_schedule_is_as_the_example_shows_it_and_makes_direct_debits(organisation):
    """Member for member; a direct debit for each payment, with the amounts of the first and the last."""
    reply = organisation.call("POST", ALL, GOOD)
    data = reply.json["data"]
    assert reply.status == 201 and reply.json["uri"] == data["uri"] == f"{ALL}/{data['id']}"
    assert data == {
        "id": data["id"],
        "uri": data["uri"],
        "scheduleId": data["scheduleId"],
        **{name: value for name, value in GOOD.items() if name != "settlementDateShift"},
        "paymentDayOfWeek": None,
        "paymentWeekOfMonth": None,
        "paymentDateInMonth": None,
        "paymentCustomFrequency": None,
        "paymentScheduleStatus": "ACTIVE",
        "links": [
            {"resourceType": "mandate", "id": "w24y3dya2p", "uri": MANDATE},
            {"resourceType": "scheme", "id": "abxq9kq52l", "uri": "/schemes/abxq9kq52l"},
        ],
    }
    assert len(data["scheduleId"]) == 6 and organisation.good("GET", data["uri"])["data"] == data
    made = organisation.good("GET", "/directdebits", query=f"scheduleid={data['scheduleId']}")["data"]
    assert [(one["actualCollectionDate"], one["paymentAmount"]) for one in made] == [
        ("2026-12-04", 9.9),
        ("2026-12-03", 1.1),
    ]
    assert organisation.good("GET", "/directdebits", query="scheduleid=1")["data"] == []


def test_an_open_schedule_makes_its_first_direct_debit(organisation):
    made = organisation.good("POST", ALL, {**OPEN, "scheduleId": 7, "paymentDateInMonth": 15})["data"]
    assert (made["scheduleId"], made["numberOfPayments"]) == ("7", None)
    debits = organisation.good("GET", "/directdebits", query="scheduleid=7")["data"]
    assert [one["requestedCollectionDate"] for one in debits] == ["2026-12-03"]


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({"paymentFrequency": "WEEKLY", "paymentDayOfWeek": "MONDAY"}, ["2026-12-03", "2026-12-07", "2026-12-14"]),
        ({"paymentFrequency": "BIWEEKLY"}, ["2026-12-03", "2026-12-17", "2026-12-31"]),
        ({"paymentFrequency": "MONTHLY", "paymentDateInMonth": 31}, ["2026-12-03", "2027-01-31", "2027-02-28"]),
        (
            {"paymentFrequency": "MONTHLY", "paymentDateInMonth": 31, "twoPaymentsSamePeriod": True},
            ["2026-12-03", "2026-12-31", "2027-01-31"],
        ),
        (
            {"paymentFrequency": "MONTHLY", "paymentWeekOfMonth": "LAST", "paymentDayOfWeek": "FRIDAY"},
            ["2026-12-03", "2027-01-29", "2027-02-26"],
        ),
        (
            {"paymentFrequency": "MONTHLY", "paymentWeekOfMonth": "FIRST", "paymentDayOfWeek": "MONDAY"},
            ["2026-12-03", "2027-01-04", "2027-02-01"],
        ),
        ({"paymentFrequency": "CUSTOM", "paymentCustomFrequency": "3"}, ["2026-12-03", "2027-03-03", "2027-06-03"]),
        ({"paymentFrequency": "YEARLY"}, ["2026-12-03", "2027-12-03", "2028-12-03"]),
    ],
)
def test_the_days_of_a_schedule(given, days):
    """The start, then the day that the fields name in each period; a month that is too short has its last day."""
    found = islice(collection_days({"startDate": date(2026, 12, 3), **given}), len(days))
    assert [on.isoformat() for on in found] == days


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"paymentFrequency": None}, "7038"),
        ({"paymentType": None}, "7039"),
        ({"startDate": None}, "7040"),
        ({"paymentAmount": None}, "7037"),
        ({"paymentFrequency": "HOURLY"}, "7041"),
        ({"startDate": "03/12/2026"}, "7043"),
        ({"scheduleId": "x" * 20}, "7044"),
        ({"numberOfPayments": 1000}, "7045"),
        ({"paymentDateInMonth": 32}, "7048"),
        ({"paymentCustomFrequency": "4"}, "7080"),
    ],
)
def test_a_wrong_field_is_400_with_its_own_code(organisation, change, code):
    assert refusal(organisation.call("POST", ALL, {**GOOD, **change})) == (400, code, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**GOOD, "numberOfPayments": None}, "4029"),
        ({**OPEN, "lastPaymentAmount": 1}, "4031"),
        ({**OPEN, "numberOfPayments": 3}, "4032"),
        ({**GOOD, "paymentDayOfWeek": "MONDAY"}, "4033"),
        ({**OPEN, "paymentFrequency": "WEEKLY", "paymentDateInMonth": 3}, "4034"),
        ({**OPEN, "paymentDayOfWeek": "MONDAY"}, "4035"),
        ({**OPEN, "paymentDayOfWeek": "MONDAY", "paymentWeekOfMonth": "LAST", "paymentDateInMonth": 3}, "4035"),
        ({**OPEN, "paymentFrequency": "CUSTOM"}, "4048"),
        ({**GOOD, "startDate": "2026-11-24"}, "4005"),
        ({**GOOD, "startDate": "2026-12-05", "settlementDateShift": False}, "4003"),
        ({**GOOD, "startDate": "9999-12-31"}, "4008"),
    ],
)
def test_what_does_not_go_together_is_422_with_its_own_code(organisation, body, code):
    assert refusal(organisation.call("POST", ALL, body)) == (422, code, None)
    assert organisation.good("GET", "/paymentschedules")["data"] == []


def test_a_mandate_has_one_active_schedule(organisation):
    """A second is 4036 until the first is cancelled; a schedule is cancelled once."""
    first = organisation.good("POST", ALL, OPEN)["data"]
    second = organisation.call("POST", ALL, OPEN)
    assert refusal(second) == (422, "4036", None) and causes(second) == ["provider.invalid_state"]
    cancelled = organisation.good("POST", f"{first['uri']}/cancel", {"operationReason": "Enough"})["data"]
    assert cancelled == {**first, "paymentScheduleStatus": "CANCELLED"}
    assert refusal(organisation.call("POST", f"{first['uri']}/cancel", {})) == (422, "7120", None)
    organisation.good("POST", ALL, OPEN)


@pytest.mark.parametrize(
    ("row", "change", "code"),
    [
        ({"status": "PENDING"}, {}, "4042"),
        ({"mandateType": "OOFF"}, {"numberOfPayments": 2}, "4040"),
        ({"mandateType": "OOFF"}, {**OPEN, "numberOfPayments": None, "lastPaymentAmount": None}, "4039"),
    ],
)
def test_the_mandate_must_allow_it(organisation, row, change, code):
    organisation.put("mandate", "w24y3dya2p", **row)
    assert refusal(organisation.call("POST", ALL, {**GOOD, **change})) == (422, code, None)


def test_schedules_are_listed_by_state_and_place(organisation):
    """Of the organisation, of a scheme, of a mandate; several states may be asked for, and an unknown one is 7118."""
    organisation.put("paymentschedule", "old0000001", paymentScheduleStatus="INACTIVE")
    organisation.good("POST", ALL, OPEN)
    for path in ("/paymentschedules", "/schemes/abxq9kq52l/paymentschedules", ALL):
        listed = organisation.good("GET", path)
        assert listed["page"]["totalElements"] == 2
        found = organisation.good("GET", path, query="paymentschedulestatus=INACTIVE&paymentschedulestatus=CANCELLED")
        assert [one["id"] for one in found["data"]] == ["old0000001"]
        wrong = organisation.call("GET", path, query="paymentschedulestatus=PAUSED")
        assert refusal(wrong) == (400, "7118", None)
