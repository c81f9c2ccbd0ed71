"""What Wise's webhooks tell, without sending them: each event in the schema version of its subscription."""

from datetime import UTC, datetime

import pytest

from sandbox.providers.wise.chapters import CHAPTERS
from sandbox.providers.wise.notifications import PAYOUT_FAILURES, events
from sandbox.webhooks.event import RowChange, Subscription
from tests.sandbox.providers.memory import Caller
from tests.sandbox.providers.wise.test_wise_wire import QUOTES, fund, good, step, transfer

AT = datetime(2026, 11, 30, 15, 0, 0, 123000, UTC)
NEWEST = {"balance_id", "step_id", "post_transaction_balance_amount"}


@pytest.fixture
def wise() -> Caller:
    return Caller(CHAPTERS, provider="wise")


def told(kind: str, after: dict, version: str = "4.0.0") -> dict[str, dict]:
    """What becomes of a new row: the messages by the names of their events."""
    change = RowChange(kind=kind, id=str(after["id"]), before=None, after=after, client="o", at=AT)
    to = Subscription(id="s", url="https://x", events=frozenset(("all",)), mtls=None, about="", version=version)
    return {event.name: event.payload(to) for event in events(change)}


@pytest.mark.parametrize(
    ("version", "lacks"), [("2.1.0", NEWEST), ("2.2.0", NEWEST - {"balance_id"}), ("3.0.0", set()), ("4.0.0", set())]
)
def test_an_update_of_a_balance_has_the_members_of_its_version(wise, version, lacks):
    """Older schemas have fewer; the resource is the account, and not the balance."""
    body = {"profileId": 12345, "balanceId": 236839, "currency": "GBP", "amount": 5}
    good(wise.call("POST", "/v1/simulation/balance/topup", body))
    (row,) = wise.rows.all_of("transaction")
    data = told("transaction", row.body, version)["balances#update"]["data"]
    assert NEWEST - data.keys() == lacks
    (account,) = good(wise.call("GET", "/v1/borderless-accounts", query="profileId=12345"))
    assert data["resource"] == {"id": account["id"], "profile_id": 12345, "type": "balance-account"}


def test_a_transfer_into_ones_own_balance_has_no_states_to_tell(wise):
    """It is told as an update of the balance; a transfer to a recipient has its states."""
    sent = transfer(wise)
    assert "transfers#state-change" in told("transfer", wise.rows.get("transfer", str(sent["id"])))
    asked = {"sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": 10}
    body = {"quoteUuid": good(wise.call("POST", QUOTES, asked))["id"], "targetAccount": 750012345}
    body["customerTransactionId"] = "c84d9145-1e9a-4ce6-b356-6d6c97ca3ae6"
    topped = good(wise.call("POST", "/v1/transfers", body))
    assert told("transfer", wise.rows.get("transfer", str(topped["id"]))) == {}


def test_a_payout_fails_for_each_reason_that_wise_names(wise):
    """34 codes; another one is refused, with the published code."""
    made = transfer(wise)
    fund(wise, made)
    for state in ("processing", "funds_converted", "outgoing_payment_sent", "bounced_back"):
        good(step(wise, made, state))
    path = f"/v1/simulation/transfers/{made['id']}/payout-failure"
    assert len(PAYOUT_FAILURES) == 34
    for code in PAYOUT_FAILURES:
        assert good(wise.call("POST", path, {"failure_reason_code": code}))["failure_reason_code"] == code
    (error,) = wise.call("POST", path, {"failure_reason_code": "INVALID_CODE"}).json["errors"]
    assert error["code"] == "invalid_failure_reason_code"
