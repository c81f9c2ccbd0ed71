"""How a credit transfer looks: the resource as Nuapay shows it, in both versions of the calls.

Source: the response schemas of Nuapay's descriptions of credit transfers, v1 and v2.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.providers.context import Body
from sandbox.providers.nuapay.keeping import shown
from sandbox.providers.nuapay.postings import number

INITIATED, READY_FOR_EXPORT, FAILED = "INITIATED", "READY_FOR_EXPORT", "FAILED"
STATUSES = (
    READY_FOR_EXPORT,
    "REJECTED",
    "RECALLED",
    "EXPORTED",
    "ACCEPTED",
    "PENDING",
    "PENDING_SETTLEMENT",
    INITIATED,
    FAILED,
)


def transfer_data(
    id: str,
    said: Mapping[str, Any],
    *,
    account: Body,
    beneficiary: Body,
    scheme: str,
    failed: tuple[str, str, str] | None = None,
) -> Body:
    """A credit transfer as Nuapay shows it; *failed* is why it failed: code, sentence and day."""
    of, uri = beneficiary["id"], beneficiary["uri"]
    code, sentence, on = failed or (None, None, None)
    return {
        "id": id,
        "uri": f"{uri}/credittransfers/{id}",
        "originatorIban": account["identification"]["iban"],
        "originatorAccount": account["identification"],
        "requestedExecutionDate": said["requestedExecutionDate"].isoformat(),
        "actualExecutionDate": None if failed else said["requestedExecutionDate"].isoformat(),
        "paymentAmount": number(said["paymentAmount"]),
        "paymentCurrency": said["paymentCurrency"],
        "endToEndId": said.get("endToEndId"),
        "remittanceInformation": said.get("remittanceInformation"),
        "structuredRemittanceInformation": said.get("structuredRemittanceInformation"),
        "paymentStatus": FAILED if failed else READY_FOR_EXPORT,
        "settlementDateShift": said.get("settlementDateShift", False),
        "type": said["type"],
        "paymentScheme": scheme,
        "ultimateCreditor": _as_json(said.get("ultimateCreditor")),
        "ultimateDebtor": _as_json(said.get("ultimateDebtor")),
        "beneficiaryName": beneficiary["beneficiary"]["name"],
        "beneficiaryAccount": beneficiary["beneficiaryAccount"],
        "rejectDetails": {
            "rejectReason": code,
            "rejectDescription": sentence,
            "rejectType": "Failure" if failed else None,
            "rejectDate": on,
        },
        "originalBeneficiaryAccount": None,
        "links": [{"resourceType": "beneficiary", "id": of, "uri": uri}],
    }


def _as_json(party: Any) -> Any:
    """An ultimate party with its date of birth as text."""
    if isinstance(party, Mapping):
        return {name: _as_json(value) for name, value in party.items()}
    return party.isoformat() if hasattr(party, "isoformat") else party


def show_v1(body: Body) -> Body:
    return shown(body)


def show_v2(body: Body) -> Body:
    """v2 has no ``originatorIban``, and no BIC in the account that pays."""
    account = {name: value for name, value in body["originatorAccount"].items() if name != "bic"}
    left = {name: value for name, value in shown(body).items() if name != "originatorIban"}
    return {**left, "originatorAccount": account}
