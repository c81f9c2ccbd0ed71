"""Money collected under a mandate: made, looked at, revoked."""

import pytest

from tests.sandbox.providers.nuapay.bench import causes, refusal

MANDATE = "/schemes/abxq9kq52l/mandates/w24y3dya2p"
ALL = f"{MANDATE}/directdebits"
GOOD = {
    "endToEndId": "1234567876543234567",
    "paymentAmount": 5000.01,
    "remittanceInformation": "Remmittance Information",
    "requestedCollectionDate": "2026-12-11",
    "settlementDateShift": True,
}
"""The example of the description, on a Friday to come."""


def test_a_direct_debit_is_as_the_example_shows_it(organisation):
    """Member for member; it is exported a week before the day of collection."""
    reply = organisation.call("POST", ALL, GOOD)
    made = reply.json["data"]["id"]
    assert reply.status == 201 and reply.json["uri"] == f"{ALL}/{made}"
    assert reply.json["data"] == {
        "id": made,
        "uri": f"{ALL}/{made}",
        "scheduleId": None,
        "endToEndId": "1234567876543234567",
        "paymentAmount": 5000.01,
        "requestedCollectionDate": "2026-12-11",
        "actualCollectionDate": "2026-12-11",
        "exportDate": "2026-12-04",
        "remittanceInformation": "Remmittance Information",
        "structuredRemittanceInformation": None,
        "originalEndToEndId": None,
        "representationAttemptNumber": 0,
        "paymentStatus": "READY_FOR_EXPORT",
        "rejectDetails": {
            "rejectReason": None,
            "rejectDescription": None,
            "rejectType": None,
            "rejectDate": None,
        },
        "links": [
            {"resourceType": "mandate", "id": "w24y3dya2p", "uri": MANDATE},
            {"resourceType": "scheme", "id": "abxq9kq52l", "uri": "/schemes/abxq9kq52l"},
        ],
    }
    assert organisation.good("GET", reply.json["uri"]) == reply.json


def test_an_end_to_end_id_may_be_a_number(organisation):
    """As one example has it; it is kept as a text, to the last digit, and found by it."""
    made = organisation.good("POST", ALL, {**GOOD, "endToEndId": 12345678765432345678})["data"]
    assert made["endToEndId"] == "12345678765432345678"
    found = organisation.good("GET", "/directdebits", query="endtoendid=12345678765432345678")["data"]
    assert [one["id"] for one in found] == [made["id"]]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"paymentAmount": None}, "7037"),
        ({"paymentAmount": "1"}, "4009"),
        ({"paymentAmount": 1.005}, "4009"),
        ({"requestedCollectionDate": None}, "7036"),
        ({"requestedCollectionDate": "27-03-2018"}, "4004"),
        ({"endToEndId": 1.5}, "7060"),
        ({"endToEndId": True}, "7060"),
        ({"endToEndId": "x" * 36}, "7060"),
        ({"remittanceInformation": "x" * 141}, "7035"),
        ({"settlementDateShift": "true"}, "7004"),
    ],
)
def test_a_wrong_field_is_400_with_its_own_code(organisation, change, code):
    assert refusal(organisation.call("POST", ALL, {**GOOD, **change})) == (400, code, None)


@pytest.mark.parametrize("on", ["2026-11-24", "2026-11-23", "2018-03-27"])
def test_the_day_must_be_to_come(organisation, on):
    """4005 for today and before; tomorrow is far enough."""
    reply = organisation.call("POST", ALL, {**GOOD, "requestedCollectionDate": on})
    assert refusal(reply) == (422, "4005", None)
    tomorrow = organisation.good("POST", ALL, {**GOOD, "requestedCollectionDate": "2026-11-25"})["data"]
    assert tomorrow["exportDate"] == "2026-11-24"


@pytest.mark.parametrize(
    ("on", "shifted"), [("2026-12-12", "2026-12-14"), ("2026-12-13", "2026-12-14"), ("2026-12-14", "2026-12-14")]
)
def test_a_weekend_is_shifted_to_monday_where_that_is_asked_for(organisation, on, shifted):
    """4003 otherwise."""
    made = organisation.good("POST", ALL, {**GOOD, "requestedCollectionDate": on})["data"]
    assert (made["requestedCollectionDate"], made["actualCollectionDate"]) == (on, shifted)
    body = {**GOOD, "requestedCollectionDate": on, "settlementDateShift": False, "endToEndId": "other"}
    reply = organisation.call("POST", ALL, body)
    assert reply.status == (201 if on == shifted else 422)
    assert on == shifted or refusal(reply) == (422, "4003", None)


