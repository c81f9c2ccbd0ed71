"""What a transfer still needs, and when it will arrive.

Source: Wise's description 2026Q3, "Transfers" and "Delivery estimates".
"""

from sandbox.providers.context import Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.resource import Resource
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.quotes import ARRIVES, QUOTE
from sandbox.providers.wise.style import STYLE, read_time
from sandbox.providers.wise.transfers import TRANSFER, asked, own_transfer
from sandbox.providers.wise.users import ANY_USER

_REFERENCE_LENGTHS = {"USD": 10, "GBP": 18, "EUR": 140}
"""What the payment systems of these currencies carry: ACH 10, Faster Payments 18, SEPA 140."""
OTHER_REFERENCE = 35


def requirements(request: Request, context: Context) -> Response:
    """Only a reference is asked for."""
    optional = ("customerTransactionId", "targetAccount")
    fields = tuple(one if one.name not in optional else _optional(one) for one in TRANSFER.fields)
    making = asked(request, context, Resource(kind="transfer", id=TRANSFER.id, fields=fields))
    quote = QUOTE.existing(context, making.given["quoteUuid"].lower())
    own_profile(request, context, str(quote["profile"]))
    group = {
        "key": "reference",
        "name": "Transfer reference",
        "type": "text",
        "refreshRequirementsOnChange": False,
        "required": False,
        "displayFormat": None,
        "example": None,
        "minLength": None,
        "maxLength": _REFERENCE_LENGTHS.get(quote["targetCurrency"], OTHER_REFERENCE),
        "validationRegexp": "[a-zA-Z0-9- ]*",
        "validationAsync": None,
        "valuesAllowed": None,
    }
    fields_shown = [{"name": "Transfer reference", "group": [group]}]
    return Response(status=200, json=[{"type": "transfer", "fields": fields_shown}])


def _optional(field: Field) -> Field:
    return Field(name=field.name, kind=field.kind, wrong=field.wrong)


def estimate(request: Request, context: ReadContext) -> Response:
    """As the quote had it: 26 hours after it was made."""
    transfer = own_transfer(request, context, request.params["transferId"])
    arrives = read_time(transfer["created"]) + ARRIVES
    at = f"{arrives:%Y-%m-%dT%H:%M:%S}.000+0000"
    said = f"by {arrives:%A, %B} {arrives.day}"
    return Response(status=200, json={"estimatedDeliveryDate": at, "formattedEstimatedDeliveryDate": said})


ENDPOINTS = told(
    action("POST", "/v1/transfer-requirements", requirements, STYLE),
    look("/v1/delivery-estimates/{transferId}", estimate, STYLE),
    source="description 2026Q3",
    simplified="only a reference is asked for, neither the purpose of a transfer nor the source of its money",
    tokens=ANY_USER,
)
