"""Looking at what a call has moved: ``GET /v1/transfers/{transferId}`` and ``GET /v4/profiles/{profileId}/balances``.

Source: recorded answers of Wise's sandbox.
"""

from urllib.parse import parse_qs

from sandbox.errors import Reason
from sandbox.providers.desk import Ask, Body, Desk, Reply
from sandbox.providers.wise.validation import invalid


def transfer(ask: Ask, desk: Desk) -> Reply:
    wanted = ask.params["transferId"]
    found = desk.resources.get("transfer", wanted)
    if found is None:
        reason = Reason(code="provider.not_found", seen=f"transfer {wanted[:40]}", expected="a transfer of this client")
        error = {"code": "NOT_FOUND", "message": "Transfer not found", "path": "transferId", "arguments": []}
        return Reply(status=404, json={"errors": [error]}, reasons=(reason,))
    return Reply(status=200, json=found)


def balances(ask: Ask, desk: Desk) -> Reply:
    """The ``types`` of the query are required; STANDARD is the one that is imitated."""
    types = parse_qs(ask.query.decode("latin-1")).get("types", [""])[-1].split(",")
    if "STANDARD" not in types:
        return invalid("types", "must name STANDARD", seen=f"types {','.join(types)[:40]!r}")
    profile = ask.params["profileId"]
    rows = [row.body for row in desk.resources.all_of("balance") if str(row.body["profile"]) == profile]
    return Reply(status=200, json=[_balance(body) for body in rows])


def _balance(body: Body) -> Body:
    def money(value: float) -> Body:
        return {"value": value, "currency": body["currency"]}

    return {
        "id": body["id"],
        "currency": body["currency"],
        "amount": money(body["amount"]),
        "reservedAmount": money(0.0),
        "cashAmount": money(body["amount"]),
        "totalWorth": money(body["amount"]),
        "type": body["type"],
        "name": None,
        "icon": None,
        "investmentState": "NOT_INVESTED",
        "creationTime": body["created"],
        "modificationTime": body["created"],
        "visible": True,
        "primary": True,
        "groupId": None,
    }
