"""Whether a recipient's bank knows the account under that name, and whether it fits a quote.

Sources: Wise's description 2026Q3, "Recipients"; its older description for the first version of the check.
"""

from sandbox.providers.context import Context, Request, Response
from sandbox.providers.kit.calls import action, told
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.problems import refuse_rules
from sandbox.providers.kit.values import flag
from sandbox.providers.wise.quotes import own_quote
from sandbox.providers.wise.recipient_shapes import confirmations, newer
from sandbox.providers.wise.recipients import RECIPIENT, own_recipient
from sandbox.providers.wise.style import STYLE, invalid, microseconds
from sandbox.providers.wise.users import ANY_USER

_ACCEPTED = table(Field(name="acceptedOutcomes", kind=flag, wrong="NOT_VALID", missing="NotNull"))


def accept(request: Request, context: Context) -> Response:
    """The customer says that the recipient is right whatever the bank said; or takes it back."""
    found = own_recipient(request, context, request.params["accountId"])
    given = read(request.payload, _ACCEPTED)
    at = microseconds(context.now) if given["acceptedOutcomes"] else None
    return Response(status=200, json=newer(RECIPIENT.change(context, found, acceptedAt=at)))


def _compatible(request: Request, context: Context, name_path: str) -> Response:
    found = own_recipient(request, context, request.params["accountId"])
    quote = own_quote(request, context, request.params)
    if found["currency"] != quote["targetCurrency"] or not found["active"]:
        seen = f"one in {found['currency']}" if found["active"] else "one that was removed"
        message = f"Recipient must be in {quote['targetCurrency']}"
        refuse_rules(invalid("accountId", message, code="INVALID_RECIPIENT", seen=seen, cause="provider.invalid_state"))
    said = confirmations(found, name_path, quote["id"])
    body = {"accountId": found["id"], "quoteId": quote["id"], **({"confirmations": said} if said else {})}
    return Response(status=200, json=body)


def check_newer(request: Request, context: Context) -> Response:
    return _compatible(request, context, "name/fullName")


def check_older(request: Request, context: Context) -> Response:
    return _compatible(request, context, "accountHolderName")


_CHECK = "accounts/{accountId}/quotes/{quoteId}/compatibility"
_LESS = "no bank is asked: who is called Mismatch has an account in another name; a transfer needs no acceptance"
ENDPOINTS = told(
    action("PATCH", "/v2/accounts/{accountId}/confirmations", accept, STYLE),
    action("POST", f"/v2/{_CHECK}", check_newer, STYLE, body=False),
    source="description 2026Q3",
    simplified=_LESS,
    tokens=ANY_USER,
)
LEGACY = told(
    action("POST", f"/v1/{_CHECK}", check_older, STYLE, body=False),
    source="older description",
    simplified=_LESS,
    tokens=ANY_USER,
)
