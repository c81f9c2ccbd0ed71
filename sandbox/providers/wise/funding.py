"""``POST /v3/profiles/{profileId}/transfers/{transferId}/payments``: pays for a transfer out of a balance.

Sources: https://docs.wise.com/guides/developer/errors/funding, Wise's OpenAPI description, and a recorded exchange with
Wise's sandbox (201 with five members). No fee is reckoned: quotes are not imitated yet.
"""

from decimal import Decimal

from sandbox.errors import Reason
from sandbox.providers.context import Body, Context, Request, Resources, Response, Row
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.making import counted, next_number
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.kit.resource import Resource
from sandbox.providers.wise.rows import PROCESSING, WAITING
from sandbox.providers.wise.style import invalid
from sandbox.providers.wise.times import milliseconds

PREFUNDED = ("TRUSTED_PRE_FUND_BULK", "TRUSTED_PRE_FUND_TX")
FIRST_PAYMENT = 5_683_542
"""Payments are numbered from here per client, in the range in which Wise's sandbox has them."""
PAYMENT = Resource(kind="payment", id=counted(FIRST_PAYMENT), ordered=False)


def fund(request: Request, context: Context) -> Response:
    """201 and the transfer moves on; or Wise's no, and nothing moves."""
    kind = parse(request.payload).get("type")
    if kind in PREFUNDED:
        code = "trustedprefundbulk.payment-option-unavailable"
        return _rejected(422, str(kind), code, "provider.not_enabled", seen=str(kind), expected="BALANCE")
    if kind != "BALANCE":
        refuse_fields(invalid("type", "must be BALANCE", seen=f"{kind!r:.40}"))
    profile_id, transfer_id, resources = request.params["profileId"], request.params["transferId"], context.resources
    if resources.get("profile", profile_id) is None:
        return _not_your_profile(profile_id, context)
    transfer = resources.get("transfer", transfer_id)
    if transfer is None:
        seen, expected = f"transfer {transfer_id[:40]}", "a transfer of this client"
        return _rejected(404, kind, "transfer.not-found", "provider.not_found", seen=seen, expected=expected)
    if str(transfer["business"]) != profile_id:
        seen, expected = f"profile {profile_id[:40]}", f"profile {transfer['business']}"
        code = "transfer.not-accessible-for-user"
        return _rejected(403, kind, code, "provider.not_yours", seen=seen, expected=expected)
    if transfer["status"] != WAITING:
        seen = f"transfer {transfer_id} in the state {transfer['status']}"
        return _rejected(422, kind, "transfer.invalid-state", "provider.invalid_state", seen=seen, expected=WAITING)
    return _pay(transfer_id, transfer, context)


def _pay(transfer_id: str, transfer: Body, context: Context) -> Response:
    resources = context.resources
    price, currency = Decimal(str(transfer["sourceValue"])), transfer["sourceCurrency"]
    source = _richest(resources, str(transfer["business"]), currency)
    if source is None or Decimal(str(source.body["amount"])) < price:
        there = f"{source.body['amount']} {currency}" if source else f"no balance in {currency}"
        code = "balance.payment-option-unavailable"
        return _rejected(
            422, "BALANCE", code, "provider.no_funds", seen=there, expected=f"{transfer['sourceValue']} {currency}"
        )
    left = Decimal(str(source.body["amount"])) - price
    resources.put("balance", source.id, {**source.body, "amount": float(left)})
    moved = {**transfer, "status": PROCESSING, "sourceAccount": source.body["id"]}
    resources.put("transfer", transfer_id, moved)
    payment = next_number(context, PAYMENT.kind, FIRST_PAYMENT)
    row = {"id": payment, "transfer": transfer["id"], "amount": transfer["sourceValue"], "currency": currency}
    resources.put(PAYMENT.kind, str(payment), {**row, "timeCreated": milliseconds(context.now)})
    body = {
        "type": "BALANCE",
        "status": "COMPLETED",
        "errorCode": None,
        "errorMessage": None,
        "balanceTransactionId": payment,
    }
    return Response(status=201, json=body)


def _richest(resources: Resources, profile_id: str, currency: str) -> Row | None:
    """The profile's balance of that currency with the most in it. A client has a handful of balances."""
    fitting = [
        row
        for row in resources.all_of("balance")
        if row.body["currency"] == currency and str(row.body["profile"]) == profile_id
    ]
    return max(fitting, key=lambda row: Decimal(str(row.body["amount"])), default=None)


def _rejected(status: int, kind: str, error_code: str, cause: str, *, seen: str, expected: str) -> Response:
    body = {"type": kind, "status": "REJECTED", "errorCode": error_code, "errorMessage": None}
    return Response(status=status, json=body, reasons=(Reason(code=cause, seen=seen, expected=expected),))


def _not_your_profile(profile_id: str, context: Context) -> Response:
    """The 403 of a profile that is not the caller's, as the errors page shows it."""
    body = {
        "timestamp": milliseconds(context.now),
        "status": 403,
        "error": "unauthorized",
        "message": "Unauthorized",
    }
    reason = Reason(code="provider.not_yours", seen=f"profile {profile_id[:40]}", expected="a profile of this client")
    return Response(status=403, json=body, reasons=(reason,))
