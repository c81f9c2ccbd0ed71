"""Wallets and balances. Source: Treezor's official description 25.04.03, "Wallets" and "Balances".

A wallet has two amounts: what is on it (``solde``), and what of that is free (``authorizedBalance``). Payins,
transfers, payouts and cards move them by the three functions here, and by nothing else.
"""

from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, change, create, listing, look, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.making import Making, counted
from sandbox.providers.kit.problems import Problem, refuse_fields, refuse_if, refuse_rules
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import exists
from sandbox.providers.kit.values import check_digits, choice, text, whole
from sandbox.providers.treezor.errors import MISSING, WRONG
from sandbox.providers.treezor.sca import per_session
from sandbox.providers.treezor.style import (
    BALANCE,
    ID,
    READ,
    STYLE,
    TAG,
    WRITE,
    asks,
    by,
    canceled,
    given,
    one_of,
    stamps,
    touch,
    written,
)
from sandbox.providers.treezor.users import LAND, NAME

STATUSES = choice("CANCELED", "PENDING", "VALIDATED")
BICS = choice("TRZOFR21XXX", "TRZODEB2XXX", "TRZOITM2XXX", "TRZOESM2XXX")
ELECTRONIC_MONEY, PAYMENT_ACCOUNT = 9, 10
BANK, BRANCH = "16798", "00001"
"""As in the published IBANs of wallets."""
_LETTERLESS = ((89, BANK), (15, BRANCH))


def iban_of(making: Making) -> str:
    """A French IBAN whose account number is the wallet's id, with the key that banks there add."""
    account = f"{int(making.id):011d}"
    key = 97 - (sum(factor * int(part) for factor, part in _LETTERLESS) + 3 * int(account)) % 97
    bban = f"{BANK}{BRANCH}{account}{key:02d}"
    return f"FR{check_digits(bban, 'FR')}{bban}"


def of_owner(name: str) -> Any:
    """A member of the user whose wallet it is; a seed, which knows no other rows, has it itself."""
    return lambda making: (making.rows.get("user", str(making.given.get("userId"))) or {}).get(name)


WALLET = Resource(
    kind="wallet",
    id=counted(1003, name="walletId"),
    fields=(
        given("walletTypeId", whole(ELECTRONIC_MONEY, PAYMENT_ACCOUNT), needed=True),
        Field(name="walletStatus", kind=STATUSES, given=False, default="VALIDATED"),
        # Which code belongs to which status is not published.
        Field(name="codeStatus", given=False, default=120005),
        Field(name="informationStatus", given=False),
        given("walletTag", TAG),
        given("accessTag", TAG, shown=False),
        given("userId", ID, needed=True, fixed=True),
        Field(name="userLastname", kind=NAME, given=False, default=of_owner("lastname")),
        Field(name="userFirstname", kind=NAME, given=False, default=of_owner("firstname")),
        given("tariffId", ID, needed=True),
        given("eventName", text(longest=255, shortest=1), needed=True),
        given("eventMessage", text(longest=255)),
        given("bic", BICS, default="TRZOFR21XXX"),
        Field(name="iban", make=iban_of),
        given("currency", choice("EUR"), needed=True, fixed=True),
        Field(name="solde", kind=BALANCE, given=False, default="0.00"),
        Field(name="authorizedBalance", make=lambda making: str(making.given.get("solde", "0.00"))),
        Field(name="country", kind=LAND, given=False, default=of_owner("country")),
        *stamps(),
    ),
    rules=(exists("userId", "user", "NO_USER"), per_session()),
    index=("walletId", "walletTypeId", "walletStatus", "walletTag", "userId", "tariffId", "iban", "createdDate"),
    show=lambda body: {**body, "authorizedBalance": Decimal(body["authorizedBalance"])},
    touch=touch,
    seeds=(
        Seed(name="userId", default=101),
        Seed(name="walletTypeId", default=PAYMENT_ACCOUNT),
        Seed(name="tariffId", default=1),
        Seed(name="eventName", default="Main Wallet"),
        Seed(name="userLastname", default="Oak"),
        Seed(name="userFirstname", default="Alex"),
        Seed(name="country", default="FR"),
        Seed(name="currency", default="EUR"),
        Seed(name="walletStatus", default="VALIDATED"),
        Seed(name="solde", default="1000.00"),
    ),
    rows={"1001": {}, "1002": {"eventName": "Savings", "solde": "0.00"}},
)


# --- money ---


def credit(context: Context, wallet: Body, amount: Decimal) -> Body:
    """Money comes in."""
    return _moved(context, wallet, there=amount, free=amount)


