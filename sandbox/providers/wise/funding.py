"""``POST /v3/profiles/{profileId}/transfers/{transferId}/payments``: pays for a transfer out of a balance; and the list
of what was paid.

Sources: https://docs.wise.com/guides/developer/errors/funding; Wise's description 2026Q3; a recorded exchange with
Wise's sandbox (201 with five members).
"""

from dataclasses import replace
from decimal import Decimal

from sandbox.errors import Refusal
from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import JSON, action, look, told
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.making import Identity
from sandbox.providers.kit.problems import Stop
from sandbox.providers.kit.resource import NOTES, Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice
from sandbox.providers.wise.balances import richest
from sandbox.providers.wise.books import ENTRY, PAYMENT, book
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.quotes import BALANCE, amounts_of
from sandbox.providers.wise.rates import Amounts, PayIn, price
from sandbox.providers.wise.sca import PAY_TRANSFER
from sandbox.providers.wise.signing import JOSE_JSON
from sandbox.providers.wise.style import STYLE, as_text, cents, id_of
from sandbox.providers.wise.transfers import PROCESSING, WAITING, about, as_of, move, own_transfer, rate_ended
from sandbox.providers.wise.users import ANY_USER

PREFUNDED = {
    "TRUSTED_PRE_FUND_BULK": "trustedprefundbulk.payment-option-unavailable",
    "TRUSTED_PRE_FUND_TX": "trustedprefundtx.payment-option-unavailable",
}
NOT_YOURS = "transfer.not-accessible-for-user"
INVALID_STATE, EXISTS = "transfer.invalid-state", "payment.exists"
MANNER = Resource(
    kind="manner",
    id=Identity(new=lambda context, _: "answers", kind=choice("answers")),
    body=lambda making: {"id": making.id, **{name: str(value) for name, value in making.given.items()}},
    ordered=False,
    seeds=(
        Seed(name="paidTwice", kind=choice(INVALID_STATE, EXISTS), default=INVALID_STATE),
        Seed(name="noFunds", kind=choice("201", "200", "422"), default="201"),
        Seed(name="webhookUrls", kind=choice("loose", "strict"), default="loose"),
    ),
    rows={"answers": {}},
)
"""Where Wise publishes several answers, which of them is given: ``resource put manner answers``."""
_NO_FUNDS = {
    "201": (201, "balance.insufficient-funds"),
    "200": (200, "transfer.insufficient_funds"),
    "422": (422, "balance.payment-option-unavailable"),
}


def fund(request: Request, context: Context) -> Response:
    """201 and the transfer moves on; or Wise's no, and nothing moves."""
    try:
        said = parse(request.payload)
    except Stop as stop:
        return _refused(400, "invalid.request", "provider.invalid_body", stop.problems[0].seen, "a JSON object")
    kind = said.get("type")
    if isinstance(kind, str) and kind in PREFUNDED:
        return _refused(422, PREFUNDED[kind], "provider.not_enabled", kind, "BALANCE")
    if kind != "BALANCE":
        return _refused(400, "invalid.request", "provider.invalid_body", f"the type {kind!r:.40}", "BALANCE")
    number = request.params["transferId"]
    try:
        profile = own_profile(request, context, request.params["profileId"])
    except Stop as stop:  # a bare code, as every refusal of this call is described
        return _refused(403, NOT_YOURS, "provider.not_yours", stop.problems[0].seen, "a profile of this client")
    transfer = context.resources.get("transfer", number)
    if transfer is None:
        seen = f"transfer {number[:40]}"
        return _refused(404, "transfer.not-found", "provider.not_found", seen, "a transfer of this client")
    if transfer["profile"] != profile["id"]:
        seen, expected = f"profile {profile['id']}", f"profile {transfer['profile']}"
        return _refused(403, NOT_YOURS, "provider.not_yours", seen, expected)
    status = as_of(transfer, context.now)["status"]
    if status != WAITING:
        twice = _manner(context).get("paidTwice") == EXISTS and transfer[NOTES]["balance"] is not None
        seen = f"transfer {number} in the state {status}"
        code, answer = (EXISTS, 409) if twice else (INVALID_STATE, 422)
        return _refused(answer, code, "provider.invalid_state", seen, WAITING)
    if (group := transfer[NOTES]["batch"]) and (context.resources.get("batch", group) or {}).get("status") == "NEW":
        seen = "a transfer of a group that is not completed"
        return _refused(422, INVALID_STATE, "provider.invalid_state", seen, "a group that is COMPLETED")
    return _pay(transfer, _balance_for(said.get("balanceId"), transfer, context), context)


def fund_older(request: Request, context: Context) -> Response:
    """As before there were profiles in the path: the transfer names its own."""
    transfer = own_transfer(request, context, request.params["transferId"])
    return fund(replace(request, params={**request.params, "profileId": str(transfer["profile"])}), context)


def _balance_for(named: object, transfer: Body, context: Context) -> Body | Response:
    """The balance that is named, or the one with the most in it."""
    currency, profile = transfer["sourceCurrency"], str(transfer["profile"])
    if named is None:
        found = richest(context, profile, currency)
        if found is None:
            seen, expected = f"no balance in {currency}", f"a balance in {currency}"
            return _refused(422, "balance.no-balance-for-currency", "provider.not_found", seen, expected)
        return found.body
    balance = context.resources.get("balance", id_of(named))
    if balance is None or str(balance["profile"]) != profile:
        seen = f"balance {str(named)[:40]!a}"
        return _refused(404, "balance.account-not-found", "provider.not_found", seen, "a balance of the profile")
    if balance["currency"] != currency:
        seen = f"a balance in {balance['currency']}"
        return _refused(422, "balance.currency-unsupported", "provider.invalid_body", seen, currency)
    return balance


