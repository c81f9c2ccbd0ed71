"""Virtual cards and what is paid with them. Source: Treezor's official description 25.04.03, "Cards", "Card
transactions" and "Simulate card transactions".

Card data (number, CVV, PIN, images) are not there: on the PCI host they are encrypted for a key on the user's device,
by calls whose members are not published.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ca.clock import years_after
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, create, listing, view
from sandbox.providers.kit.fields import Field, Values, read, table
from sandbox.providers.kit.lists import Listing
from sandbox.providers.kit.making import Making, counted
from sandbox.providers.kit.problems import Problem, refuse_if, refuse_rules
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import Rule, exists
from sandbox.providers.kit.values import choice, text, whole
from sandbox.providers.treezor.sca import per_session, refuse_without_proof
from sandbox.providers.treezor.style import (
    AMOUNT_GIVEN,
    COUNT,
    ID,
    PAGES,
    READ,
    SIMULATION,
    STAMP,
    STYLE,
    TAG,
    WRITE,
    asks,
    by,
    given,
    one_of,
    stamp,
    stamps,
    touch,
)
from sandbox.providers.treezor.transfers import of_wallet
from sandbox.providers.treezor.wallets import WALLET, debit, reserve

YEARS = 5
"""From ``startDate`` to ``endDate`` in the example."""
PERMS = text(longest=10, pattern=r"TRZ-CU-0(?:0[1-9]|1[0-6])", says="TRZ-CU-001 to TRZ-CU-016")
STATUSES: Mapping[int, str] = {0: "UNLOCK", 1: "LOCK", 2: "LOST", 3: "STOLEN", 4: "DESTROYED"}
"""The words and the numbers are published, and not which is which: the sandbox's own choice."""
LOST = 2
CURRENCY = "978"


def _owner(name: str) -> Any:
    return lambda making: (making.rows.get("user", str(making.given["userId"])) or {}).get(name)


def _embossed(making: Making) -> str:
    return f"{_owner('firstname')(making) or ''} {_owner('lastname')(making) or ''}".strip()


def _token(making: Making) -> str:
    """Nine digits: the card's id behind a one."""
    return f"1{int(making.id):08d}"


def _end(making: Making) -> str:
    return f"{years_after(making.now, YEARS):%Y-%m-%d}"


def _owned(making: Making) -> Iterable[Problem]:
    """The wallet may be the cardholder's only: the sandbox's own choice."""
    wallet = making.rows.get("wallet", str(making.given["walletId"]))
    if wallet and wallet["userId"] != making.given["userId"]:
        yield Problem(code="NO_WALLET", field="walletId", seen="another user's wallet", cause="provider.not_yours")


CARD = Resource(
    kind="card",
    id=counted(1, name="cardId"),
    fields=(
        given("userId", ID, needed=True),
        given("accessTag", TAG, shown=False),
        given("walletId", ID, needed=True),
        given("permsGroup", PERMS, needed=True),
        given("cardPrint", text(longest=64, shortest=1), needed=True, shown=False),
        given("pin", text(longest=8), shown=False, secret=True),
        Field(name="cardDesign", make=lambda making: making.given["cardPrint"]),
        given("cardTag", TAG),
        Field(name="publicToken", make=_token),
        Field(name="statusCode", given=False, default="UNLOCK"),
        Field(name="lockStatus", given=False, default=0),
        Field(name="isLive", given=False, default=0),
        Field(name="maskedPan", make=lambda making: f"519872******{int(making.id) % 10_000:04d}"),
        Field(name="embossedName", make=_embossed),
        Field(name="expiryDate", make=_end),
        Field(name="CVV", given=False, default="000"),  # "may return a value of 000"
        Field(name="startDate", make=lambda making: making.today),
        Field(name="endDate", make=_end),
        Field(name="countryCode", make=_owner("country")),
        Field(name="currencyCode", given=False, default="EUR"),
        Field(name="virtualConverted", given=False, default=0),
        Field(name="physical", given=False, default=0),
        given("limitAtmWeek", COUNT, default=2000),
        given("limitAtmDay", COUNT, default=1000),
        given("limitPaymentWeek", COUNT, default=3000),
        given("limitPaymentDay", COUNT, default=2000),
        Field(name="eventName", make=of_wallet("eventName")),
        *stamps(),
    ),
    rules=(
        exists("userId", "user", "NO_USER"),
        exists("walletId", "wallet", "NO_WALLET"),
        Rule(check=_owned),
        per_session(),
    ),
    index=("cardId", "userId", "walletId", "publicToken", "permsGroup", "lockStatus", "createdDate"),
    touch=touch,
)
TRANSACTION = Resource(
    kind="cardtransaction",
    id=counted(1, name="cardtransactionId"),
    fields=(
        Field(name="cardId", make=lambda making: str(making.notes["card"]["cardId"])),
        Field(name="walletId", make=lambda making: str(making.notes["card"]["walletId"])),
        Field(name="walletCurrency", given=False, default=CURRENCY),
        given("merchantId", text(longest=15, shortest=1)),
        given("merchantName", text(longest=255, shortest=1)),
        Field(name="mccCode", make=lambda making: making.given.get("mcc")),
        Field(name="publicToken", make=lambda making: making.notes["card"]["publicToken"]),
        Field(name="paymentAmount", make=lambda making: str(making.given["amount"])),
        Field(name="paymentCurrency", given=False, default=CURRENCY),
        Field(name="fees", given=False, default="0"),
        Field(name="paymentId", make=lambda making: making.given["transLink"]),
        Field(name="paymentStatus", make=lambda making: making.notes["status"]),
        Field(name="paymentLocalAmount", make=lambda making: str(making.given["amount"])),
        Field(name="authorizationNote", make=lambda making: making.notes["note"]),
        Field(name="authorizationIssuerTime", make=lambda making: making.given.get("date") or stamp(making)),
        Field(name="authorizedBalance", make=lambda making: making.notes["balance"]),
        Field(name="totalRows"),
    ),
    index=("cardId", "walletId", "publicToken", "paymentId", "paymentStatus"),
)
_PAID = table(
    given("publicToken", text(longest=9), needed=True),
    given("date", STAMP),
    given("amount", AMOUNT_GIVEN, needed=True),
    given("mcc", text(longest=4, pattern="[0-9]{4}", says="four digits")),
    given("merchantId", text(longest=15, shortest=1), needed=True),
    given("merchantName", text(longest=255, shortest=1), needed=True),
    given("paymentStatus", choice("A", "S"), default="A"),
    given("transLink", text(longest=20, pattern="[1-9][0-9]{14,}", says="a number from 100000000000000"), needed=True),
)
_LOCKED = table(given("lockStatus", whole(0, max(STATUSES)), needed=True), given("accessTag", TAG))


