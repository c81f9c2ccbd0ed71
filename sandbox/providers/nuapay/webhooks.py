"""Where events are to be told: ``/webhooks`` and ``/eventTypes``. What is sent to them is in `notifications`.

Source: Nuapay's description of its webhooks service, and its developer pages on webhooks. One pair of an event with a
resource type is published, that of payments: the other resource types are our own reading of the names.
"""

from collections.abc import Iterable, Mapping

from sandbox.providers.context import Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, change, create, listing, look, remove, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Filter, Listing, Span
from sandbox.providers.kit.making import Making, stays
from sandbox.providers.kit.problems import Problem
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import Index, Rule, folded
from sandbox.providers.kit.values import choice, flag, several, text, url, whole
from sandbox.providers.nuapay.style import ID, SERVICE, SERVICE_PAGES, collection, single

_BY_RESOURCE: Mapping[str, str] = {
    "OpenBankingPayment": (
        "OpenBankingPayment PaymentReceived PaymentCompleted PaymentAuthorised PaymentInProgress "
        "PaymentDeclined PaymentRejected PaymentTimeout PaymentRefundComplete PaymentRefundRejected"
    ),
    "AccountConsent": "AccountConsentActive AccountConsentDeclined",
    "DirectDebit": "DirectDebitAccept DirectDebitReject IndemnityClaimReceived",
    "Mandate": "MandateElectronicSign MandateElectronicCapture MandateAmendment MandateCancel MandateReject",
    "CreditTransfer": (
        "IncomingCreditTransfer CreditTransferAccept CreditTransferCancel CreditTransferFailed "
        "OutgoingExpressCreditTransferAccepted InstantCreditTransferBBReject"
    ),
    "CreditTransferBatch": (
        "CreditTransferBatchInitiated CreditTransferBatchComplete CreditTransferBatchCompleteWithErrors "
        "CreditTransferBatchFailed CreditTransferBatchRejected"
    ),
    "Account": "AccountCreation",
    "AccountTransaction": "AccountEntry",
    "Beneficiary": "BeneficiaryAccountUpdate",
    "File": "FileStatusUpdated",
    "Batch": "BatchStatusUpdated",
    "Verification": "VerificationCompleted VerificationFailed",
}
"""Event types by what they are about."""
RESOURCE_TYPES: Mapping[str, str] = {one: about for about, events in _BY_RESOURCE.items() for one in events.split()}
"""Every event type, with what it is about."""
_MOST_TYPES = 200
"""Far more than there are; a list of a million would only be slow."""
_OTHER = "40000"
"""The family's own code, where no narrower one is published: name, sign key, page number and page size."""


def _known_events(making: Making) -> Iterable[Problem]:
    if unknown := [name for name in making.given["eventTypes"] if name not in RESOURCE_TYPES]:
        expected = "one that GET /eventTypes lists"
        yield Problem(code="40006", field="eventTypes", seen=ascii(unknown[0][:40]), expected=expected)


WEBHOOK = Resource(
    kind="webhook",
    id=ID,
    fields=(
        Field(name="uri", make=lambda making: f"/webhooks/{making.id}"),
        Field(name="name", wrong=_OTHER, kind=text(longest=70)),
        Field(name="active", wrong="40003", kind=flag, default=True),
        Field(name="retryNumberOfDays", wrong="40017", kind=whole(1, 3), default=1),
        # Shown in clear. A PUT without one leaves it as it is; all else is then as in a new webhook.
        Field(
            name="signKey",
            wrong=_OTHER,
            kind=text(longest=255, shortest=1),
            secret=True,
            default=stays("signKey", lambda making: making.random(10)),
        ),
        Field(name="targetUrl", wrong="40007", missing="40001", kind=url),
        Field(
            name="eventTypes",
            wrong="40001",
            missing="40001",
            kind=several(text(longest=255, shortest=1), most=_MOST_TYPES),
        ),
        Field(name="creationDate", make=stays("creationDate", lambda making: making.today)),
    ),
    rules=(Rule(check=_known_events),),
    index=("active", "creationDate", Index(name="name", write=folded)),
    seeds=(
        Seed(name="name", kind=text(longest=70, shortest=1), default="Open Banking Payment"),
        Seed(name="active", default=True),
        Seed(name="retryNumberOfDays", default=1),
        Seed(name="signKey", default=lambda own, _: own[:10]),
        Seed(name="targetUrl", default="http://example.com/webhooks/listen"),
        Seed(name="eventTypes", kind=several(choice(*RESOURCE_TYPES), most=_MOST_TYPES), default="PaymentReceived"),
    ),
)


def enable_webhook(request: Request, context: Context) -> Response:
    return _switch(request, context, active=True)


def disable_webhook(request: Request, context: Context) -> Response:
    return _switch(request, context, active=False)


def enable_all_webhooks(request: Request, context: Context) -> Response:
    return _switch_all(context, "/webhooks/enableAll", active=True)


def disable_all_webhooks(request: Request, context: Context) -> Response:
    return _switch_all(context, "/webhooks/disableAll", active=False)


def list_event_types(request: Request, context: ReadContext) -> Response:
    data = [{"eventType": event, "resourceType": resource} for event, resource in RESOURCE_TYPES.items()]
    return Response(status=200, json=collection("/eventTypes", data))


def _switch(request: Request, context: Context, *, active: bool) -> Response:
    """One that is so already stays so, and it is a 200: no state of its own is published as an error."""
    webhook = WEBHOOK.existing(context, request.params["webhookId"])
    return SERVICE.shown(WEBHOOK, WEBHOOK.change(context, webhook, active=active))


def _switch_all(context: Context, uri: str, *, active: bool) -> Response:
    """Those that were not so already are the ones that are counted."""
    others = WEBHOOK.all(context, active=not active)
    for webhook in others:
        WEBHOOK.change(context, webhook, active=active)
    ids = ",".join(webhook["id"] for webhook in others)
    return single(uri, {"uri": uri, "resourcesUpdated": len(others), "resourcesIds": ids})


_ASKS = Listing(
    filters=(
        Filter(name="active", wrong="40003", kind=choice("true", "false")),
        Filter(name="name", wrong=_OTHER, kind=text(longest=70), how="has"),
        Span(first="createdatefrom", last="createdateto", key="creationDate", wrong="40011", reversed="40011"),
    ),
    paging=SERVICE_PAGES,
)
_ALL, _ONE, _SCOPES = "/webhooks", "/webhooks/{webhookId}", ("webhooks",)

ENDPOINTS = (
    listing(WEBHOOK, _ALL, SERVICE, _ASKS, scopes=_SCOPES),
    create(WEBHOOK, _ALL, SERVICE, scopes=_SCOPES),
    action("POST", f"{_ALL}/enableAll", enable_all_webhooks, SERVICE, scopes=_SCOPES, body=False),
    action("POST", f"{_ALL}/disableAll", disable_all_webhooks, SERVICE, scopes=_SCOPES, body=False),
    view(WEBHOOK, _ONE, SERVICE, scopes=_SCOPES),
    change(WEBHOOK, _ONE, SERVICE, scopes=_SCOPES),
    remove(WEBHOOK, _ONE, SERVICE, scopes=_SCOPES),
    action("POST", f"{_ONE}/enable", enable_webhook, SERVICE, scopes=_SCOPES, body=False),
    action("POST", f"{_ONE}/disable", disable_webhook, SERVICE, scopes=_SCOPES, body=False),
    look("/eventTypes", list_event_types, SERVICE, scopes=_SCOPES),
)
