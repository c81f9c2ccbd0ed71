"""What Treezor has and the sandbox does not imitate: methods and paths, from its official description 25.04.03.

Whoever calls one is told that it is missing here, not that it does not exist.
"""

from sandbox.providers.kit.calls import calls_in

NOT_THERE = calls_in("""
GET /core-connect/account-details/{walletId}/raw
GET /core-connect/account-details/{walletId}/computed
GET /core-connect/balances/{walletId}
GET /core-connect/cardtransactions
GET /core-connect/cardtransactions/{cardId}
GET POST /core-connect/support-user
DELETE GET PUT /core-connect/support-user/{supportUserId}
PUT /core-connect/support-user/{supportUserId}/unblock
GET PUT /core-connect/mid/metadata
GET PUT /core-connect/mid/{mid}/metadata
GET /core-connect/payouts/{payoutId}/proof
GET /core-connect/card/bulk/{id}/report
GET POST /core-connect/card/bulk
GET POST /core-connect/operations/{walletId}/report
GET /core-connect/merchantIdRestrictionGroups/{groupId}/mid/metadata
GET /customization/templates
DELETE GET /customization/templates/{templateName}
GET PUT /customization/templates/{templateName}/template
GET /customization/templates/{templateName}/example
GET POST /core-connect/users/{userId}/kyc/document
PUT /core-connect/kyc/documents/{documentId}/status
DELETE /core-connect/kyc/documents/{documentId}
GET /core-connect/kyc/documents/need-review
GET /core-connect/kyc/documents/{documentId}/preview
GET /core-connect/operations
GET POST /core-connect/sca/scawallets
POST /core-connect/sca/scawallets/swap
DELETE GET /core-connect/sca/scawallets/{scaWalletId}
PUT /core-connect/sca/scawallets/{scaWalletId}/lock
PUT /core-connect/sca/scawallets/{scaWalletId}/unlock
PUT /core-connect/sca/scawallets/{scaWalletId}/resetPin
PUT /core-connect/sca/setPasscode
POST /core-connect/sca/externalOperations
PUT /core-connect/sca/externalOperations/{externalOperationId}
GET /core-connect/statements/{walletId}/raw
GET /core-connect/statements/{walletId}/computed
GET /v1/businesssearchs
GET /v1/businessinformations
PUT /v1/cards/{cardId}
POST /v1/cards/RequestPhysical
POST /v1/cards/Register3DS
GET /v1/cardimages
PUT /v1/cards/{cardToken}/public-token-activation
PUT /v1/cards/{cardId}/Assign
PUT /v1/cards/{cardId}/AssignWallet
PUT /v1/cards/{cardId}/ChangePIN
PUT /v1/cards/{cardId}/ConvertVirtual
PUT /v1/cards/{cardId}/Limits
PUT /v1/cards/{cardId}/Options
PUT /v1/cards/{cardId}/Regenerate
PUT /v1/cards/{cardId}/setPIN
PUT /v1/cards/{cardId}/UnblockPIN
PUT /v1/cards/{cardId}/unblockcvc2
GET POST /v1/cards/{cardId}/authentication-methods
DELETE GET /v1/cards/{cardId}/authentication-methods/{methodId}
GET PUT /v1/cards/{cardId}/renewalDetails
PUT /v1/cards/{cardId}/renew
GET /v1/{cardId}/digitalizedCards
DELETE GET PUT /v1/digitalizedCard/{id}
GET POST /v1/countryRestrictionGroups
DELETE GET PUT /v1/countryRestrictionGroups/{id}
GET POST /v1/documents
DELETE GET PUT /v1/documents/{documentId}
GET /v1/documents/{documentId}/download
POST /v1/issuerInitiatedDigitizationDatas
GET POST /v1/mandates
DELETE GET /v1/mandates/{mandateId}
GET POST /v1/mccRestrictionGroups
DELETE GET PUT /v1/mccRestrictionGroups/{id}
GET POST /v1/merchantIdRestrictionGroups
DELETE PUT /v1/merchantIdRestrictionGroup/{id}
PUT /v1/merchantIdRestrictionGroups/{id}/DeltaUpdate
PUT /v1/merchantIdRestrictionGroups/{id}/PresenceCheck
POST /v1/payins
DELETE /v1/payins/{payinId}
GET /v1/payinrefunds
GET /v1/payinrefunds/{id}
POST /v1/payoutRefunds
GET /v1/payoutRefunds/{payoutRefundId}
GET /v1/recallRs
GET /v1/recallRs/{recallId}
PUT /v1/recallRs/{recallId}/response
GET /v1/recall-sct-inst/{sctInstId}/{recallId}
PUT /v1/recall-sct-inst/{sctInstId}/{recallId}/response
GET POST /v1/taxResidences
DELETE GET PUT /v1/taxResidences/{taxResidenceId}
GET /v1/transactions
GET /v1/transactions/{transactionId}
DELETE /v1/transfers/{transferId}
PUT /v1/users/{userId}/Kycreview
POST PUT /v1/users/{userId}/kycliveness
POST /v1/users/{userId}/qes
POST /v1/users/{userId}/videoconference
GET POST /v1/virtualibans
GET PUT /v1/virtualibans/{virtualIbanId}
POST /simulation/payout-sddr
POST /simulation/sct-inst/recall
POST /simulation/acquiring/payin
POST /simulation/operations
GET POST /v1/mdc/rulesets
DELETE GET PUT /v1/mdc/rulesets/{rulesetId}
GET POST /v1/mdc/{cardId}/rulesets
GET /v1/mdc/{cardId}/ruleset/{rulesetId}/factsBalance
GET POST /v1/mdc/mccLists
DELETE GET PUT /v1/mdc/mccLists/{id}
POST /v1/mdc/mccLists/{id}/codes
DELETE GET PUT /v1/mdc/mccLists/{id}/codes/{mcc}
GET POST /v1/mdc/midLists
DELETE GET PUT /v1/mdc/midLists/{id}
POST /v1/mdc/midLists/{id}/merchantIds
DELETE GET PUT /v1/mdc/midLists/{id}/merchantIds/{mid}
GET /v1/cardDigitalizations
DELETE GET PUT /v1/cardDigitalizations/{id}
GET POST /core-connect/scheduledPayment
DELETE /core-connect/scheduledPayment/{scheduledPaymentId}
GET /core-connect/scheduledPayment/{scheduledPaymentId}/payments
POST /v1/topups/cards/authorizations
DELETE GET /v1/topups/cards/authorizations/{authorizationUuid}
GET POST /v1/topups/cards/authorizations/{authorizationUuid}/payins
POST /simulation/topups/cards/notification/authorizations
POST /simulation/topups/cards/notification/payins
POST /simulation/topups/cards/notification/refunds
POST /simulation/topups/cards/notification/chargebacks
GET /v1/topups/cards/refunds/{refundUuid}
POST /v1/topups/cards/refunds
GET /v1/topups/cards/chargebacks/{chargebackUuid}
GET POST /v1/topups/cards/users/{userId}/topupCards
DELETE GET /v1/topups/cards/users/{userId}/topupCards/{topupCardId}
""")
