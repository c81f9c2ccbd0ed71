"""Under which creditor schemes the organisation collects, and a debtor's leave to do so: ``/schemes`` and mandates.

Source: "Creditor Schemes" and "Mandates" of Nuapay's API description, and its "Error Codes". Schemes are given, not
made by calls. A new mandate is PENDING, as in the examples, until it is activated.
"""

from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, change, create, listing, view
from sandbox.providers.kit.fields import Field, Values, read, table, with_nulls, written
from sandbox.providers.kit.lists import Filter, Listing, Span
from sandbox.providers.kit.making import Making, today
from sandbox.providers.kit.problems import Problem, refuse_if
from sandbox.providers.kit.resource import NOTES, Below, Resource, Seed
from sandbox.providers.kit.rules import Index, equals, exists, folded, needs_one_of, unique
from sandbox.providers.kit.values import BIC, COUNTRY, EMAIL, choice, day, flag, iban, text
from sandbox.providers.nuapay.accounts import EURO_IBAN
from sandbox.providers.nuapay.identification import OWN_BIC
from sandbox.providers.nuapay.style import CORE, ID, LANGUAGES, QUERY_PAGES, address_fields, reject_details, single

RECURRENT, ONCE_OFF = "RCUR", "OOFF"
_DEBTOR = Field(
    name="debtor",
    wrong="7032",
    missing="7032",
    members=(
        Field(name="name", wrong="7010", missing="7034", kind=text(longest=70, shortest=1)),
        Field(name="address", wrong="7131", members=address_fields(town=70, state=70)),
        Field(name="language", wrong="7017", kind=choice(*LANGUAGES)),
        Field(name="email", wrong="7018", kind=text(longest=254, pattern=EMAIL)),
        Field(name="phoneNumber", wrong="7019", kind=text(longest=30)),
        Field(name="mobileNumber", wrong="7020", kind=text(longest=30)),
    ),
)
SIGNATURE = Field(
    name="electronicSignatureDetails",
    wrong="7131",
    members=(
        Field(name="authorizationMethod", wrong="7053", kind=choice("CHECK_BOX", "SMS_PASSWORD", "EMAIL_PASSWORD")),
        Field(name="authorizationToken", wrong="7054", kind=text(longest=35), secret=True),
        Field(name="authorizationEmail", wrong="7055", kind=text(longest=254, pattern=EMAIL)),
        Field(name="authorizationMobileNumber", wrong="7056", kind=text(longest=30)),
        Field(name="ipAddress", wrong="7057", kind=text(longest=39)),
        Field(name="geographicLocation", wrong="7058", kind=text(longest=70)),
    ),
)
AUTHENTICATION = Field(
    name="emandateAuthenticationDetails",
    wrong="7131",
    members=(
        Field(name="authenticationMethod", wrong="7131", kind=choice("NONE", "AISP")),
        Field(name="authenticationReference", wrong="7131", kind=text(longest=35), secret=True),
    ),
)
_INFO = (
    Field(name="mandateId", wrong="7021", kind=text(longest=35, shortest=1)),
    Field(name="contractReference", wrong="7022", kind=text(longest=35)),
    Field(name="signatureLocation", wrong="7023", kind=text(longest=70)),
    Field(name="signatureDate", wrong="7024", kind=day),
    Field(name="mandateType", wrong="7025", kind=choice(RECURRENT, ONCE_OFF)),
    Field(name="migratingMandate", wrong="7004", kind=flag),
    Field(name="resendMandateForSignature", wrong="7049", kind=choice("DEFAULT", "SEND", "DO_NOT_SEND")),
    SIGNATURE,
    AUTHENTICATION,
)
_DEBTOR_ACCOUNT = Field(
    name="debtorAccount",
    wrong="7033",
    missing="7033",
    members=(
        Field(name="iban", wrong="7026", kind=iban),
        Field(name="bic", wrong="7027", kind=text(longest=11, pattern=BIC)),
        Field(name="accountCountry", wrong="7067", kind=text(longest=2, pattern=COUNTRY)),
        Field(name="domesticAccountNumber", wrong="7076", kind=text(longest=70, shortest=1)),
        Field(name="domesticBankCode", wrong="7065", kind=text(longest=35)),
        Field(name="domesticBranchCode", wrong="7066", kind=text(longest=35)),
        Field(name="domesticCheckSum", wrong="7068", kind=text(longest=35)),
    ),
)
MANDATE_FIELDS = (
    _DEBTOR,
    _DEBTOR_ACCOUNT,
    Field(
        name="creditorAccount",
        wrong="7028",
        members=(
            Field(name="iban", wrong="7028", kind=iban),
            Field(name="bic", wrong="7029", kind=text(longest=11, pattern=BIC)),
        ),
    ),
    Field(name="mandateInfo", wrong="7131", members=_INFO),
)
"""Of a new mandate, and of one that is updated."""
ACTIVATION = table(*_INFO)
CANCELLATION = table(
    Field(name="operationReason", wrong="7064", missing="7074", kind=text(longest=140, shortest=1)),
)
REVOCATION = table(Field(name="operationReason", wrong="7064", kind=text(longest=140)))
"""Of a direct debit."""


