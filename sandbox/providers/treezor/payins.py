"""Payins, and the simulated SEPA credit transfers that make them.

Source: Treezor's official description 25.04.03, "Payins", "Simulate SCTR" and "Simulate SCTR Inst".
"""

from dataclasses import replace

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, listing, view
from sandbox.providers.kit.fields import Field, Values, read, table
from sandbox.providers.kit.making import Making, counted, uuid_id
from sandbox.providers.kit.problems import Problem, refuse_rules
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.values import BIC, choice, iban, text
from sandbox.providers.treezor.style import (
    AMOUNT_GIVEN,
    INSTANT_STYLE,
    READ,
    SIMULATION,
    STYLE,
    TAG,
    WRITE,
    asks,
    by,
    given,
    one_of,
    stamp,
)
from sandbox.providers.treezor.wallets import STATUSES, WALLET, credit

SCTR, SCTR_INST = "20", "27"
"""Received SEPA credit transfers; which number the instant ones have is not published with certainty."""
METHODS = choice("20", "21", "23", "24", "25", "26", "27")
NUMBER = replace(counted(1, name="payinId"), number=False)
"""Here an id is a text of digits; "in the specific case of the SCTR Inst payin, this value is a uuid"."""
PAYIN = Resource(
    kind="payin",
    id=NUMBER,
    fields=(
        given("payinTag", TAG),
        Field(name="payinStatus", given=False, default="VALIDATED"),
        Field(name="codeStatus", given=False, default="140005"),  # which code means what is not published
        Field(name="informationStatus", given=False),
        Field(name="walletId", make=lambda making: str(making.notes["wallet"]["walletId"])),
        Field(name="userId", make=lambda making: str(making.notes["wallet"]["userId"])),
        Field(name="walletEventName", make=lambda making: making.notes["wallet"]["eventName"]),
        Field(name="userFirstname", make=lambda making: making.notes["wallet"]["userFirstname"]),
        Field(name="userLastname", make=lambda making: making.notes["wallet"]["userLastname"]),
        Field(name="messageToUser", given=False),
        Field(name="paymentMethodId", make=lambda making: making.notes["method"]),
        given("amount", AMOUNT_GIVEN),
        Field(name="currency", kind=choice("EUR"), given=False, default="EUR"),
        Field(name="createdDate", make=stamp),
        Field(name="ibanFullname", make=lambda making: making.given.get("name")),
        Field(name="ibanTxId", make=lambda making: making.notes["tx"]),
        Field(name="payinDate", make=lambda making: making.today),
        Field(name="totalRows"),
    ),
    index=("payinId", "payinTag", "payinStatus", "walletId", "userId", "paymentMethodId", "createdDate"),
)
INSTANT_PAYIN = replace(PAYIN, id=uuid_id(name="payinId"))
"""The same rows, with another kind of id."""
_SCT = table(given("iban", iban, needed=True), given("amount", AMOUNT_GIVEN, needed=True))
_INSTANT = table(
    given("name", text(longest=140, shortest=1), needed=True),
    given("bic", text(longest=11, pattern=BIC, says="a BIC such as TRZOFR21XXX")),
    given("iban", iban, needed=True),
    given("currency", choice("EUR"), needed=True),
    given("amount", AMOUNT_GIVEN, needed=True),
)


def simulate_sct(request: Request, context: Context) -> Response:
    """A SEPA credit transfer arrives on the wallet of an IBAN."""
    given, tx = read(request.payload, _SCT), context.ids.base36(16)
    payin = _arrived(context, given, method=SCTR, tx=tx)
    number = int(payin["payinId"])
    return Response(status=200, json={"id": number, "txId": tx, "payinId": number, "returnReasonCode": None})


def simulate_instant(request: Request, context: Context) -> Response:
    """The same at once, whose payin has a UUID."""
    given, tx = read(request.payload, _INSTANT), context.ids.uuid()
    payin = _arrived(context, given, method=SCTR_INST, tx=tx)
    return Response(status=201, json={"sctInstID": payin["payinId"], "paymentID": tx})


def _arrived(context: Context, given: Values, *, method: str, tx: str) -> Body:
    wallet = next(iter(WALLET.all(context, iban=given["iban"])), None)
    if wallet is None:
        seen = f"{given['iban']}, which is no wallet's"
        refuse_rules(Problem(code="NO_WALLET", field="iban", seen=seen, cause="provider.not_found"))
    wallet = credit(context, wallet, given["amount"])
    making = Making(given=given, now=context.now, context=context, notes={"wallet": wallet, "method": method, "tx": tx})
    resource = INSTANT_PAYIN if method == SCTR_INST else PAYIN
    return resource.add(context, making)


ENDPOINTS = (
    listing(
        PAYIN,
        "/v1/payins",
        STYLE,
        asks(
            by("payinId", text(longest=36)),
            by("payinTag", TAG),
            by("payinStatus", STATUSES),
            by("walletId"),
            by("userId"),
            by("paymentMethodId", METHODS),
        ),
        scopes=READ,
        first=one_of("payinId", "walletId", "userId", "payinTag"),
    ),
    view(PAYIN, "/v1/payins/{payinId}", STYLE, scopes=READ),
    action("POST", "/simulation/payin-sct", simulate_sct, SIMULATION, scopes=WRITE),
    action("POST", "/simulation/sct-inst/payin", simulate_instant, INSTANT_STYLE, scopes=WRITE),
)
