"""Bodies that nobody means well with, at every call that takes one: refused in Nuapay's words, and nothing changed."""

import json

import pytest

from tests.sandbox.providers.nuapay.bench import ENDPOINTS, Organisation

PATHS = {
    "accountId": "6bee3razby",
    "beneficiaryId": "46pkx7o9n5",
    "schemeId": "abxq9kq52l",
    "mandateId": "w24y3dya2p",
    "directDebitId": "j29p3kpabx",
    "paymentScheduleId": "j29pv8oabx",
    "webhookId": "8kd28yoml3",
}
WITH_BODY = [endpoint for endpoint in ENDPOINTS if endpoint.accepts]
NOT_JSON = {
    "nothing": b"",
    "half": b'{"a":',
    "deep": b'{"a":' * 100_000,
    "deep array": b"[" * 500_000,
    "bytes": b"\xff\xfe\x00",
    "a mark": b"\xef\xbb\xbf{}",
    "NaN": b'{"amount": NaN}',
    "Infinity": b'{"paymentAmount": -Infinity}',
    "two": b"{}{}",
    "array": b"[{}]",
    "text": b'"{}"',
}
WRONG = (
    "\ud800",
    "\x00",
    "x" * 10_000,
    "",
    0,
    -1,
    True,
    False,
    0.1 + 0.2,
    10**400,
    [],
    [[]],
    {},
    {"a": {"b": {}}},
)


MEMBERS = (
    "accountFrom",
    "accountTo",
    "active",
    "amount",
    "beneficiary",
    "beneficiaryAccount",
    "creditorAccount",
    "currency",
    "debtor",
    "debtorAccount",
    "endToEndId",
    "eventTypes",
    "filter",
    "holderName",
    "identification",
    "mandateInfo",
    "masterAccountIban",
    "name",
    "operationReason",
    "originatorAccount",
    "originatorIban",
    "page",
    "paymentAmount",
    "paymentCurrency",
    "remittanceInfo",
    "remittanceInformation",
    "requestedCollectionDate",
    "requestedExecutionDate",
    "retryNumberOfDays",
    "secondaryIdentification",
    "settlementDateShift",
    "settlementIban",
    "signKey",
    "signatureDate",
    "structuredRemittanceInformation",
    "targetUrl",
    "type",
    "ultimateCreditor",
    "ultimateDebtor",
)
INNER = (
    "address",
    "amountFrom",
    "amountTo",
    "beneficiaryAccount",
    "bic",
    "creditorReference",
    "domesticAccountNumber",
    "executionDateFrom",
    "iban",
    "mandateId",
    "name",
    "organisationId",
    "other",
    "pageNumber",
    "pageSize",
    "paymentCustomFrequency",
    "paymentFrequency",
    "paymentStatuses",
    "privateId",
    "queryString",
    "scheduleId",
    "signatureDate",
    "startDate",
    "transactionType",
    "valueDateFrom",
)


def at(endpoint):
    path = endpoint.path
    for name, value in PATHS.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def organised():
    organisation = Organisation()
    organisation.put("webhook", "8kd28yoml3")
    organisation.put("directdebit", "j29p3kpabx")
    organisation.put("paymentschedule", "j29pv8oabx")
    return organisation


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_what_is_no_json_object_is_400_everywhere(endpoint):
    """And nothing is kept."""
    organisation = organised()
    before = dict(organisation.rows.texts)
    for body in NOT_JSON.values():
        reply = organisation.call(endpoint.method, at(endpoint), body)
        assert (reply.status, reply.json["returnCode"]) == (400, "40000" if endpoint.errors == "webhooks" else "10002")
    assert organisation.rows.texts == before


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: ascii(wrong)[:12])
def test_every_member_may_be_of_any_kind_and_the_answer_is_nuapays(endpoint, wrong):
    """All members of all tables at once, and inside of them: no fault of ours, and no money moves."""
    organisation = organised()
    before = organisation.balances()
    for body in (everywhere(wrong), everywhere(dict.fromkeys(INNER, wrong))):
        reply = organisation.call(endpoint.method, at(endpoint), json.dumps(body).encode())
        assert reply.status in (200, 201, 400, 422)
        json.dumps([[reason.seen, reason.expected] for reason in reply.reasons], ensure_ascii=False).encode()
    assert organisation.balances() == before


def everywhere(value):
    return dict.fromkeys(MEMBERS, value)
