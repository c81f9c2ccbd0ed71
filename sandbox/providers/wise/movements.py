"""Money between the balances of one profile: converted on a quote, or moved into a jar and out of it.

Sources: Wise's description 2026Q3, "Balances"; the older page "Borderless accounts" for conversions; for whom the
refusals are not published, they are the sandbox's own.
"""

from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, told
from sandbox.providers.kit.fields import Field, Values, read, table
from sandbox.providers.kit.problems import refuse_fields, refuse_rules
from sandbox.providers.kit.values import INT64, money, whole
from sandbox.providers.wise.balances import account_of, require_key, standard
from sandbox.providers.wise.books import CONVERSION, MOVE, Leg, book, terms
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.quotes import BALANCE as FROM_BALANCE
from sandbox.providers.wise.quotes import QUOTE, amounts_of
from sandbox.providers.wise.sending import open_quote
from sandbox.providers.wise.style import CURRENCY, MOST_MONEY, ONCE, amount, cents, invalid
from sandbox.providers.wise.transfers import QUOTE_ID
from sandbox.providers.wise.users import ANY_USER

_AMOUNT = (
    Field(name="value", kind=money(Decimal("0.01"), MOST_MONEY), wrong="NOT_VALID", missing="NotNull"),
    Field(name="currency", kind=CURRENCY, wrong="NOT_VALID", missing="NotNull"),
)
_MOVEMENT = table(
    Field(name="quoteId", kind=QUOTE_ID, wrong="NOT_VALID"),
    Field(name="sourceBalanceId", kind=whole(1, INT64), wrong="NOT_VALID"),
    Field(name="targetBalanceId", kind=whole(1, INT64), wrong="NOT_VALID"),
    Field(name="amount", members=_AMOUNT, wrong="NOT_VALID"),
)
_CONVERSION = table(Field(name="quoteId", kind=QUOTE_ID, wrong="NOT_VALID", missing="NotNull"))


def move_money(request: Request, context: Context) -> Response:
    """With a quote a conversion, without one a move of an amount in one currency."""
    require_key(request)
    profile = own_profile(request, context, request.params["profileId"])
    given = read(request.payload, _MOVEMENT)
    if "quoteId" in given:
        return Response(status=201, json=_convert(profile, given, context))
    if "amount" not in given:
        refuse_fields(invalid("amount", "must be given, or quoteId", code="NotNull", seen="neither"))
    return Response(status=201, json=_move(profile, given, context))


def convert_older(request: Request, context: Context) -> Response:
    """The same conversion, below the multi-currency account."""
    require_key(request)
    profile = account_of(request, context)
    return Response(status=200, json=_convert(profile, read(request.payload, _CONVERSION), context))


def _convert(profile: Body, given: Values, context: Context) -> Body:
    quote = _quote(given["quoteId"], profile, context)
    source = _balance("sourceBalanceId", given, profile, quote["sourceCurrency"], context)
    target = _balance("targetBalanceId", given, profile, quote["targetCurrency"], context)
    amounts = amounts_of(quote, FROM_BALANCE)
    _judge(source, target, amounts.source)
    money_in, money_out = quote["sourceCurrency"], quote["targetCurrency"]
    legs: tuple[Leg, ...] = (
        (f"balance:{source['id']}", money_in, -amounts.source),
        ("fees", money_in, amounts.total),
        ("exchange", money_in, amounts.converted),
        ("exchange", money_out, -amounts.target),
        (f"balance:{target['id']}", money_out, amounts.target),
    )
    given, got = amount(amounts.source, money_in), amount(amounts.target, money_out)
    about = terms(given, got, quote["rate"], amounts.total)
    QUOTE.change(context, quote, status="ACCEPTED")
    return _shown(book(context, CONVERSION, *legs, about=about), "CONVERSION")