def test_the_last_day_of_the_calendar_is_a_day(organisation):
    """9999-12-31 is a Friday; and the Saturday before it shifts."""
    for n, on in enumerate(("9999-12-31", "9999-12-25")):
        organisation.good("POST", ALL, {**GOOD, "requestedCollectionDate": on, "endToEndId": str(n)})


def test_a_reference_is_of_one_direct_debit(organisation):
    """4041; those without one are many."""
    organisation.good("POST", ALL, GOOD)
    reply = organisation.call("POST", ALL, GOOD)
    assert refusal(reply) == (422, "4041", None) and causes(reply) == ["provider.not_unique"]
    for _ in range(2):
        organisation.good("POST", ALL, {**GOOD, "endToEndId": None})


@pytest.mark.parametrize("status", ["PENDING", "CANCELLED", "SUSPENDED"])
def test_only_an_active_mandate_collects(organisation, status):
    organisation.put("mandate", "w24y3dya2p", status=status)
    reply = organisation.call("POST", ALL, GOOD)
    assert refusal(reply) == (422, "4042", None) and causes(reply) == ["provider.invalid_state"]


def test_a_mandate_for_one_payment_collects_once(organisation):
    """3021; one that was revoked is none."""
    organisation.put("mandate", "w24y3dya2p", mandateType="OOFF")
    first = organisation.good("POST", ALL, GOOD)["data"]
    second = {**GOOD, "endToEndId": "second"}
    assert refusal(organisation.call("POST", ALL, second)) == (422, "3021", None)
    organisation.good("POST", f"{first['uri']}/revoke", {})
    organisation.good("POST", ALL, second)


def test_a_direct_debit_is_revoked_before_it_is_exported(organisation):
    """And once: 4021."""
    uri = organisation.good("POST", ALL, GOOD)["data"]["uri"]
    data = organisation.good("POST", f"{uri}/revoke", {"operationReason": "Reason"})["data"]
    assert data["paymentStatus"] == "REVOKED"
    assert (data["rejectDetails"]["rejectType"], data["rejectDetails"]["rejectDescription"]) == ("Revoke", "Reason")
    assert organisation.good("GET", uri)["data"] == data
    reply = organisation.call("POST", f"{uri}/revoke", {})
    assert refusal(reply) == (422, "4021", None) and causes(reply) == ["provider.invalid_state"]


@pytest.mark.parametrize("status", ["EXPORTING", "EXPORTED", "ACCEPTED", "REJECTED", "PENDING"])
def test_what_is_exported_is_not_revoked(organisation, status):
    """In whatever state it was put."""
    organisation.put("directdebit", "j29p3kpabx", paymentStatus=status)
    assert organisation.good("GET", f"{ALL}/j29p3kpabx")["data"]["paymentStatus"] == status
    assert refusal(organisation.call("POST", f"{ALL}/j29p3kpabx/revoke", {})) == (422, "4021", None)


