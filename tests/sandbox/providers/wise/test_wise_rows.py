"""The rows of a client of Wise's: complete from little, and refused when they could not be Wise's."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sandbox.errors import Misuse
from sandbox.providers.wise.chapters import CHAPTERS
from sandbox.providers.wise.transfers import shown

NOW = datetime(2026, 11, 22, 10, 27, 38, tzinfo=UTC)


def test_a_new_client_has_what_the_guide_needs():
    """Profile and transfer 12345, and enough money to pay for it."""
    rows = {(row.kind, row.id): row.body for row in CHAPTERS.starts_with(NOW)}
    transfer = rows["transfer", "12345"]
    assert transfer["status"] == "incoming_payment_waiting"
    assert transfer["business"] == rows["profile", "12345"]["id"]
    money = {body["currency"]: body["amount"] for (kind, _), body in rows.items() if kind == "balance"}
    assert Decimal(money[transfer["sourceCurrency"]]) >= Decimal(transfer["sourceValue"])


def test_a_transfer_looks_as_wise_writes_it():
    """The members of the recorded one, in their order; the time without a zone; money with two decimals."""
    body = shown(CHAPTERS.kinds["transfer"].complete("7", {"sourceValue": "12.30"}, NOW), NOW)
    assert " ".join(list(body)[:8]) == "id user targetAccount sourceAccount quote quoteUuid status reference"
    assert str(body["sourceValue"]) == "12.30"
    assert (body["id"], body["sourceValue"], body["created"]) == (7, Decimal("12.30"), "2026-11-22 10:27:38")


@pytest.mark.parametrize(
    ("kind", "id", "given"),
    [
        ("transfer", "0", {}),
        ("transfer", "-1", {}),
        ("transfer", "x", {}),
        ("transfer", "1" * 19, {}),
        ("transfer", "7", {"status": "done"}),
        ("transfer", "7", {"sourceValue": "-1"}),
        ("transfer", "7", {"sourceValue": "1.234"}),
        ("transfer", "7", {"sourceValue": "NaN"}),
        ("transfer", "7", {"sourceValue": "1e30"}),
        ("transfer", "7", {"sourceValue": None}),
        ("transfer", "7", {"sourceCurrency": "pounds"}),
        ("transfer", "7", {"profile": "mine"}),
        ("transfer", "7", {"sorceValue": 1}),
        ("balance", "7", {"amount": "much"}),
        ("balance", "7", {"amount": [1]}),
        ("profile", "7", {"type": "CHARITY"}),
    ],
)
def test_what_cannot_be_a_row_is_refused(kind, id, given):
    """Each with a sentence that says what may stand there."""
    with pytest.raises(Misuse) as misuse:
        CHAPTERS.kinds[kind].complete(id, given, NOW)
    assert len(str(misuse.value)) < 400