def debit(context: Context, wallet: Body, amount: Decimal) -> Body:
    """Money goes out. Raises Stop where there is too little that is free."""
    return _moved(context, wallet, there=-amount, free=-amount)


def reserve(context: Context, wallet: Body, amount: Decimal) -> Body:
    """Money is bound by a pending operation, or free again with a negative amount. Raises Stop where there is too
    little."""
    return _moved(context, wallet, there=Decimal(0), free=-amount)


def _moved(context: Context, wallet: Body, *, there: Decimal, free: Decimal) -> Body:
    usable(wallet)
    was, was_free = Decimal(wallet["solde"]), Decimal(wallet["authorizedBalance"])
    if free < 0 and was_free + free < 0:
        seen, expected = f"{was_free} that are free on wallet {wallet['walletId']}", f"at least {-free}"
        step = f"sandbank resource put wallet {wallet['walletId']} --set solde=1000.00 --client demo puts money there"
        problem = Problem(
            code="NO_FUNDS", field="amount", seen=seen, expected=expected, cause="provider.no_funds", next=step
        )
        refuse_rules(problem)
    return WALLET.change(context, wallet, solde=str(was + there), authorizedBalance=str(was_free + free))


def usable(wallet: Body) -> Body:
    """The wallet, if money may be moved there. Whoever moves some between two asks for both first: what a call has
    written by then is kept when it stops."""
    seen = f"wallet {wallet['walletId']}, which is {wallet['walletStatus']}"
    problem = Problem(code="NOT_VALIDATED", field="walletId", seen=seen, cause="provider.invalid_state")
    refuse_if(wallet["walletStatus"] != "VALIDATED", problem)
    return wallet


# --- calls ---


def cancel_wallet(request: Request, context: Context) -> Response:
    """``DELETE``: irreversible. That it must be empty is the sandbox's own choice. The description has a body with
    ``origin``, which is not asked for."""
    wallet = WALLET.existing(context, request.params["walletId"])
    refuse_if(wallet["walletStatus"] == "CANCELED", canceled("walletId", f"wallet {wallet['walletId']}"))
    seen = f"{wallet['solde']} on wallet {wallet['walletId']}"
    refuse_if(Decimal(wallet["solde"]) != 0, Problem(code="NOT_EMPTY", seen=seen, cause="provider.invalid_state"))
    return STYLE.shown(WALLET, WALLET.change(context, wallet, walletStatus="CANCELED"))


def list_balances(request: Request, context: ReadContext) -> Response:
    """Of one wallet, or of all wallets of a user."""
    wanted = {name: value for name in ("walletId", "userId") if (value := query_value(request, name))}
    if not wanted:
        refuse_fields(Problem(code=MISSING, field="walletId or userId", seen="neither in the query"))
    wrong = [name for name, value in wanted.items() if ID.read(ID.typed(value)) is None]
    if wrong:
        refuse_fields(*(Problem(code=WRONG, field=name, seen=ascii(wanted[name][:40]), says=ID.says) for name in wrong))
    shown = [_balance(wallet, written(context.now)) for wallet in reversed(WALLET.all(context, **wanted))]
    return Response(status=200, json={"balances": shown})


def _balance(wallet: Body, now: str) -> Body:
    there, free = Decimal(wallet["solde"]), Decimal(wallet["authorizedBalance"])
    return {
        "walletId": wallet["walletId"],
        "currentBalance": there,
        "authorizations": there - free,
        "authorizedBalance": free,
        "currency": wallet["currency"],
        "calculationDate": now,
    }


ENDPOINTS = (
    create(WALLET, "/v1/wallets", STYLE, scopes=WRITE),
    listing(
        WALLET,
        "/v1/wallets",
        STYLE,
        asks(
            by("walletId"),
            by("walletStatus", STATUSES),
            by("userId"),
            by("walletTag", TAG),
            by("walletTypeId", whole(ELECTRONIC_MONEY, 15)),
            by("tariffId"),
        ),
        scopes=READ,
        first=one_of("walletId", "userId", "walletTypeId"),
    ),
    view(WALLET, "/v1/wallets/{walletId}", STYLE, scopes=READ),
    change(WALLET, "/v1/wallets/{walletId}", STYLE, partly=True, scopes=WRITE),
    action("DELETE", "/v1/wallets/{walletId}", cancel_wallet, STYLE, scopes=WRITE, body=False),
    look("/v1/balances", list_balances, STYLE, scopes=READ),
)