def _manner(context: Context) -> Body:
    """Asked for only where it makes a difference."""
    return context.resources.get(MANNER.kind, "answers") or {}


def _pay(transfer: Body, balance: Body | Response, context: Context) -> Response:
    if isinstance(balance, Response):
        return balance
    costs, currency = cost(transfer, context), transfer["sourceCurrency"]
    needed = costs[1].source
    if Decimal(balance["amount"]) < needed:
        status, code = _NO_FUNDS[_manner(context).get("noFunds", "201")]
        seen, expected = f"{balance['amount']} {currency}", f"{needed} {currency}"
        reason = Refusal(code="provider.no_funds", seen=seen, expected=expected)
        return Response(status=status, json=_answer("REJECTED", code, None), reasons=(reason,))
    entry = pay(transfer, balance, context, costs)
    return Response(status=201, json=_answer("COMPLETED", None, entry["id"]))


def pay(transfer: Body, balance: Body, context: Context, costs: tuple[Decimal, Amounts] | None = None) -> Body:
    """The entry that pays for a transfer out of a balance in which there is enough; *costs* where they are known."""
    rate, amounts = costs or cost(transfer, context)
    currency, number = transfer["sourceCurrency"], transfer["id"]
    legs = ((f"balance:{balance['id']}", currency, -amounts.source), ("fees", currency, amounts.total))
    on_way = (f"transfer:{number}", currency, amounts.converted)
    worth = {"rate": str(rate), "sourceValue": str(amounts.converted), "targetValue": str(amounts.target)}
    told_of = about({**transfer, **worth}, amounts.total)
    entry = book(context, PAYMENT, *legs, on_way, transfer=number, balance=balance, about=told_of)
    notes = {**transfer[NOTES], "balance": balance["id"], "fee": str(amounts.total)}
    # To pay from a balance is to pay from a recipient, whose id is shown.
    move(transfer, PROCESSING, context, **worth, sourceAccount=balance["recipientId"], **{NOTES: notes})
    return entry


def cost(transfer: Body, context: ReadContext, pay_in: PayIn = BALANCE) -> tuple[Decimal, Amounts]:
    """By its quote, at the fee of that way of paying; at today's rate where the quote's has ended.

    A transfer without a quote, one that a person has put, costs its value.
    """
    quote = context.resources.get("quote", transfer["quoteUuid"])
    if quote is None:
        value = cents(transfer["sourceValue"])
        free = Amounts(source=value, fee=cents(0), pay_in_fee=cents(0), target=cents(transfer["targetValue"]))
        return Decimal(transfer["rate"]), free
    today = price(context, quote["sourceCurrency"], quote["targetCurrency"])
    if today and rate_ended(transfer, context.now):
        quote = {**quote, "rate": str(today.rate), "fixed": str(today.fixed), "percent": str(today.percent)}
    return Decimal(quote["rate"]), amounts_of(quote, pay_in)


def _answer(status: str, code: str | None, transaction: int | None) -> Body:
    kept = {"type": "BALANCE", "status": status, "errorCode": code, "errorMessage": None}
    return {**kept, "balanceTransactionId": transaction} if status == "COMPLETED" else kept


def _refused(status: int, code: str, cause: str, seen: str, expected: str) -> Response:
    return as_text(code, status, cause=Refusal(code=cause, seen=seen, expected=expected))


# --- what was paid ---


def list_payments(request: Request, context: ReadContext) -> Response:
    transfer = own_transfer(request, context, request.params["transferId"])
    found = context.resources.find(ENTRY.kind, (equals("transfer", transfer["id"]),), oldest_first=True).rows
    paid = [row.body for row in found if row.body["what"] == PAYMENT]
    return Response(status=200, json=[_shown(entry, transfer) for entry in paid])


def _shown(entry: Body, transfer: Body) -> Body:
    paid = next(-Decimal(value) for account, _, value in entry["legs"] if account.startswith("balance:"))
    return {
        "id": entry["id"],
        "method": "BALANCE",
        "pricingVariant": None,
        "amount": paid,
        "currency": transfer["sourceCurrency"],
        "timeCreated": entry["at"],
        "timeUpdated": entry["at"],
    }


LEGACY = told(
    action("POST", "/v1/transfers/{transferId}/payments", fund_older, STYLE, step_up=PAY_TRANSFER),
    source="public clients of 2018 to 2021",
    simplified="as the payment of /v3",
    tokens=ANY_USER,
)
ENDPOINTS = told(
    action(
        "POST",
        "/v3/profiles/{profileId}/transfers/{transferId}/payments",
        fund,
        replace(STYLE, accepts=(JSON, JOSE_JSON)),
        signing="optional",
        encryption="optional",
        step_up=PAY_TRANSFER,
    ),
    look("/v1/transfers/{transferId}/payments", list_payments, STYLE),
    source="recorded; description 2026Q3; errors/funding",
    simplified="out of a balance only",
    tokens=ANY_USER,
)