def _move(profile: Body, given: Values, context: Context) -> Body:
    value, currency = given["amount"]["value"], given["amount"]["currency"]
    source = _balance("sourceBalanceId", given, profile, currency, context)
    target = _balance("targetBalanceId", given, profile, currency, context)
    _judge(source, target, value)
    moved = amount(value, currency)
    names = {"from": source["name"] or currency, "into": target["name"] or currency}
    legs = ((f"balance:{source['id']}", currency, -value), (f"balance:{target['id']}", currency, value))
    kind = "WITHDRAWAL" if source["type"] == "SAVINGS" else "DEPOSIT"
    return _shown(book(context, MOVE, *legs, about={**terms(moved, moved, "1", cents(0)), **names}), kind)


def _quote(id: str, profile: Body, context: Context) -> Body:
    """The open quote, made for a conversion. Raises Stop."""
    quote = open_quote(id, context, profile["id"])
    if quote["payOut"] != "BALANCE" and quote.get("type") != "BALANCE_CONVERSION":
        refuse_rules(invalid("quoteId", "must be a quote with payOut BALANCE", seen=f"one with {quote['payOut']}"))
    return quote


def _balance(field: str, given: Values, profile: Body, currency: str, context: Context) -> Body:
    """The one that is named, or the STANDARD one of the currency. Raises Stop."""
    named: Any = given.get(field)
    found = standard(context, str(profile["id"]), currency)
    if named is not None:
        found = context.resources.get("balance", str(named))
    if found is None or found["profile"] != profile["id"]:
        seen = f"balance {named}" if named else f"no balance in {currency}"
        says = f"must be a balance of the profile in {currency}"
        refuse_rules(invalid(field, says, seen=seen, cause="provider.not_found"))
    if found["currency"] != currency:
        refuse_rules(invalid(field, f"must be a balance in {currency}", seen=f"one in {found['currency']}"))
    return found


def _judge(source: Body, target: Body, value: Decimal) -> None:
    """Money goes into another balance, and it must be there. Raises Stop."""
    if source["id"] == target["id"]:
        refuse_rules(invalid("targetBalanceId", "must be another balance than the source", seen=str(source["id"])))
    if cents(source["amount"]) < value:
        code, cause = "balance.insufficient-funds", "provider.no_funds"
        says = f"there must be {value} {source['currency']} in the balance"
        refuse_rules(invalid("sourceBalanceId", says, code=code, seen=source["amount"], cause=cause))


def _shown(entry: Body, kind: str) -> Body:
    about = entry["about"]
    source, target = (amount(about[side], about[f"{side}Currency"]) for side in ("source", "target"))
    fee = amount(about["fee"], source["currency"])
    after = [{"id": one["id"], "value": cents(one["after"]), "currency": one["currency"]} for one in entry["balances"]]
    rate = Decimal(about["rate"])
    step = {"id": entry["id"], "type": kind, "creationTime": entry["at"], "balancesAfter": after}
    unknown = dict.fromkeys(("channelName", "channelReferenceId", "tracingReferenceCode"))
    amounts = {"sourceAmount": source, "targetAmount": target, "rate": rate}
    return {
        "id": entry["id"],
        "type": kind,
        "state": "COMPLETED",
        "balancesAfter": after,
        "creationTime": entry["at"],
        "steps": [{**step, **unknown, **amounts, "fee": fee}],
        **amounts,
        "feeAmounts": [fee] if fee["value"] else [],
    }


ENDPOINTS = told(
    action("POST", "/v2/profiles/{profileId}/balance-movements", move_money, ONCE),
    source="description 2026Q3",
    simplified="a missing balance is not opened; the refusals are the sandbox's own",
    tokens=ANY_USER,
)
LEGACY = told(
    action("POST", "/v1/borderless-accounts/{accountId}/conversions", convert_older, ONCE),
    source="Wise's Postman collection; the deprecated API documents",
    simplified="as balance-movements",
    tokens=ANY_USER,
)
