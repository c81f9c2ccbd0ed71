"""Nuapay's answers to refusals: the one table from causes to status and body, what a client does about them, and
Nuapay's return codes with their sentences. Which call answers with which code is the chapters' business.

Sources: docs.nuapay.com, "Errors", "HTTP codes" and "JWS"; the official descriptions' examples. What stands in the body
of a 403 for a certificate is not published: the sandbox has the published "Access denied" there. Rows marked "own" are
the sandbox's choice. Codes: "Error Codes" in the introductions of Nuapay's API descriptions (nuapay-swagger,
credit-transfers), and for those of five digits the examples of webhooks-swagger; sentences are copied with their
spelling.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sandbox.providers.context import Body, Response
from sandbox.providers.declare import STATE_REMOVED, Trouble

SENTENCES: Mapping[str, str] = {
    # Mandates and accounts of debtors.
    "2006": "The Creditor Account referenced within the file does not exist within the system",
    "3009": "The Mandate cannot be edited from its current state",
    "3010": "Mandate cannot be cancelled from its current state",
    "3021": "A Payment already exists against a ONCE_OFF mandate",
    "3022": "The Mandate cannot be Activated from its current state",
    "3027": "A Mandate exists in the system with the specified SEPA mandate ID."
    " This ID must be unique for an Originator",
    # Direct debits.
    "4003": "Payment Date is not a working day",
    "4004": "Date format invalid.",
    "4005": "Payment Date is not far enough in the future.",
    "4008": "Payment Date is too far in the future",
    "4009": "Payment Amount is invalid",
    "4011": "First Payment Amount Invalid",
    "4013": "Last Payment Amount Invalid",
    "4021": "Direct Debit cannot be revoked as it is not in a valid status",
    "4029": "Number of Payments not provided",
    "4031": "Final Payment amount should not be provided for an Open Ended Schedule",
    "4032": "Number of Payments should not be provided for an Open Ended Schedule",
    "4033": "Only a Start date should be provided for a Daily/Yearly Schedule",
    "4034": "Only Day of Week should be provided for a Weekly/Bi-Weekly Schedule",
    "4035": "Only Date in Month or Week in Month and Day of week should be provided for a Monthly schedule",
    "4036": "An Active schedule already exists on this mandate",
    "4039": "Payment Type must be Fixed Length on a Once off Mandate",
    "4040": "Number of Payments on a Once Off Mandate must be set to 1",
    "4041": "End To End Id is not unique",
    "4042": "Mandate is not in a Valid Status",
    "4048": "Payment Custom Frequency must be provided if Payment Schedule Frequency is set to CUSTOM",
    # Beneficiaries and credit transfers.
    "5004": "Beneficiary Country Required if any other Address element is provided",
    "5006": "Payment Amount Invalid",
    "5007": "Originator Account provided does not exist",
    "5008": "Invalid Payment Reference",
    "5009": "Invalid Date for Payment",
    "5010": "Address Line 1 is not allowed when Street Name is provided.",
    "5016": "Insufficient Funds",
    "5017": "Originator account currency does not match payment currency",
    # What a field or a query holds.
    "7001": "Date format invalid",
    "7002": "'From Date' must be earlier or equal to 'To Date'",
    "7003": "Max date range is exceeded",
    "7004": "Boolean parameter value must be either 'true' or 'false'",
    "7010": "Debtor Name is invalid or max length is exceeded",
    "7011": "Address Line1 is invalid or max length is exceeded",
    "7012": "Address Line2 is invalid or max length is exceeded",
    "7013": "Address Town is invalid or max length is exceeded",
    "7014": "Address Postal Code is invalid or max length is exceeded",
    "7015": "Address State is invalid or max length is exceeded",
    "7016": "Address ISO Country Code is invalid",
    "7017": "Debtor Language is invalid",
    "7018": "Debtor Email is invalid or max length is exceeded",
    "7019": "Phone Number is invalid or max length is exceeded",
    "7020": "Mobile Number is invalid or max length is exceeded",
    "7021": "Mandate Id is invalid or max length is exceeded",
    "7022": "Contract Reference is invalid or max length is exceeded",
    "7023": "Signature Location is invalid or max length is exceeded",
    "7024": "Signature Date is invalid or max length is exceeded",
    "7025": "Mandate Type is invalid",
    "7026": "Debtor IBAN is invalid",
    "7027": "Debtor Bank BIC is invalid",
    "7028": "Creditor IBAN is invalid",
    "7029": "Creditor Bank BIC is invalid",
    "7031": "Debtor Account IBAN is required",
    "7032": "Debtor object is required",
    "7033": "Debtor Account object is required",
    "7034": "Debtor name is required",
    "7035": "Remittance Information is invalid or max length is exceeded",
    "7036": "Requested Collection Date is required",
    "7037": "Payment Amount is required",
    "7038": "Payment Frequency is required",
    "7039": "Payment Type is required",
    "7040": "Start Date is required",
    "7041": "Payment Frequency is invalid",
    "7042": "Payment Type is invalid",
    "7043": "Start date is invalid",
    "7044": "Schedule Id is invalid or max length is exceeded",
    "7045": "Number of Payments is invalid",
    "7046": "Payment Day of Week is invalid",
    "7047": "Payment Week of Month is invalid",
    "7048": "Payment Day in Month is invalid",
    "7049": "ResendMandateForSignature is invalid",
    "7050": "Page Number is invalid",
    "7051": "Max page size is exceeded",
    "7052": "Page size is invalid",
    "7053": "Authorization Method is invalid",
    "7054": "Authorization Token is invalid or max length is exceeded",
    "7055": "Authorization email is invalid or max length is exceeded",
    "7056": "Authorization Mobile Number is invalid or max length is exceeded",
    "7057": "Ip Address is invalid or max length is exceeded",
    "7058": "Geographic Location is invalid or max length is exceeded",
    "7059": "Mandate Status is invalid",
    "7060": "End To End Id is invalid",
    "7063": "Payment Status is invalid",
    "7064": "Operation Reason exceeds maximum length",
    "7065": "Invalid Domestic Bank Code",
    "7066": "Invalid Domestic Branch Code",
    "7067": "Invalid Account Country",
    "7068": "Invalid Domestic Checksum",
    "7074": "Mandate Operation Reason not provided",
    "7075": "Domestic Account Number is required if IBAN is not provided",
    "7076": "Invalid Domestic Account Number",
    "7077": "Account Country is required if IBAN is not provided",
    "7078": "'Reject From Date' is required",
    "7079": "'Reject To Date' is required",
    "7080": "Payment Custom Frequency is invalid",
    "7081": "Beneficiary IBAN is invalid",
    "7082": "Beneficiary Bank BIC is invalid",
    "7083": "Beneficiary Account IBAN is required",
    "7084": "Beneficiary object is required",
    "7085": "Beneficiary Account object is required",
    "7086": "Beneficiary Name is required",
    "7088": "Beneficiary Language is invalid",
    "7089": "Beneficiary Email is invalid or max length is exceeded",
    "7091": "Originator IBAN is required",
    "7092": "Payment Currency is required",
    "7093": "Payment Currency is invalid",
    "7096": "Description of Purpose is invalid or max length is exceeded",
    "7098": "Invalid IBAN",
    "7099": "Domestic Account details are not allowed if IBAN is provided",
    "7100": "Beneficiary Name is invalid or max length is exceeded",
    "7111": "Originator IBAN is invalid",
    "7118": "Payment schedule status is invalid",
    "7120": "Payment Schedule cannot be cancelled as it is not in ACTIVE status",
    "7123": "Mandate object is required",
    "7125": "Requested execution date is in the past",
    "7131": "Field is invalid or max length is exceeded",
    "7132": "Field is required",
    "7137": "Account already exist",
    "7144": "Account currency does not match payment currency.",
    "7145": "Account From is the same as Account To.",
    "7148": "The Execution Date must be set to today's date.",
    "7149": "Master Account is type is invalid",
    "7150": "Master Account currency has to be the same as Sub-Account currency",
    "7158": "Either originatorIban or originatorAccount object is allowed.",
    "7159": "Either Iban or Domestic Account is allowed.",
    "7172": "originatorAccount is required",
    "7173": "Address Street Name is invalid or max length is exceeded",
    "7174": "Address Building Number is invalid or max length is exceeded",
    "7175": "Type is invalid, must be one of the allowed values from the ENUM",
    "7204": "Value Date To is invalid.",
    "7205": "Value Date From is invalid.",
    "7206": "Amount From is invalid.",
    "7207": "Amount To is invalid.",
    "7208": "Value Date From' must be earlier or equal to 'Value Date To'",
    "7209": "'Amount From' is greater then 'Amount To'.",
    "7300": "UltimateParty Name' is invalid or max length is exceeded.",
    "7301": "UltimateParty Other SchemeName Code' is Invalid.",
    "7302": "UltimateParty Other SchemeName Proprietary' is Invalid.",
    "7303": "UltimateParty Other ID' is Invalid.",
    "7304": "UltimateParty Other Issuer' is Invalid.",
    "7305": "UltimateParty OrganisationId BicorBei' is Invalid.",
    "7306": "UltimateParty PrivateId BirthDate' is Invalid.",
    "7307": "UltimateParty PrivateId BirthDate' is required.",
    "7308": "UltimateParty PrivateId CityOfBirth' is Invalid.",
    "7309": "UltimateParty PrivateId CountryOfBirth' is Invalid.",
    "7310": "UltimateParty PrivateId CountryOfBirth' is required.",
    "7330": "UltimateCreditor either 'organisationId' or 'privateId' is allowed.",
    "7331": "UltimateCreditor OrganisationId either 'bicOrBei' or 'other' is allowed.",
    "7332": "UltimateCreditor OrganisationId Other SchemeName either 'code' or 'proprietary' is allowed.",
    "7333": "UltimateCreditor PrivateId either 'dateAndPlaceOfBirth' or 'other' is allowed.",
    "7334": "UltimateCreditor PrivateId Other SchemeName either 'code' or 'proprietary' is allowed.",
    "7335": "UltimateDebtor either 'organisationId' or 'privateId' is allowed.",
    "7336": "UltimateDebtor OrganisationId either 'bicOrBei' or 'other' is allowed.",
    "7337": "UltimateDebtor OrganisationId Other SchemeName either 'code' or 'proprietary' is allowed.",
    "7338": "UltimateDebtor PrivateId either 'dateAndPlaceOfBirth' or 'other' is allowed.",
    "7339": "UltimateDebtor PrivateId Other SchemeName either 'code' or 'proprietary' is allowed.",
    "7340": "UltimateParty Other ID' is required.",
    "7341": "UltimateParty PrivateId CityOfBirth' is required.",
    "7353": "Creditor Reference is invalid or max length is exceeded",
    "7354": "StructuredRemittanceInformation cannot be provided in addition to RemittanceInformation",
    # A whole call.
    "8888": "Input validation errors occurred. Please check details.",
    "9999": "Input validation errors occurred. Please check details.",
    "10002": "Request parameters not valid",
    "10091": "Access denied",
    "10093": "Requested resource is not available",
    # The webhooks service.
    "40000": "Input validation errors",
    "40001": "Field is required",
    "40003": "Boolean parameter value must be either 'true' or 'false'",
    "40006": "Not supported Event Type",
    "40007": "Target URL is invalid or max length is exceeded",
    "40011": "Date format is invalid",
    "40016": "Max page size is exceeded",
    "40017": "Retry Number of Days is invalid",
}
"""Where a table and an example differ, the example's wording stands here."""


