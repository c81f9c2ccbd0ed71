"""The same key is the same call: done once, answered alike for a day."""

from datetime import timedelta

import pytest

from sandbox.providers.context import Response
from sandbox.providers.kit.idempotency import KIND
from sandbox.providers.nuapay.style import ONCE
from tests.sandbox.providers.nuapay.bench import ENDPOINTS, GB20, GB35, TODAY, causes, codes, refusal

TRANSFER = {
    "requestedExecutionDate": TODAY,
    "amount": 10.5,
    "currency": "EUR",
    "accountFrom": {"iban": GB35},
    "accountTo": {"iban": GB20},
}


def keyed(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


def test_the_same_call_is_done_once_and_answered_twice(organisation):
    """Money moves once; without a key it moves each time."""
    first = organisation.call("POST", "/transfers", TRANSFER, headers=keyed("k"))
    again = organisation.call("POST", "/transfers", TRANSFER, headers=keyed("k"))
    assert again == first and first.status == 201
    assert organisation.balance("6bee3razby") == 1_000_000 - 10.5
    for _ in range(2):
        organisation.good("POST", "/transfers", TRANSFER)
    assert organisation.balance("6bee3razby") == 1_000_000 - 3 * 10.5


@pytest.mark.parametrize(
    ("later", "done"), [(timedelta(hours=23, minutes=59), 1), (timedelta(hours=24), 2), (timedelta(hours=25), 2)]
)
def test_a_key_is_good_for_a_day_by_the_sandbox_clock(organisation, later, done):
    """ "The Idempotency Key will be valid for 24 hours": after that it is a new one."""
    account = {"name": "A", "currency": "EUR"}
    first = organisation.good("POST", "/accounts", account, headers=keyed("k"))
    organisation.now += later
    again = organisation.good("POST", "/accounts", account, headers=keyed("k"))
    assert (again == first) is (done == 1)
    assert len(organisation.rows.all_of("account")) == 3 + done


def test_another_call_with_the_same_key_is_refused(organisation):
    """Our own choice: the body differs, or the path."""
    organisation.good("POST", "/transfers", TRANSFER, headers=keyed("k"))
    for path, body in (("/transfers", {**TRANSFER, "amount": 11}), ("/accounts", {"name": "A", "currency": "EUR"})):
        reply = organisation.call("POST", path, body, headers=keyed("k"))
        assert refusal(reply)[:2] == (422, "9999") and causes(reply) == ["provider.key_reused"]
        assert reply.reasons[0].expected == "the call it had then: POST /transfers, the same body"
    assert organisation.balance("6bee3razby") == 1_000_000 - 10.5


def test_a_body_of_other_bytes_is_another_body(organisation):
    """To the byte: what was signed is compared, not what it means."""
    organisation.good("POST", "/accounts", b'{"name":"A","currency":"EUR"}', headers=keyed("k"))
    reply = organisation.call("POST", "/accounts", b'{"name":"A", "currency":"EUR"}', headers=keyed("k"))
    assert causes(reply) == ["provider.key_reused"]


def test_a_key_that_failed_may_be_used_again(organisation):
    """ "Only against successful requests"."""
    wrong = {**TRANSFER, "amount": 2_000_000}
    assert organisation.call("POST", "/transfers", wrong, headers=keyed("k")).status == 422
    assert organisation.call("POST", "/transfers", {}, headers=keyed("k")).status == 400
    assert organisation.call("POST", "/transfers", TRANSFER, headers=keyed("k")).status == 201


@pytest.mark.parametrize("key", ["", "x" * (ONCE.longest + 1)])
def test_a_key_has_at_most_fifty_characters(organisation, key):
    """And the call is not done."""
    reply = organisation.call("POST", "/transfers", TRANSFER, headers=keyed(key))
    assert refusal(reply)[:2] == (400, "8888") and codes(reply) == [("7131", "Idempotency-Key")]
    assert organisation.balance("6bee3razby") == 1_000_000
    assert organisation.call("POST", "/transfers", TRANSFER, headers=keyed("x" * ONCE.longest)).status == 201


def test_what_is_kept_does_not_grow_without_bound(organisation):
    """A new key clears out what is older than a day: weeks of keys leave what one day brought."""
    filters = {"page": {"pageSize": 1}}
    for day in range(40):
        for n in range(64):
            organisation.good("POST", "/accounts/list", filters, headers=keyed(f"{day}-{n}"))
        organisation.now += timedelta(days=1)
    assert len(organisation.rows.all_of(KIND)) == 64


def test_a_handler_keeps_its_name():
    """The journal shows it."""

    def send_money(request, context):
        return Response(status=200)

    assert ONCE.wrap(send_money).__name__ == "send_money"
    assert len({endpoint.handler.__name__ for endpoint in ENDPOINTS}) > 30


def test_an_old_key_is_kept_through_a_clock_that_goes_back(organisation):
    """Somebody who sets the clock back to yesterday sends the same call: still the same call."""
    first = organisation.good("POST", "/transfers", TRANSFER, headers=keyed("k"))
    organisation.now -= timedelta(days=2)
    assert organisation.good("POST", "/transfers", TRANSFER, headers=keyed("k")) == first
