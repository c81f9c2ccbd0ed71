"""Simulation: in the sandbox a transfer goes on when it is told to.

A step that cannot be taken is answered with 200 and ``errors``, as recorded. Wise takes each step a few seconds after
it has answered; here it is taken at once.

Sources: Wise's description 2026Q3, "Simulations"; a recorded exchange.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.errors import Refusal
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, told
from sandbox.providers.kit.fields import Field, parse, read, table
from sandbox.providers.kit.problems import refuse_absent, refuse_fields
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.kit.values import choice, money
from sandbox.providers.wise.account_details import numbers
from sandbox.providers.wise.balances import BALANCE, open_for
from sandbox.providers.wise.books import DEPOSIT, RECEIVED, TOP_UP, Leg, book
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.style import CURRENCY, MOST_MONEY, NUMBER_OR_TEXT, STYLE, cents, invalid
from sandbox.providers.wise.transfers import (
    BOUNCED,
    CONVERTED,
    PROCESSING,
    REFUNDED,
    SENT,
    about,
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
    elif step == BOUNCED and noted["into"] is not None:
        seen = "a transfer into a balance, which does not come back"
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
    elif step == SENT and transfer[NOTES]["into"] is not None:
        balance = open_for(context, transfer[NOTES]["into"], transfer["profile"], target)
        into = (f"balance:{balance['id']}", target, arrives)
        told_of_it = about(transfer, cents(0))
        book(context, RECEIVED, (account, target, -arrives), into, transfer=number, balance=balance, about=told_of_it)
    elif step in (SENT, BOUNCED):
        out = arrives if step == SENT else -arrives
        book(context, step, (account, target, -out), ("world", target, out), transfer=number)
    elif step == REFUNDED:
        back = [(name, currency, -amount) for name, currency, amount in conversion]
        book(context, "converted_back", *back, transfer=number)
        give_back(transfer, context)


def fail_payout(request: Request, context: Context) -> Response:
    """Tells, by webhook, why a transfer came back."""
    from sandbox.providers.wise.notifications import PAYOUT_FAILURES, payout_failure  # with what is sent

    transfer = own_transfer(request, context, request.params["transferId"])
    code = (parse(request.payload) if request.payload.strip() else {}).get("failure_reason_code")
    code = next(iter(PAYOUT_FAILURES)) if code is None else code
    if not isinstance(code, str) or code not in PAYOUT_FAILURES:
        message = f"The provided failure reason code '{str(code)[:40]}' is not recognized"
        refuse_fields(invalid("", message, code="invalid_failure_reason_code", seen=ascii(str(code)[:40])))
    if transfer["status"] != BOUNCED:
        state = transfer["status"].upper()
        message = f"Transfer must be in BOUNCED_BACK state to simulate payout failure. Current state: {state}"
        code, cause = "invalid_transfer_state", "provider.invalid_state"
        refuse_fields(invalid("", message, code=code, seen=f"one that is {transfer['status']}", cause=cause))
    failure = {"failure_reason_code": code, "failure_description": PAYOUT_FAILURES[code]}
    context.webhooks.send(*payout_failure(transfer, failure, context.now), about=str(transfer["profile"]))
    return Response(status=200, json={**failure, "occurred_at": milliseconds(context.now)})


# --- balances ---

_AMOUNT = money(Decimal("0.01"), MOST_MONEY, texts=True)
_TOP_UP = table(
    Field(name="profileId", kind=NUMBER_OR_TEXT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="balanceId", kind=NUMBER_OR_TEXT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="currency", kind=CURRENCY, wrong="NOT_VALID", missing="NotNull"),
    Field(name="amount", kind=_AMOUNT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="channel", kind=choice("TRANSFER", "CARD"), wrong="NOT_VALID"),
)


def top_up(request: Request, context: Context) -> Response:
    """Money from outside into a balance."""
    given: Any = read(request.payload, _TOP_UP)
    profile = own_profile(request, context, str(given["profileId"]))
    balance = BALANCE.existing(context, str(given["balanceId"]))
    if balance["profile"] != profile["id"]:
        refuse_absent("balance", str(given["balanceId"]))
    if balance["currency"] != given["currency"]:
        says = f"must be {balance['currency']}, the balance's"
        refuse_fields(invalid("currency", says, seen=given["currency"]))
    account, currency, value = f"balance:{balance['id']}", given["currency"], given["amount"]
    entry = book(context, TOP_UP, (account, currency, value), ("world", currency, -value), balance=balance)
    after = cents(balance["amount"]) + value
    shown = {"id": balance["id"], "value": after, "currency": currency}
    return Response(status=200, json={"transactionId": entry["id"], "state": "COMPLETED", "balancesAfter": [shown]})


_IMPORT = table(
    Field(name="currency", kind=CURRENCY, wrong="NOT_VALID", missing="NotNull"),
    Field(name="amount", kind=_AMOUNT, wrong="NOT_VALID", missing="NotNull"),
)
IMPORTED = ("USD", "EUR", "GBP")
"""The description: it works for these."""
PAYER: Body = {"payer": "Sandbox Payer", "account": "BE19967722383012", "reference": "Sandbox"}


def import_payment(request: Request, context: Context) -> Response:
    """A bank transfer from outside, to the account details of that currency."""
    profile = own_profile(request, context, request.params["profileId"])
    given: Any = read(request.payload, _IMPORT)
    currency, value = given["currency"], given["amount"]
    found = numbers(profile, currency, context) if currency in IMPORTED else None
    if found is None:
        message = "No account details found for profile currency pair"
        reason = Refusal(
            code="provider.not_found", seen=f"no account details in {currency}", expected="an order of some"
        )
        return Response(status=400, json={"code": "not.valid", "message": message}, reasons=(reason,))
    into = (f"balance:{found[0]['balance']}", currency, value)
    book(context, DEPOSIT, into, ("world", currency, -value), about={**PAYER, "fee": "0.00"})
    return Response(status=201)


ENDPOINTS = told(
    action("GET", "/v1/simulation/transfers/{transferId}/{status}", simulate, STYLE, body=False),
    action("POST", "/v1/simulation/transfers/{transferId}/payout-failure", fail_payout, STYLE, body=False),
    action("POST", "/v1/simulation/balance/topup", top_up, STYLE),
    action("POST", "/v1/simulation/profiles/{profileId}/bank-transactions/import", import_payment, STYLE),
    source="recorded; description 2026Q3",
    simplified="each step is taken at once; a payout fails for WRONG_ID_NUMBER where no reason is given",
    tokens=ANY_USER,
)
