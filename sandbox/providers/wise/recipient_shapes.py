"""How a recipient looks, in the two shapes in which Wise has them.

Sources: recorded answers of ``POST /v1/accounts`` and ``GET /v2/accounts/{id}``; Wise's description 2026Q3,
"Recipients".
"""

import hashlib
from collections.abc import Mapping

from sandbox.providers.context import Body
from sandbox.providers.wise.forms import Form
from sandbox.providers.wise.requirements import FORMS, MAIL

V1_DETAILS = [
    "address",
    "email",
    "legalType",
    "accountHolderName",
    "accountNumber",
    "sortCode",
    "abartn",
    "accountType",
    "bankgiroNumber",
    "ifscCode",
    "bsbCode",
    "institutionNumber",
    "transitNumber",
    "phoneNumber",
    "bankCode",
    "russiaRegion",
    "routingNumber",
    "branchCode",
    "cpf",
    "cardToken",
    "idType",
    "idNumber",
    "idCountryIso3",
    "idValidFrom",
    "idValidTo",
    "clabe",
    "swiftCode",
    "dateOfBirth",
    "clearingNumber",
    "bankName",
    "branchName",
    "businessNumber",
    "province",
    "city",
    "rut",
    "token",
    "cnpj",
    "payinReference",
    "pspReference",
    "orderId",
    "idDocumentType",
    "idDocumentNumber",
    "identificationNumber",
    "targetProfile",
    "targetUserId",
    "taxId",
    "job",
    "nationality",
    "interacAccount",
    "bban",
    "town",
    "postCode",
    "language",
    "billerCode",
    "customerReferenceNumber",
    "prefix",
    "relationship",
    "IBAN",
    "iban",
    "bic",
    "BIC",
]
"""The members of ``details`` in the older shape, in their order: all are there, and most are null."""


def older(body: Body) -> Body:
    """As ``POST /v1/accounts`` was recorded."""
    details = {name: body["details"].get(name) for name in V1_DETAILS}
    details |= {"IBAN": details["iban"], "BIC": details["bic"]}
    shown = {name: body[name] for name in ("id", "business", "profile", "accountHolderName", "currency", "country")}
    rest = {"user": body["user"], "active": body["active"], "ownedByCustomer": body["ownedByCustomer"]}
    return {
        **shown,
        "type": body["type"],
        "details": details,
        **rest,
        "confirmations": confirmations(body, "accountHolderName"),
    }


def newer(body: Body) -> Body:
    """As ``GET /v2/accounts/{id}`` was recorded."""
    form, details = FORMS[body["type"]], body["details"]
    names = dict.fromkeys(("givenName", "familyName", "middleName", "patronymicName", "cannotHavePatronymicName"))
    legal = "BUSINESS" if details.get("legalType") == "BUSINESS" else "PERSON"
    mail = {"email": details["email"]} if form is MAIL else {}
    account = details.get(form.account, "")
    summary = details["email"] if form is MAIL else _summary(form, details)
    ending = f"{body['currency']} account ending in {account[-4:]}"
    return {
        "id": body["id"],
        "creatorId": body["user"],
        "profileId": body["profile"],
        "name": {"fullName": body["accountHolderName"], **names},
        **_address(details),
        "currency": body["currency"],
        **({"country": body["country"]} if body["country"] else {}),
        "type": form.shown,
        "legalEntityType": legal,
        **mail,
        "active": body["active"],
        "details": {**_shown_details(form, details), "hashedByLooseHashAlgorithm": _hash(account or details["email"])},
        "commonFieldMap": _common(form),
        "hash": _hash(body["currency"], body["type"], body["accountHolderName"], repr(sorted(details.items()))),
        "accountSummary": summary,
        "longAccountSummary": summary if form is MAIL else ending,
        "displayFields": _display(form, details),
        "isInternal": False,
        "ownedByCustomer": body["ownedByCustomer"],
        **({"confirmations": found} if (found := confirmations(body, "name/fullName")) else {}),
    }


def _address(details: Body) -> Body:
    """As public clients read it: beside the details, the country under one name."""
    address = {name: value for name, value in details.get("address", {}).items() if name != "countryCode"}
    return {"address": address} if address else {}


def _shown_details(form: Form, details: Body) -> Body:
    known = dict.fromkeys((*(form.labels or {}), "bic", "accountType"))
    reference = {"reference": None} if form.type == "sort_code" else {}
    return {} if form is MAIL else {**reference, **{name: details[name] for name in known if details.get(name)}}


def _common(form: Form) -> Body:
    if form is MAIL:
        return {}
    bank = {"bankCodeField": form.bank} if form.bank else {}
    return {"accountNumberField": form.account, **bank, **({"bicField": "bic"} if form.bank == "bic" else {})}


def _spaced(name: str, value: str) -> str:
    """An IBAN in fours, a sort code in pairs."""
    if name == "iban":
        return " ".join(value[at : at + 4] for at in range(0, len(value), 4))
    return "-".join(value[at : at + 2] for at in (0, 2, 4)) if name == "sortCode" else value


def _summary(form: Form, details: Body) -> str:
    account = _spaced(form.account, details[form.account])
    alone = form.account == "iban" or not form.bank
    return account if alone else f"({_spaced(form.bank, details[form.bank])}) {account}"


def _display(form: Form, details: Body) -> list[Body]:
    if form is MAIL:
        return [{"key": "email", "label": "Email (Optional)", "value": details["email"]}]
    labels: Mapping[str, str] = form.labels or {}
    named = [(name, label) for name, label in labels.items() if details.get(name)]
    return [{"key": f"details/{name}", "label": label, "value": _spaced(name, details[name])} for name, label in named]


def _hash(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


# --- whether the account is the recipient's ---

CONFIRMED = ("CNY", "IDR", "INR", "KRW")
"""Currencies in which Wise asks the recipient's bank. It names the euro too; recorded recipients in euros have none."""
MISMATCH = "mismatch"
"""Own: a recipient with this as last name has an account in a slightly different name."""


def confirmations(body: Body, name_path: str, quote: str | None = None) -> Body | None:
    """What a bank says of the name; the path of the name differs by version. None: no bank is asked."""
    if body["currency"] not in CONFIRMED:
        return None
    given: str = body["accountHolderName"]
    first, _, last = given.rpartition(" ")
    differs = bool(first) and last.lower() == MISMATCH
    outcome: Body = {
        "type": "NAME_MATCHING",
        "timestamp": body["createdAt"],
        "outcome": "PARTIAL_FAILURE" if differs else "SUCCESS",
        "requiresCustomerAcceptance": differs,
        "fieldsChecked": [name_path, "details/accountNumber"],
        "message": "The name entered is slightly different to the name on the account." if differs else None,
        "providedName": given,
        "resolvedName": first if differs else given,
        "recommendedUpdates": [{"path": name_path, "value": first}] if differs else [],
    }
    accepted = body.get("acceptedAt")
    return {"acceptedOutcomes": bool(accepted), "acceptedAt": accepted, "quoteId": quote, "outcomes": [outcome]}