Envelope = Callable[[Trouble], Response]
T = TypeVar("T")
_WAIT_SECONDS = 5
"""Where no time is known: wrong keys wait to be checked."""


def told(code: str | None, description: str | None, details: Sequence[Body] | None = None) -> Body:
    """The three members of every refusal. All are null where the descriptions publish a refusal that says nothing."""
    return {"returnCode": code, "returnDescription": description, "details": None if details is None else [*details]}


def detail(code: str, field: str, description: str, resource_uri: object = None) -> Body:
    """One thing that is wrong. Details are an array also where an example has an object: the schema has an array."""
    return {"code": code, "field": field, "description": description, "resourceUri": resource_uri}


def _said(status: int, code: str | None = None, description: str | None = None) -> Envelope:
    reply = Response(status=status, json=told(code, description))
    return lambda _trouble: reply


def _not_allowed(trouble: Trouble) -> Response:
    return Response(status=405, json=told(None, None), headers={"allow": trouble.refused.reasons[0].expected})


def _too_many(trouble: Trouble) -> Response:
    """With "Number in seconds to wait before retrying request"; after wrong keys how many these are is own."""
    wait = trouble.refused.wait or _WAIT_SECONDS
    return Response(status=429, json=told(None, None), headers={"x-rate-limit-reset": str(wait)})