def activate_card(request: Request, context: Context) -> Response:
    """``PUT``: a card must be activated to be used."""
    card = CARD.existing(context, request.params["cardId"])
    refuse_without_proof(request, context)
    return STYLE.shown(CARD, CARD.change(context, card, isLive=1))


def lock_card(request: Request, context: Context) -> Response:
    """``PUT``: a card that was reported lost or destroyed cannot be unlocked again."""
    card = CARD.existing(context, request.params["cardId"])
    wanted = read(request.payload, _LOCKED)["lockStatus"]
    refuse_without_proof(request, context)
    seen = f"card {card['cardId']}, which is {card['statusCode']}"
    problem = Problem(code="NOT_VALIDATED", field="lockStatus", seen=seen, cause="provider.invalid_state")
    refuse_if(card["lockStatus"] >= LOST and wanted != card["lockStatus"], problem)
    return STYLE.shown(CARD, CARD.change(context, card, lockStatus=wanted, statusCode=STATUSES[wanted]))


def simulate_payment(request: Request, context: Context) -> Response:
    """An authorization binds money (A), its settlement takes it (S). What cannot be is kept as refused (R)."""
    paid = read(request.payload, _PAID)
    card = next(iter(CARD.all(context, publicToken=paid["publicToken"])), None)
    if card is None:
        seen = f"{paid['publicToken']!a}, which is no card's"
        refuse_rules(Problem(code="NO_CARD", field="publicToken", seen=seen, cause="provider.not_found"))
    wallet = WALLET.existing(context, str(card["walletId"]))
    authorized = _authorized(context, paid)
    note = _unpayable(card, wallet, paid, authorized)
    if not note:
        if authorized:
            wallet = reserve(context, wallet, -Decimal(authorized["paymentAmount"]))
        move = debit if paid.get("paymentStatus") == "S" else reserve
        wallet = move(context, wallet, paid["amount"])
    status = "R" if note else paid.get("paymentStatus", "A")
    notes = {"card": card, "status": status, "note": note, "balance": wallet["authorizedBalance"]}
    TRANSACTION.add(context, Making(given=paid, now=context.now, context=context, notes=notes))
    return Response(status=201)


def _authorized(context: Context, paid: Values) -> Body | None:
    """The authorization that a settlement is of, and that no other settled before."""
    if paid.get("paymentStatus") != "S":
        return None
    earlier = TRANSACTION.all(context, paymentId=paid["transLink"], publicToken=paid["publicToken"])
    kept = [one for one in earlier if one["paymentStatus"] in ("A", "S")]
    return kept[0] if kept and kept[0]["paymentStatus"] == "A" else None


def _unpayable(card: Body, wallet: Body, paid: Values, authorized: Body | None) -> str | None:
    """Why a payment is refused; None: it is not."""
    free = Decimal(wallet["authorizedBalance"]) + (Decimal(authorized["paymentAmount"]) if authorized else 0)
    if not card["isLive"]:
        return "The card is not activated"
    if card["lockStatus"] and not authorized:
        return f"The card is {card['statusCode']}"
    if wallet["walletStatus"] != "VALIDATED":
        return "The wallet is not validated"
    return "Not enough money" if paid["amount"] > free else None


ENDPOINTS = (
    create(CARD, "/v1/cards/CreateVirtual", STYLE, scopes=WRITE),
    listing(
        CARD,
        "/v1/cards",
        STYLE,
        asks(by("cardId"), by("userId"), by("publicToken", text(longest=9)), by("lockStatus", whole(0, 6))),
        scopes=READ,
    ),
    view(CARD, "/v1/cards/{cardId}", STYLE, scopes=READ),
    action("PUT", "/v1/cards/{cardId}/Activate", activate_card, STYLE, scopes=WRITE, body=False),
    action("PUT", "/v1/cards/{cardId}/LockUnlock", lock_card, STYLE, scopes=WRITE),
    listing(
        TRANSACTION,
        "/v1/cardtransactions",
        STYLE,
        Listing(filters=(by("cardId"), by("walletId"), by("paymentId", text(longest=20))), paging=PAGES),
        scopes=READ,
        first=one_of("cardId", "walletId", "paymentId"),
    ),
    view(TRANSACTION, "/v1/cardtransactions/{cardtransactionId}", STYLE, scopes=READ),
    action("POST", "/simulation/cardtransactions", simulate_payment, SIMULATION, scopes=WRITE),
)