PENDING, ACTIVE, CANCELLED = "PENDING", "ACTIVE", "CANCELLED"
_STATUSES = "ACTIVE CANCELLED COMPLETE PENDING UNREADABLE UNSIGNED SCREENING SUSPENDED READY_FOR_EXPORT EXPORTED"
STATUSES = tuple(_STATUSES.split())
_UNSIGNED = (PENDING, "UNSIGNED")
_ALIVE = (*_UNSIGNED, ACTIVE, "SUSPENDED")
"""From which a mandate may be edited or cancelled. From which states is not published."""
_GENERATED_LENGTH = 16
"""Of a mandate id that the call leaves to Nuapay."""
_CURRENCY = {"CORE": "EUR", "B2B": "EUR", "BACS": "GBP"}
"""In which each type of scheme collects: SEPA has one currency, BACS the other."""
_PROOFS = (SIGNATURE, AUTHENTICATION)
"""How the debtor gave leave: kept as it was given, and shown with null for the rest."""
KNOWN_SCHEME, KNOWN = "abxq9kq52l", "w24y3dya2p"
"""The scheme and the mandate of a new organisation."""

SCHEME = Resource(
    kind="scheme",
    id=ID,
    fields=(
        Field(name="uri", make=lambda making: f"/schemes/{making.id}"),
        Field(name="creditorSchemeId", kind=text(longest=35, shortest=1)),
        Field(name="schemeType", kind=choice(*_CURRENCY)),
        Field(name="creditorSchemeName", kind=text(longest=70, shortest=1)),
        Field(name="links", make=lambda _: []),
    ),
    seeds=(
        Seed(name="schemeType", default="CORE"),
        Seed(name="creditorSchemeId", default="BE31ZZZ12345"),
        Seed(name="creditorSchemeName", default="Nuapay Scheme"),
    ),
    rows={KNOWN_SCHEME: {}},
)


def _body(making: Making) -> Body:
    """What the body of a PUT leaves out is taken away, as the description says; id, status and first day stay."""
    given = written(making.given, MANDATE.table)
    info: Values = given.get("mandateInfo", {})
    before = making.before["mandateInfo"] if making.before else {}
    debtor_account = given["debtorAccount"] if making.context else {**given["debtorAccount"], "bic": OWN_BIC}
    return {
        "id": making.id,
        "uri": f"/schemes/{making.params['schemeId']}/mandates/{making.id}",
        "debtor": given["debtor"],
        "mandateInfo": {
            "mandateId": info.get("mandateId") or before.get("mandateId") or making.random(_GENERATED_LENGTH).upper(),
            "contractReference": info.get("contractReference"),
            "signatureLocation": info.get("signatureLocation"),
            "signatureDate": info.get("signatureDate"),
            "mandateType": info.get("mandateType", RECURRENT),
            **{part.name: with_nulls(info.get(part.name, {}), part) for part in _PROOFS},
            "status": making.given.get("status") or before.get("status") or PENDING,
            "creationDate": before.get("creationDate") or making.today,
            "migratingMandate": info.get("migratingMandate", False),
        },
        "debtorAccount": debtor_account,
        "creditorAccount": given.get("creditorAccount") or _usual_creditor(making),
    }


def _usual_creditor(making: Making) -> Any:
    """The oldest account in the scheme's currency: which one Nuapay takes is part of an organisation's set-up."""
    if making.before:
        return making.before["creditorAccount"]
    if not making.context:
        return {"iban": EURO_IBAN, "bic": OWN_BIC}
    scheme = SCHEME.existing(making.context, making.params["schemeId"])
    wanted = (equals("currency", _CURRENCY[scheme["schemeType"]]),)
    found = making.rows.find("account", wanted, size=1, oldest_first=True).rows
    return {name: found[0].body["identification"][name] for name in ("iban", "bic")} if found else None


_IBAN, _NAME, _ID = "debtorAccount.iban", "debtor.name", "mandateInfo.mandateId"
_STATUS, _CREATED = "mandateInfo.status", "mandateInfo.creationDate"

