"""``GET /eventTypes``: of what a webhook can tell.

Source: the names are those of Nuapay's developer pages on webhooks. One pair with a resource type is published, that of
payments: the other resource types are our own reading of the names.
"""

from collections.abc import Mapping

from sandbox.providers.context import Context, Request, Response
from sandbox.providers.nuapay.calls import WEBHOOKS, look
from sandbox.providers.nuapay.envelope import collection

_BY_RESOURCE: Mapping[str, tuple[str, ...]] = {
    "OpenBankingPayment": (
        "OpenBankingPayment",
        "PaymentReceived",
        "PaymentCompleted",
        "PaymentAuthorised",
        "PaymentInProgress",
        "PaymentDeclined",
        "PaymentRejected",
        "PaymentTimeout",
        "PaymentRefundComplete",
        "PaymentRefundRejected",
    ),
    "AccountConsent": ("AccountConsentActive", "AccountConsentDeclined"),
    "DirectDebit": ("DirectDebitAccept", "DirectDebitReject", "IndemnityClaimReceived"),
    "Mandate": (
        "MandateElectronicSign",
        "MandateElectronicCapture",
        "MandateAmendment",
        "MandateCancel",
        "MandateReject",
    ),
    "CreditTransfer": (
        "IncomingCreditTransfer",
        "CreditTransferAccept",
        "CreditTransferCancel",
        "CreditTransferFailed",
        "OutgoingExpressCreditTransferAccepted",
        "InstantCreditTransferBBReject",
    ),
    "CreditTransferBatch": (
        "CreditTransferBatchInitiated",
        "CreditTransferBatchComplete",
        "CreditTransferBatchCompleteWithErrors",
        "CreditTransferBatchFailed",
        "CreditTransferBatchRejected",
    ),
    "Account": ("AccountCreation",),
    "AccountTransaction": ("AccountEntry",),
    "Beneficiary": ("BeneficiaryAccountUpdate",),
    "File": ("FileStatusUpdated",),
    "Batch": ("BatchStatusUpdated",),
    "Verification": ("VerificationCompleted", "VerificationFailed"),
}
RESOURCE_TYPES: Mapping[str, str] = {event: resource for resource, events in _BY_RESOURCE.items() for event in events}
"""Every event type, with what it is about."""


def list_event_types(request: Request, context: Context) -> Response:
    data = [{"eventType": event, "resourceType": resource} for event, resource in RESOURCE_TYPES.items()]
    return collection("/eventTypes", data)


ENDPOINTS = (look("/eventTypes", list_event_types, "webhooks", errors=WEBHOOKS),)
