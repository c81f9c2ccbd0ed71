"""The chapters of Treezor's page, put together: every call, and every kind of row."""

from sandbox.providers.kit.calls import chapters
from sandbox.providers.kit.idempotency import REPLIES
from sandbox.providers.treezor import (
    cards,
    payins,
    payouts,
    sca,
    tokens,
    transfers,
    users,
    wallets,
    webhooks,
)
from sandbox.providers.treezor.not_there import NOT_THERE

CHAPTERS = chapters(
    endpoints=(
        *tokens.ENDPOINTS,
        *users.ENDPOINTS,
        *wallets.ENDPOINTS,
        *payouts.BENEFICIARY_ENDPOINTS,
        *transfers.ENDPOINTS,
        *payouts.ENDPOINTS,
        *payins.ENDPOINTS,
        *cards.ENDPOINTS,
        *webhooks.ENDPOINTS,
        *sca.ENDPOINTS,
    ),
    resources=(
        users.USER,
        wallets.WALLET,
        payouts.BENEFICIARY,
        transfers.TRANSFER,
        payouts.PAYOUT,
        payins.PAYIN,
        cards.CARD,
        cards.TRANSACTION,
        webhooks.HOOK,
        webhooks.SECRET,
        sca.PROOF,
        sca.SESSION,
        tokens.REFRESH,
        REPLIES,
    ),
    known=NOT_THERE,
)