MANDATE = Resource(
    kind="mandate",
    id=ID,
    fields=MANDATE_FIELDS,
    body=_body,
    rules=(
        needs_one_of(_IBAN, "debtorAccount.domesticAccountNumber", code="7031"),
        exists("creditorAccount.iban", "account", "2006", key="identification.iban"),
        unique(_ID, "mandate", "3027"),
    ),
    below=(Below(param="schemeId", resource=SCHEME, key=f"{NOTES}.scheme"),),
    index=(f"{NOTES}.scheme", _IBAN, _ID, _STATUS, _CREATED, Index(name=_NAME, write=folded)),
    seeds=(
        Seed(name="scheme", param="schemeId", kind=ID.kind, default=KNOWN_SCHEME),
        Seed(name="status", kind=choice(*STATUSES), default=ACTIVE),
        Seed(name="mandateId", at=_ID, default=lambda own, _: own[:35].upper()),
        Seed(name="mandateType", at="mandateInfo.mandateType", default=RECURRENT),
        Seed(name="debtorName", at=_NAME, default="Debtor Name"),
        Seed(name="debtorIban", at=_IBAN, default="GB94SELN00999976543215"),
    ),
    rows={KNOWN: {}},
)


def _validated_only(making: Making) -> Response | None:
    """With ``x-request-mode: validate`` nothing is made, and a good body is a 204."""
    mode = making.request.headers.get("x-request-mode", "") if making.request else ""
    return Response(status=204) if mode.lower() == "validate" else None


def _editable(making: Making) -> None:
    if making.before:
        _in_state(making.before, "3009", _ALIVE)


def _in_state(mandate: Body, code: str, allowed: tuple[str, ...]) -> None:
    status = mandate["mandateInfo"]["status"]
    seen, cause = f"mandate {mandate['id']} in the state {status}", "provider.invalid_state"
    refuse_if(status not in allowed, Problem(code=code, seen=seen, expected=", ".join(allowed), cause=cause))


def activate_mandate(request: Request, context: Context) -> Response:
    mandate = MANDATE.existing(context, request.params["mandateId"], request.params)
    given = written(read(request.payload, ACTIVATION), ACTIVATION)
    _in_state(mandate, "3022", _UNSIGNED)
    info = {**mandate["mandateInfo"], "status": ACTIVE}
    info |= {name: given[name] for name in ("signatureDate", "signatureLocation") if name in given}
    info |= {part.name: with_nulls(given[part.name], part) for part in _PROOFS if part.name in given}
    return single(f"{mandate['uri']}/activate", MANDATE.shown(MANDATE.change(context, mandate, mandateInfo=info)))


def cancel_mandate(request: Request, context: Context) -> Response:
    """Its direct debits stay as they are: what becomes of them is not published."""
    mandate = MANDATE.existing(context, request.params["mandateId"], request.params)
    given = read(request.payload, CANCELLATION)
    _in_state(mandate, "3010", _ALIVE)
    rejected = reject_details(None, given["operationReason"], "CANCELLATION", today(context.now))
    info = {**mandate["mandateInfo"], "status": CANCELLED}
    return CORE.shown(MANDATE, MANDATE.change(context, mandate, mandateInfo=info, rejectDetails=rejected))


def _item(mandate: Body) -> Body:
    """A mandate as a list shows it."""
    info, debtor = mandate["mandateInfo"], mandate["debtor"]
    return {
        "id": mandate["id"],
        "uri": mandate["uri"],
        "mandateId": info["mandateId"],
        "debtorName": debtor["name"],
        "debtorIBAN": mandate["debtorAccount"].get("iban"),
        "debtorMobileNumber": debtor.get("mobileNumber"),
        "mandateStatus": info["status"],
        "creationDate": info["creationDate"],
        "links": [],
    }


_ASKS = Listing(
    filters=(
        Filter(name="debtoriban", wrong="7026", kind=iban, key=_IBAN),
        Filter(name="debtorname", wrong="7010", kind=text(longest=70), key=_NAME, how="has"),
        Filter(name="mandateid", wrong="7021", kind=text(longest=35), key=_ID),
        Filter(name="mandatestatus", wrong="7059", kind=choice(*STATUSES), key=_STATUS, repeated=True),
        Span(first="createdatefrom", last="createdateto", key=_CREATED, wrong="7001", reversed="7002"),
    ),
    paging=QUERY_PAGES,
)
_ALL, _ONE = "/schemes/{schemeId}/mandates", "/schemes/{schemeId}/mandates/{mandateId}"
_READ, _WRITE = ("mandates_read",), ("mandates",)

ENDPOINTS = (
    # The one list of Nuapay's without pages.
    listing(SCHEME, "/schemes", CORE, scopes=("schemes_read",)),
    create(MANDATE, _ALL, CORE, scopes=_WRITE, instead=_validated_only),
    view(MANDATE, _ONE, CORE, scopes=_READ),
    change(MANDATE, _ONE, CORE, scopes=_WRITE, unless=_editable),
    action("POST", f"{_ONE}/activate", activate_mandate, CORE, scopes=_WRITE),
    action("POST", f"{_ONE}/cancel", cancel_mandate, CORE, scopes=_WRITE),
    # The description asks for "mandates" here, and for "mandates_read" everywhere else where one only looks.
    listing(MANDATE, "/mandates", CORE, _ASKS, scopes=_WRITE, show=_item),
    listing(MANDATE, _ALL, CORE, _ASKS, scopes=_READ, show=_item),
)