def test_a_long_reason_is_refused(organisation):
    organisation.put("directdebit", "j29p3kpabx")
    body = {"operationReason": "x" * 141}
    assert refusal(organisation.call("POST", f"{ALL}/j29p3kpabx/revoke", body)) == (400, "7064", None)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/schemes/abxq9kq52l/mandates/nothing/directdebits", GOOD),
        ("GET", "/schemes/abxq9kq52l/mandates/nothing/directdebits", None),
        ("GET", "/schemes/nothing/directdebits", None),
        ("GET", f"{ALL}/nothing", None),
        ("POST", f"{ALL}/nothing/revoke", {}),
        ("GET", "/schemes/abxq9kq52l/mandates/nothing/directdebits/j29p3kpabx", None),
        ("GET", "/schemes/nothing/mandates/w24y3dya2p/directdebits/j29p3kpabx", None),
    ],
)
def test_what_is_not_there_is_404(organisation, method, path, body):
    """Also a direct debit that is there, under another mandate or scheme."""
    organisation.put("directdebit", "j29p3kpabx")
    assert refusal(organisation.call(method, path, body)) == (404, "10093", None)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", 2),
        ("paymentstatus=ALL", 2),
        ("paymentstatus=EXPORTED", 1),
        ("endtoendid=j29p3kpabx", 1),
        ("actualcollectiondatefrom=2026-12-01&actualcollectiondateto=2026-12-31", 2),
        ("actualcollectiondateto=2026-11-30", 0),
    ],
)
def test_lists_are_filtered(organisation, query, left):
    """The mandate's, the scheme's and all, which are the same here."""
    organisation.put("directdebit", "j29p3kpabx", paymentStatus="EXPORTED")
    organisation.good("POST", ALL, GOOD)
    for path in (ALL, "/schemes/abxq9kq52l/directdebits", "/directdebits"):
        said = organisation.good("GET", path, query=query)
        assert (said["uri"], len(said["data"])) == (path, left)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("paymentstatus=NONE", 400, "7063"),
        ("actualcollectiondatefrom=x", 400, "7001"),
        ("actualcollectiondatefrom=2026-11-25&actualcollectiondateto=2026-11-24", 422, "7002"),
    ],
)
def test_filters_that_cannot_be_are_refused(organisation, query, status, code):
    assert refusal(organisation.call("GET", ALL, query=query)) == (status, code, None)


def test_failed_direct_debits_are_listed_by_the_day_of_the_failure(organisation):
    """As in the example; those that did not fail, failed on another day or were only revoked are left out."""
    organisation.put("directdebit", "bad0000001", paymentStatus="REJECTED", endToEndId="e2eId", paymentAmount="456")
    organisation.put(
        "directdebit", "bad0000002", paymentStatus="RETURNED", rejectDate="2026-10-01", rejectReason="MS03"
    )
    organisation.put("directdebit", "good000001", paymentStatus="ACCEPTED")
    revoked = organisation.good("POST", ALL, GOOD)["data"]
    organisation.good("POST", f"{revoked['uri']}/revoke", {})
    query = "rejectcreatefrom={}&rejectcreateto={}"
    found = organisation.good("GET", "/faileddirectdebits", query=query.format("2026-10-25", "2026-11-24"))
    assert found == {
        "uri": "/faileddirectdebits",
        "data": [
            {
                "id": "bad0000001",
                "uri": f"{ALL}/bad0000001",
                "creditorScheme": {"schemeType": "CORE", "creditorSchemeId": "BE31ZZZ12345"},
                "mandateInfo": {"mandateId": "W24Y3DYA2P", "domesticMandateId": None},
                "directDebitInfo": {
                    "endToEndId": "e2eId",
                    "scheduleId": None,
                    "paymentAmount": 456,
                    "requestedCollectionDate": "2026-12-01",
                    "actualCollectionDate": "2026-12-01",
                    "exportDate": "2026-11-24",
                    "remittanceInfo": None,
                    "originalEndToEndId": None,
                    "representationAttemptNumber": 0,
                    "paymentStatus": "REJECTED",
                },
                "rejectDetails": {
                    "rejectReason": "MD07",
                    "rejectDescription": "Debtor deceased.",
                    "rejectType": "Reject",
                    "rejectDate": "2026-11-24",
                },
            }
        ],
    }
    before = organisation.good("GET", "/faileddirectdebits", query=query.format("2026-10-01", "2026-10-01"))["data"]
    assert [(one["id"], one["rejectDetails"]["rejectType"]) for one in before] == [("bad0000002", "Return")]
    assert before[0]["rejectDetails"]["rejectReason"] == "MS03"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("rejectcreateto=2026-11-24", 400, "7078"),
        ("rejectcreatefrom=2026-11-24", 400, "7079"),
        ("rejectcreatefrom=24.11.2026&rejectcreateto=2026-11-24", 400, "7001"),
        ("rejectcreatefrom=2026-11-24&rejectcreateto=2026-11-23", 400, "7002"),
        ("rejectcreatefrom=2026-10-24&rejectcreateto=2026-11-24", 422, "7003"),
        ("rejectcreatefrom=2026-11-24&rejectcreateto=2026-11-24&technicalrejects=yes", 400, "7004"),
    ],
)
def test_failed_direct_debits_are_asked_for_by_at_most_thirty_days(organisation, query, status, code):
    assert refusal(organisation.call("GET", "/faileddirectdebits", query=query)) == (status, code, None)