JWS_REQUIRED = ("7200", "JWS-Signature header is required.")
JWS_INVALID = ("7201", "JWS-Signature is invalid.")

_UNAUTHORIZED = _said(401)
_DENIED = _said(403, "10091", SENTENCES["10091"])


def _each(codes: str, answer: T) -> dict[str, T]:
    return dict.fromkeys(codes.split(), answer)


TABLE: Mapping[str, Envelope] = {
    **_each("token.missing token.scheme_wrong token.unknown token.expired token.revoked", _UNAUTHORIZED),
    **_each("token.credentials_missing token.credentials_malformed token.key_unknown", _UNAUTHORIZED),
    # "If you use an application token against the wrong resource, you will be presented with a 401".
    "token.other_resource": _UNAUTHORIZED,
    **_each("token.too_many_guesses provider.too_many_calls", _too_many),
    "token.scope_missing": _DENIED,
    **_each("binding.other_client binding.certificate_missing binding.mtls_required", _DENIED),
    **_each("certificate.missing certificate.unknown certificate.wrong_purpose", _DENIED),
    **_each("certificate.expired certificate.not_yet_valid certificate.revoked", _DENIED),
    # 403 is published beside the second; beside the first no status is.
    "signature.required": _said(403, *JWS_REQUIRED),
    "route.not_imitated": _said(404),
    "route.other_door": _said(404),  # own
    "route.method_not_allowed": _not_allowed,
    "body.media_type": _said(415),
    "body.too_large": _said(413),  # own
    "body.slow": _said(408),  # own
    "body.incomplete": _said(400),  # own
    "provider.busy": _said(503),
    "provider.state_removed": _said(503, None, STATE_REMOVED),  # own
    "provider.uncertain": _said(500),
    "provider.fault": _said(500),
}
_INVALID_SIGNATURE = _said(403, *JWS_INVALID)


def envelope(trouble: Trouble) -> Response:
    """Nuapay's answer to a refusal, by the first of its causes."""
    code = trouble.refused.code
    if code.startswith("signature.") and code not in TABLE:
        return _INVALID_SIGNATURE(trouble)
    return TABLE[code](trouble)
