"""The chapters of Nuapay's page, put together: every call, and the resources that they work on."""

from sandbox.providers.kit.calls import chapters
from sandbox.providers.kit.idempotency import REPLIES
from sandbox.providers.nuapay import (
    accounts,
    beneficiaries,
    certificates,
    credit_transfer,
    credit_transfers,
    direct_debits,
    failed_direct_debits,
    mandates,
    on_the_fly,
    payment_schedules,
    tokens,
    transactions,
    transfers,
    validation,
    webhooks,
)
from sandbox.providers.nuapay.not_there import NOT_THERE
from sandbox.providers.nuapay.signing import SIGNING

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
    failed_direct_debits,
    payment_schedules,
    on_the_fly,
    validation,
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
    known=NOT_THERE,
    signing=SIGNING,
)
