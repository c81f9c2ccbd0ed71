"""Rows are put, listed and shown; the provider completes them and says what cannot be one."""

import pytest

from sandbox.errors import Misuse, NotThere
from sandbox.services.clients import add_client
from sandbox.services.resources import kinds_of, list_resources, put_resource, show_resource

KINDS = ("balance", "manner", "profile", "rate", "recipient", "redirect", "transfer", "user")


def test_a_row_is_completed_and_belongs_to_its_client(state):
    """What is not given is as in any new one; another client has no such row."""
    add_client(state, "wise", "acme")
    row = put_resource(state, "wise", "acme", "transfer", "777", {"sourceValue": "10.50"})
    assert row.body["sourceValue"] == "10.50" and row.body["status"] == "incoming_payment_waiting"
    assert show_resource(state, "wise", "acme", "transfer", "777") == row
    with pytest.raises(NotThere, match="demo has no transfer '777'"):
        show_resource(state, "wise", "demo", "transfer", "777")


@pytest.mark.parametrize(
    ("kind", "id", "given"),
    [
        ("payment", "1", {}),
        ("", "1", {}),
        ("transfer", "x", {}),
        ("transfer", "1", {"nothing": 1}),
        ("transfer", "1", {"sourceValue": float("nan")}),
        ("transfer", "1", {"sourceValue": {"a": [1]}}),
        ("transfer", "1", {"reference": "\ud800"}),
        ("balance", "1", {"amount": "1e400"}),
    ],
)
def test_what_cannot_be_a_row_is_refused(state, kind, id, given):
    """And nothing is kept."""
    before = [list_resources(state, "wise", "demo", name) for name in ("transfer", "balance", "payment")]
    with pytest.raises(Misuse):
        put_resource(state, "wise", "demo", kind, id, given)
    assert [list_resources(state, "wise", "demo", name) for name in ("transfer", "balance", "payment")] == before


def test_the_kinds_are_those_that_can_be_and_those_that_are(state):
    """So that somebody who mistyped one sees them."""
    assert kinds_of(state, "wise", "demo") == KINDS
