"""What Wise has and the sandbox does not imitate: methods and paths, without a version.

Sources: Wise's description 2026Q3; at the end what only that of the older paths has, and two calls of the older API
documentation.

Whoever calls one is told that it is missing here, not that it does not exist.
"""

_CALLS = """
POST /spend/profiles/{p}/3dsecure/challenge-result
POST /profiles/{p}/additional-verification/upload-evidences
POST /profiles/{p}/verification-status/upload-document
GET /profiles/{p}/verification-status/required-evidences
POST /profiles/{p}/excess-money-account
GET /profiles/{p}/balances/hold-limit-breach
POST /profiles/{p}/balances/hold-limit-breach/{holdLimitBreachId}
GET /profiles/{p}/balance-statements/{balanceId}/statement.xlsx
GET /profiles/{p}/balance-statements/{balanceId}/statement.xml
GET /profiles/{p}/balance-statements/{balanceId}/statement.mt940
GET /profiles/{p}/balance-statements/{balanceId}/statement.qif
POST /profiles/{p}/bank-details
POST /profiles/{p}/account-details/payments/{paymentId}/returns
POST /profiles/{p}/batch-groups/{batchGroupId}/payment-initiations
GET /profiles/{p}/batch-groups/{batchGroupId}/payment-initiations/{paymentInitiationId}
POST /settlements
GET /spend/profiles/{p}/cards
GET /spend/profiles/{p}/cards/{cardToken}
PUT /spend/profiles/{p}/cards/{cardToken}/status
POST /spend/profiles/{p}/cards/{cardToken}/reset-pin-count
PATCH /spend/profiles/{p}/cards/{cardToken}/spending-permissions
GET /twcard-data/v1/clientSideEncryption/fetchEncryptingKey
POST /twcard-data/v1/sensitive-card-data/details
POST /twcard-data/v1/sensitive-card-data/pin
PUT GET /spend/profiles/{p}/cards/{cardToken}/production
POST GET /spend/profiles/{p}/card-orders
GET /spend/profiles/{p}/card-orders/{cardOrderId}
GET /spend/profiles/{p}/card-orders/availability
GET /spend/profiles/{p}/card-orders/{cardOrderId}/requirements
PUT /spend/profiles/{p}/card-orders/{cardOrderId}/status
POST /spend/address/validate
POST /twcard-data/v1/sensitive-card-data/preset-pin
GET /spend/profiles/{p}/cards/transactions/{transactionId}
GET /spend/profiles/{p}/cards/{cardToken}/transactions
POST /user/claim-account
GET /comparisons
POST /profiles/{p}/contacts
POST GET /profiles/{p}/direct-debit-accounts
POST /spend/profiles/{p}/dispute-form/flows/step/{scheme}/{reason}
GET /spend/profiles/{p}/dispute-form/reasons
POST /spend/profiles/{p}/dispute-form/flows/{scheme}/{reason}
POST /spend/profiles/{p}/dispute-form/file
GET /spend/profiles/{p}/disputes
GET /spend/profiles/{p}/disputes/{disputeId}
PUT /spend/profiles/{p}/disputes/{disputeId}/status
GET /facetec/public-key
POST GET /profiles/{p}/kyc-reviews
GET PATCH /profiles/{p}/kyc-reviews/{kycReviewId}
POST /profiles/{p}/kyc-requirements/{requirementKey}
POST /profiles/{p}/embedded-flows/link-requests/recipients
POST /profiles/{p}/embedded-flows/link-requests/payment-instrument
POST /profiles/{p}/embedded-flows/link-requests/kyc-reviews
GET /embedded-flows/link-requests/{embeddedLinkRequestId}
POST /cases
GET /cases/{caseId}
POST /cases/{caseId}/messages
POST /profiles/{p}/payin-sessions/{payinSessionId}/paynow
GET PUT /profiles/{p}/business-profile/business-representative
POST /profiles/{p}/verification-status/bank-transfer
POST /spend/profiles/{p}/cards/{cardToken}/payment-tokens
POST /spend/profiles/{p}/cards/{cardToken}/payment-tokens/{paymentTokenUniqueReference}/activation
POST /twcard-data/v1/push-provisioning/encrypted-payload/google-pay
POST /twcard-data/v1/push-provisioning/encrypted-payload/apple-pay
POST /simulation/spend/profiles/{p}/cards/{cardToken}/transactions/authorisation
POST /simulation/spend/profiles/{p}/cards/{cardToken}/transactions/clearing
POST /simulation/spend/profiles/{p}/cards/{cardToken}/transactions/reversal
GET /simulation/spend/profiles/{p}/cards/{cardToken}/transactions
POST /simulation/spend/profiles/{p}/cards/{cardToken}/production
GET /simulation/profiles/{p}/kyc-reviews/{kycReviewId}/requirements
POST /simulation/profiles/{p}/kyc-reviews/{kycReviewId}/requirements/add
POST /simulation/profiles/{p}/kyc-reviews/{kycReviewId}/requirements/submit
POST /simulation/profiles/{p}/kyc-reviews/{kycReviewId}/verify
POST /simulation/profiles/{p}/swift-in
POST GET /spend/applications/{clientId}/spend-controls/rules
POST /spend/applications/{clientId}/spend-controls/rules/apply
POST /spend/applications/{clientId}/spend-controls/rules/unapply
GET /spend/applications/{clientId}/spend-controls/rules/applied
DELETE /spend/applications/{clientId}/spend-controls/rules/{ruleId}
GET PATCH /spend/profiles/{p}/spend-limits
GET PATCH /spend/profiles/{p}/cards/{cardToken}/spend-limits
DELETE /spend/profiles/{p}/cards/{cardToken}/spend-limits/{granularity}
GET PATCH DELETE /spend/profiles/{businessProfileId}/card-holder-profiles/{cardHolderProfileId}/spend-limits
POST DELETE /profiles/{p}/pin
POST /profiles/{p}/pin/verify
POST /profiles/{p}/device-fingerprints
POST /profiles/{p}/device-fingerprints/verify
DELETE /profiles/{p}/device-fingerprints/{deviceFingerprintId}
POST DELETE /profiles/{p}/facemaps
POST /profiles/{p}/facemaps/verify
POST /profiles/{p}/sca-sessions/authorise
GET /transfers/{transferId}/invoices/bankingpartner
GET /transfers/{transferId}/us-combined-receipt.pdf
GET /transfers/{transferId}/documents/noc
GET /incoming-transfers/{incomingTransferId}
POST /profiles/{p}/balances/hold-limit-breach
GET /spend/profiles/{p}/cards/{cardToken}/spending-permissions
PUT /spend/profiles/{p}/cards/{cardToken}/phone-number
POST /one-time-token/pin/verify
POST /one-time-token/partner-device-fingerprint/verify
POST /one-time-token/facemap/verify
GET PUT /cases/{caseId}/comments
GET POST /profiles/{p}/extension-requirements
GET POST /profiles/{p}/extensions
GET /spend/profiles/{p}/spending-limits
POST /profiles/{p}/partner-licence-transfers
POST /user/pin
DELETE /users/{userId}/pin
POST /user/facemap/enrol
DELETE /users/{userId}/facemap/enrol
POST /user/partner-device-fingerprints
GET /users/{userId}/partner-device-fingerprints
DELETE /users/{userId}/partner-device-fingerprints/{deviceFingerprintId}
GET /transfers/{transferId}/issues
GET /borderless-accounts/{accountId}/transactions
"""


def _read(line: str) -> tuple[tuple[str, str], ...]:
    """The path in any version: ``/v1``, ``/2026Q3``. Card data has its own."""
    *methods, path = line.split()
    versioned = path if path.startswith("/twcard-data") else f"/{{version}}{path}"
    return tuple((method, versioned) for method in methods)


NOT_THERE = tuple(one for line in _CALLS.split("\n") if line for one in _read(line))
