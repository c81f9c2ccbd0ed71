"""Looking at what a call has moved: ``GET /v1/transfers/{transferId}`` and ``GET /v4/profiles/{profileId}/balances``.

Source: recorded answers of Wise's sandbox.
"""

from urllib.parse import parse_qs

from sandbox.errors import Reason
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.wise.validation import invalid


def transfer(request: Request, context: Context) -> Response:
    wanted = request.params["transferId"]
    found = context.resources.get("transfer", wanted)
    if found is None:
        reason = Reason(code="provider.not_found", seen=f"transfer {wanted[:40]}", expected="a transfer of this client")
        error = {"code": "NOT_FOUND", "message": "Transfer not found", "path": "transferId", "arguments": []}
        return Response(status=404, json={"errors": [error]}, reasons=(reason,))
    return Response(status=200, json=found)


def balances(request: Request, context: Context) -> Response:
    """The ``types`` of the query are required; STANDARD is the one that is imitated."""
    types = parse_qs(request.query.decode("latin-1")).get("types", [""])[-1].split(",")
    if "STANDARD" not in types:
        return invalid("types", "must name STANDARD", seen=f"types {','.join(types)[:40]!r}")
    profile = request.params["profileId"]
    rows = [row.body for row in context.resources.all_of("balance") if str(row.body["profile"]) == profile]
    return Response(status=200, json=[_balance(body) for body in rows])


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
