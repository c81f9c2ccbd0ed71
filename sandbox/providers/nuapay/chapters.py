"""The chapters of Nuapay's page, put together: every call, and the resources that they work on."""

from sandbox.providers.kit.calls import chapters
from sandbox.providers.kit.idempotency import REPLIES
from sandbox.providers.nuapay import (
    accounts,
    beneficiaries,
    certificates,
    credit_transfers,
    direct_debits,
    mandates,
    tokens,
    transactions,
    transfers,
    webhooks,
)

CHAPTERS = chapters(
    endpoints=(
        *certificates.ENDPOINTS,
        *tokens.ENDPOINTS,
        *accounts.ENDPOINTS,
        *transactions.ENDPOINTS,
        *beneficiaries.ENDPOINTS,
        *credit_transfers.ENDPOINTS,
        *transfers.ENDPOINTS,
        *mandates.ENDPOINTS,
        *direct_debits.ENDPOINTS,
        *webhooks.ENDPOINTS,
    ),
    resources=(
        mandates.SCHEME,
        accounts.ACCOUNT,
        beneficiaries.BENEFICIARY,
        mandates.MANDATE,
        direct_debits.DIRECT_DEBIT,
        credit_transfers.TRANSFER,
        transactions.TRANSACTION,
        transfers.TRANSFER,
        webhooks.WEBHOOK,
        certificates.CHOSEN,
        tokens.MERCHANTS,
        REPLIES,
    ),
)
