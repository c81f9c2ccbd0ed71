"""Transfers between wallets. Source: Treezor's official description 25.04.03, "Transfers"."""

from collections.abc import Callable, Iterable

from sandbox.providers.context import Context, Request, Response
from sandbox.providers.kit.calls import action, listing, making_of, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.making import Making, counted
from sandbox.providers.kit.problems import Problem
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import Rule, exists
from sandbox.providers.kit.values import choice, text, whole
from sandbox.providers.treezor.sca import per_session, proof_missing, session_of
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
    stamps,
    touch,
)
from sandbox.providers.treezor.wallets import STATUSES, WALLET, credit, debit, usable

TYPE = whole(1, 4, says="1, 3 or 4")


def _different(making: Making) -> Iterable[Problem]:
    if making.given.get("walletId") == making.given.get("beneficiaryWalletId"):
        yield Problem(code="SAME_WALLET", field="beneficiaryWalletId", seen="the same wallet twice")


def _to_others(making: Making) -> Iterable[Problem]:
    """ "Per-session or per-operation, on if the beneficiaryWalletId belongs to the current User or not"."""
    request, context = making.request, making.context
    session = session_of(request, context) if request and context else None
    if request and context and session:
        to = context.resources.get("wallet", str(making.given["beneficiaryWalletId"]))
        if to and to["userId"] != session["userId"] and (problem := proof_missing(request, context)):
            yield problem


def of_wallet(member: str, name: str = "walletId") -> Callable[[Making], object]:
    """A member of the wallet that the call names."""
    return lambda making: (making.rows.get("wallet", str(making.given[name])) or {}).get(member)


TRANSFER = Resource(
    kind="transfer",
    id=counted(1, name="transferId"),
    fields=(
        # At once, where nothing is published of when.
        Field(name="transferStatus", kind=STATUSES, given=False, default="VALIDATED"),
        given("transferTag", TAG),
        given("accessTag", TAG, shown=False),
        given("walletId", ID, needed=True),
        Field(name="walletTypeId", make=of_wallet("walletTypeId")),
        given("beneficiaryWalletId", ID, needed=True),
        Field(name="beneficiaryWalletTypeId", make=of_wallet("walletTypeId", "beneficiaryWalletId")),
        Field(name="walletEventName", make=of_wallet("eventName")),
        Field(name="beneficiaryWalletEventName", make=of_wallet("eventName", "beneficiaryWalletId")),
        given("amount", AMOUNT_GIVEN, needed=True),
        given("currency", choice("EUR"), needed=True),
        given("label", text(longest=140)),
        given("transferTypeId", TYPE, default=1),
        Field(name="codeStatus", given=False, default="150005"),  # which code means what is not published
        Field(name="informationStatus", given=False),
        *stamps(),
    ),
    rules=(
        exists("walletId", "wallet", "NO_WALLET"),
        exists("beneficiaryWalletId", "wallet", "NO_WALLET"),
        Rule(check=_different),
        per_session(),
        Rule(check=_to_others),
    ),
    index=(
        "transferId",
        "transferTag",
        "transferStatus",
        "walletId",
        "beneficiaryWalletId",
        "transferTypeId",
        "createdDate",
    ),
    touch=touch,
)


def create_transfer(request: Request, context: Context) -> Response:
    """``POST``: the money moves at once."""
    making = making_of(TRANSFER, request, context)
    TRANSFER.judge(making)
    from_, to = (
        usable(WALLET.existing(context, str(making.given[name]))) for name in ("walletId", "beneficiaryWalletId")
    )
    debit(context, from_, making.given["amount"])
    credit(context, to, making.given["amount"])
    return STYLE.shown(TRANSFER, TRANSFER.add(context, making))


ENDPOINTS = (
    action("POST", "/v1/transfers", create_transfer, STYLE, scopes=WRITE),
    listing(
        TRANSFER,
        "/v1/transfers",
        STYLE,
        asks(
            by("transferId"),
            by("transferTag", TAG),
            by("transferStatus", STATUSES),
            by("walletId"),
            by("beneficiaryWalletId"),
            by("transferTypeId", TYPE),
        ),
        scopes=READ,
        first=one_of("walletId", "beneficiaryWalletId", "transferId", "transferTag"),
    ),
    view(TRANSFER, "/v1/transfers/{transferId}", STYLE, scopes=READ),
)
