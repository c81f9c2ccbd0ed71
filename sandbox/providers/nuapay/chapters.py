"""The chapters of Nuapay's page, put together: every call, and the rows that they work on."""

from sandbox.providers.declare import Chapters
from sandbox.providers.nuapay import (
    accounts,
    beneficiaries,
    certificates,
    configuration,
    credit_transfers,
    direct_debits,
    event_types,
    mandate_lists,
    mandates,
    schemes,
    sent,
    tokens,
    transactions,
    transfers,
    webhooks,
)
from sandbox.providers.nuapay.rows import KINDS, starts_with

CHAPTERS = Chapters(
    endpoints=(
        *certificates.ENDPOINTS,
        *tokens.ENDPOINTS,
        *accounts.ENDPOINTS,
        *transactions.ENDPOINTS,
        *beneficiaries.ENDPOINTS,
        *credit_transfers.ENDPOINTS,
        *sent.ENDPOINTS,
        *transfers.ENDPOINTS,
        *schemes.ENDPOINTS,
        *mandates.ENDPOINTS,
        *mandate_lists.ENDPOINTS,
        *direct_debits.ENDPOINTS,
        *webhooks.ENDPOINTS,
        *event_types.ENDPOINTS,
    ),
    starts_with=starts_with,
    kinds={**KINDS, configuration.KIND: configuration.configuration, tokens.CHILD: tokens.merchant},
)
