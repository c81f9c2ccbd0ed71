"""Payouts and their beneficiaries. Source: Treezor's official description 25.04.03, "Payouts" and "Beneficiaries".

A SEPA credit transfer is PENDING, and its money is bound; an instant one is VALIDATED, and its money gone. When a
pending one is executed is not published: here it stays pending until it is canceled.
"""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.providers.context import Context, Request, Response
from sandbox.providers.kit.calls import action, change, create, listing, making_of, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.making import Making, counted
from sandbox.providers.kit.problems import Problem, refuse_if
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import Rule, exists
from sandbox.providers.kit.values import BIC, choice, flag, iban, text, whole
from sandbox.providers.treezor.errors import MISSING
from sandbox.providers.treezor.sca import per_operation
from sandbox.providers.treezor.style import (
    AMOUNT_GIVEN,
    ID,
    READ,
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
from sandbox.providers.treezor.wallets import STATUSES, WALLET, debit, reserve

CREDIT_TRANSFER, INSTANT = 1, 3
# Direct debits (2) are collected by others: no call makes one.
TYPES = {CREDIT_TRANSFER: "Credit Transfer", INSTANT: "Instant Sepa Credit Transfer"}
TYPE = whole(CREDIT_TRANSFER, INSTANT, says="1 or 3")


def _payable(making: Making) -> Iterable[Problem]:
    """Whose account is known, and who is active."""
    named = str(making.given["beneficiaryId"])
    beneficiary = making.rows.get("beneficiary", named)
    if beneficiary and not (beneficiary["iban"] and beneficiary["bic"]):
        yield Problem(code="NOT_FOR_SCT", field="beneficiaryId", seen=f"beneficiary {named} without iban or bic")
    if beneficiary and not beneficiary["isActive"]:
        seen = f"beneficiary {named}, which is not active"
        yield Problem(code="NOT_VALIDATED", field="beneficiaryId", seen=seen, cause="provider.invalid_state")
    if _type(making) not in TYPES:
        yield Problem(code="NOT_VALIDATED", field="payoutTypeId", seen="2, a direct debit", expected="1 or 3")


def _type(making: Making) -> int:
    return int(making.given.get("payoutTypeId", CREDIT_TRANSFER))


PAYOUT = Resource(
    kind="payout",
    id=counted(1, name="payoutId"),
    fields=(
        given("payoutTag", TAG),
        given("accessTag", TAG, shown=False),
        Field(name="payoutStatus", make=lambda making: "VALIDATED" if _type(making) == INSTANT else "PENDING"),
        given("payoutTypeId", TYPE, default=CREDIT_TRANSFER),
        Field(name="payoutType", make=lambda making: TYPES[_type(making)]),
        given("walletId", ID, needed=True),
        Field(name="payoutDate", make=lambda making: making.today),
        Field(name="walletEventName", make=of_wallet("eventName")),
        Field(name="userFirstname", make=of_wallet("userFirstname")),
        Field(name="userLastname", make=of_wallet("userLastname")),
        Field(name="userId", make=of_wallet("userId")),
        given("beneficiaryId", ID, needed=True),
        Field(
            name="bankaccountIBAN",
            make=lambda making: (making.rows.get("beneficiary", str(making.given["beneficiaryId"])) or {}).get("iban"),
        ),
        given("label", text(longest=140)),
        given("endToEndId", text(longest=35)),
        Field(name="codeStatus", given=False, default="160001"),  # not published
        Field(name="informationStatus", given=False),
        given("amount", AMOUNT_GIVEN, needed=True),
        given("currency", choice("EUR"), needed=True),
        *stamps(),
    ),
    rules=(
        exists("walletId", "wallet", "NO_WALLET"),
        exists("beneficiaryId", "beneficiary", "NO_BENEFICIARY"),
        Rule(check=_payable),
        per_operation("POST"),
    ),
    index=("payoutId", "payoutTag", "payoutStatus", "walletId", "userId", "beneficiaryId", "createdDate"),
    touch=touch,
)


def create_payout(request: Request, context: Context) -> Response:
    """``POST``: the money is bound, or gone at once where the payout is instant."""
    making = making_of(PAYOUT, request, context)
    PAYOUT.judge(making)
    move = debit if _type(making) == INSTANT else reserve
    move(context, WALLET.existing(context, str(making.given["walletId"])), making.given["amount"])
    return STYLE.shown(PAYOUT, PAYOUT.add(context, making))


def cancel_payout(request: Request, context: Context) -> Response:
    """``DELETE``: "a VALIDATED payout can't be canceled"; the money of a pending one is free again."""
    payout = PAYOUT.existing(context, request.params["payoutId"])
    seen = f"payout {payout['payoutId']}, which is {payout['payoutStatus']}"
    problem = Problem(code="NOT_VALIDATED", field="payoutId", seen=seen, cause="provider.invalid_state")
    refuse_if(payout["payoutStatus"] != "PENDING", problem)
    reserve(context, WALLET.existing(context, str(payout["walletId"])), -Decimal(payout["amount"]))
    return STYLE.shown(PAYOUT, PAYOUT.change(context, payout, payoutStatus="CANCELED"))


ENDPOINTS = (
    action("POST", "/v1/payouts", create_payout, STYLE, scopes=WRITE),
    listing(
        PAYOUT,
        "/v1/payouts",
        STYLE,
        asks(by("payoutId"), by("payoutTag", TAG), by("payoutStatus", STATUSES), by("walletId"), by("userId")),
        scopes=READ,
        first=one_of("userId", "walletId"),
    ),
    view(PAYOUT, "/v1/payouts/{payoutId}", STYLE, scopes=READ),
    action("DELETE", "/v1/payouts/{payoutId}", cancel_payout, STYLE, scopes=WRITE, body=False),
)


# "a to z, A to Z, 0 to 9" and some signs, of which the description lists those of SEPA.
NAME = text(
    longest=70, shortest=1, pattern=r"[A-Za-z0-9 /?:().,'+-]*", says="at most 70 letters, digits, blanks and /-?:().,'+"
)


def _complete(making: Making) -> Iterable[Problem]:
    """ "Mandatory if usableForSct is true"."""
    if making.value("usableForSct"):
        for name in ("iban", "bic"):
            if not making.value(name):
                yield Problem(code=MISSING, field=name, seen="nothing, and usableForSct is true")


BENEFICIARY = Resource(
    kind="beneficiary",
    plural="beneficiaries",
    id=counted(502),
    fields=(
        given("tag", TAG),
        given("accessTag", TAG, shown=False),
        given("userId", ID, needed=True, fixed=True),
        given("nickName", text(longest=255)),
        given("name", NAME, needed=True),
        given("address", text(longest=255)),
        # The description calls it encrypted in replies, and does not say how: as it was given.
        given("iban", iban),
        given("bic", text(longest=11, pattern=BIC, says="a BIC such as TRZOFR21XXX")),
        given("usableForSct", flag, default=False),
        given("isActive", flag, default=True),
        Field(name="createdDate", make=stamp),
        Field(name="modifiedDate", make=stamp),
    ),
    rules=(Rule(check=_complete, stage="fields"), exists("userId", "user", "NO_USER"), per_operation("POST", "PUT")),
    index=("id", "tag", "userId", "isActive", "createdDate"),
    touch=touch,
    seeds=(
        Seed(name="userId", default=101),
        Seed(name="name", default="Alex Oak"),
        Seed(name="iban", default="FR7630006000011234567890189"),
        Seed(name="bic", default="AGRIFRPPXXX"),
        Seed(name="usableForSct", default=True),
        Seed(name="isActive", default=True),
    ),
    rows={"501": {}},
)

BENEFICIARY_ENDPOINTS = (
    create(BENEFICIARY, "/v1/beneficiaries", STYLE, scopes=WRITE),
    listing(BENEFICIARY, "/v1/beneficiaries", STYLE, asks(by("id"), by("userId"), by("isActive", flag)), scopes=READ),
    view(BENEFICIARY, "/v1/beneficiaries/{beneficiaryId}", STYLE, scopes=READ),
    change(BENEFICIARY, "/v1/beneficiaries/{beneficiaryId}", STYLE, partly=True, scopes=WRITE),
)
