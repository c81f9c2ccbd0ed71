"""Simulation: in the sandbox a transfer goes on when it is told to.

A step that cannot be taken is answered with 200 and ``errors``, as recorded. Wise takes each step a few seconds after
it has answered; here it is taken at once.

Sources: Wise's description 2026Q3, "Simulations"; a recorded exchange.
"""

from collections.abc import Mapping

from sandbox.errors import Refusal
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, told
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.wise.balances import Leg, book
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.style import STYLE, cents, invalid
from sandbox.providers.wise.transfers import (
    BOUNCED,
    CONVERTED,
    PROCESSING,
    REFUNDED,
    SENT,
    as_of,
    give_back,
    move,
    own_transfer,
    told_of,
)
from sandbox.providers.wise.users import ANY_USER

FROM: Mapping[str, str] = {
    PROCESSING: PROCESSING,
    CONVERTED: PROCESSING,
    SENT: CONVERTED,
    BOUNCED: SENT,
    REFUNDED: BOUNCED,
}
"""Each step and the state from which it is taken. ``processing`` must be asked for although paying leads there."""
SUSPENDED = (
    "Transfer processing is suspended due to one or more payment processing issues, please ensure profile is verified "
    "and consult the relevant regional guide in the API documentation."
)
FAILURES = {
    "WRONG_ID_NUMBER": "Invalid recipient's ID document number",
    "ACCOUNT_CLOSED": "The recipient's account is closed",
    "INVALID_ACCOUNT_NUMBER": "The recipient's account number is not valid",
}
"""The first is published; the two others are the sandbox's own."""


def simulate(request: Request, context: Context) -> Response:
    """One step, or the odd 200."""
    step = request.params["status"]
    if step not in FROM:
        refuse_fields(invalid("status", f"must be one of {', '.join(FROM)}", seen=ascii(step[:40])))
    transfer = own_transfer(request, context, request.params["transferId"])
    recipient = context.resources.get("recipient", str(transfer["targetAccount"]))
    status, noted = as_of(transfer, context.now)["status"], transfer[NOTES]
    seen = ""
    if status != FROM[step]:
        seen = f"a transfer that is {status}"
    elif step == CONVERTED and not noted["simulated"]:
        seen = "a transfer for which the step processing was not asked for"
    elif recipient and recipient["type"] == "email":
        seen = "a transfer to an e-mail address, which cannot be simulated"
    if seen:
        return _wrong_status(seen, f"one that is {FROM[step]}")
    if step == PROCESSING:
        return told_of(move(transfer, step, context, **{NOTES: {**noted, "simulated": True}}), context)
    _book(transfer, step, context)
    return told_of(move(transfer, step, context), context)


def _wrong_status(seen: str, expected: str) -> Response:
    reason = Refusal(code="provider.invalid_state", seen=seen, expected=expected)
    errors = [{"arguments": [], "code": "wrong_status", "message": SUSPENDED}]
    return Response(status=200, json={"errors": errors}, reasons=(reason,))


def _book(transfer: Body, step: str, context: Context) -> None:
    """What a step does in the books. One that a person has put as paid already has nothing in them."""
    if transfer[NOTES]["balance"] is None:
        return
    account, number = f"transfer:{transfer['id']}", transfer["id"]
    source, target = transfer["sourceCurrency"], transfer["targetCurrency"]
    value, arrives = cents(transfer["sourceValue"]), cents(transfer["targetValue"])
    conversion: tuple[Leg, ...] = (
        (account, source, -value),
        ("exchange", source, value),
        ("exchange", target, -arrives),
        (account, target, arrives),
    )
    if step == CONVERTED:
        book(context, step, *conversion, transfer=number)
    elif step in (SENT, BOUNCED):
        out = arrives if step == SENT else -arrives
        book(context, step, (account, target, -out), ("world", target, out), transfer=number)
    elif step == REFUNDED:
        back = [(name, currency, -amount) for name, currency, amount in conversion]
        book(context, "converted_back", *back, transfer=number)
        give_back(transfer, context)


def fail_payout(request: Request, context: Context) -> Response:
    """Tells, by webhook, why a transfer came back."""
    transfer = own_transfer(request, context, request.params["transferId"])
    code = (parse(request.payload) if request.payload.strip() else {}).get("failure_reason_code")
    code = next(iter(FAILURES)) if code is None else code
    if not isinstance(code, str) or code not in FAILURES:
        message = f"The provided failure reason code '{str(code)[:40]}' is not recognized"
        refuse_fields(invalid("", message, code="invalid_failure_reason_code", seen=ascii(str(code)[:40])))
    if transfer["status"] != BOUNCED:
        state = transfer["status"].upper()
        message = f"Transfer must be in BOUNCED_BACK state to simulate payout failure. Current state: {state}"
        code, cause = "invalid_transfer_state", "provider.invalid_state"
        refuse_fields(invalid("", message, code=code, seen=f"one that is {transfer['status']}", cause=cause))
    failure = {"failure_reason_code": code, "failure_description": FAILURES[code]}
    from sandbox.providers.wise.notifications import payout_failure  # with what is sent

    context.webhooks.send(*payout_failure(transfer, failure, context.now), about=str(transfer["profile"]))
    return Response(status=200, json={**failure, "occurred_at": milliseconds(context.now)})


ENDPOINTS = told(
    action("GET", "/v1/simulation/transfers/{transferId}/{status}", simulate, STYLE, body=False),
    action("POST", "/v1/simulation/transfers/{transferId}/payout-failure", fail_payout, STYLE, body=False),
    source="recorded; description 2026Q3",
    simplified="each step is taken at once; of the reasons why a payout fails one is published",
    tokens=ANY_USER,
)
