"""What Nuapay has and the sandbox does not imitate: methods and paths, from its official descriptions of core, credit
transfers and organisations.

Whoever calls one is told that it is missing here, not that it does not exist.
"""

from sandbox.providers.kit.calls import calls_in

NOT_THERE = calls_in("""
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
