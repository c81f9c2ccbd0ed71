"""The chapters of Nuapay's page, put together: every call, how calls are signed, and the resources that they work on.

Calls are signed by a detached JWS over the bytes of the body, in the header ``JWS-Signature``; replies are not.
Sources: docs.nuapay.com, "JWS" (np_secjws, np_secjwsrest, np_secjwssample), and the official Java sample.

What is not imitated is listed from the official descriptions of core, credit transfers and organisations: whoever calls
it is told that it is missing here, not that it does not exist.
"""

from collections.abc import Sequence
from datetime import datetime

from sandbox.jose.jws import Verified, open_detached
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.scheme import Scheme
from sandbox.providers.context import Request
from sandbox.providers.kit.calls import calls_in, chapters
from sandbox.providers.kit.idempotency import REPLIES
from sandbox.providers.nuapay import (
    accounts,
    beneficiaries,
    certificates,
    credit_transfer,
    credit_transfers,
    direct_debits,
    identification,
    mandates,
    on_the_fly,
    payment_schedules,
    tokens,
    transactions,
    transfers,
    webhooks,
)
from sandbox.providers.sealing import Signing

_NOT_THERE = calls_in("""
POST /accounts/{accountId}/subaccounts/list
GET /accounts/{accountId}/settlements
GET /accounts/{accountId}/settlements/{settlementId}
POST /batches/{batchId}/recall
POST /files
GET /pendingapprovals/{approvalId}
POST /schemes/{schemeId}/mandates/{mandateId}/directdebits/{directDebitId}/represent
GET POST /schemes/{schemeId}/mandates/{mandateId}/document
POST /schemes/{schemeId}/mandates/{mandateId}/revokealldirectdebits
GET POST /credittransfers/collections
GET /credittransfers/collections/{collectionId}
GET /credittransfers/collections/{collectionId}/credittransfers
GET /cust/organisations
GET /cust/organisations/{organisationId}
""")


HEADER = "JWS-Signature"
SCHEME = Scheme(
    algorithms=("RS256",),
    url=False,
    unencoded=True,
    critical_exactly=frozenset({"b64", "iat", "iss"}),
    # kid is the certificate's serial number in decimal, iss its subject.
    required=("kid", "iat", "iss"),
    issuer=True,
    issued_at=True,
)


def open_call(request: Request, keys: Sequence[VerifyingKey], now: datetime) -> Verified | None:
    """What the body says, as the header vouches for it."""
    signature = request.headers.get(HEADER.lower())
    if signature is None:
        return None
    return open_detached(signature, payload=request.payload, scheme=SCHEME, keys=keys, now=now)


SIGNING = Signing(scheme=SCHEME, keys="certificates", where=f"a {HEADER} header", open=open_call, reply=None)

_IN_ORDER = (
    certificates,
    tokens,
    accounts,
    transactions,
    beneficiaries,
    credit_transfers,
    transfers,
    mandates,
    direct_debits,
    payment_schedules,
    on_the_fly,
    identification,
    webhooks,
)
CHAPTERS = chapters(
    endpoints=tuple(endpoint for chapter in _IN_ORDER for endpoint in chapter.ENDPOINTS),
    resources=(
        mandates.SCHEME,
        accounts.ACCOUNT,
        beneficiaries.BENEFICIARY,
        mandates.MANDATE,
        direct_debits.DIRECT_DEBIT,
        payment_schedules.SCHEDULE,
        credit_transfer.TRANSFER,
        transactions.TRANSACTION,
        transfers.TRANSFER,
        webhooks.WEBHOOK,
        certificates.CHOSEN,
        tokens.MERCHANTS,
        REPLIES,
    ),
    known=_NOT_THERE,
    signing=SIGNING,
)
