"""What a credit transfer is: what its body may hold in each version of the calls, and how it looks.

Source: the schemas and "Error Codes" of Nuapay's descriptions of credit transfers, v1 and v2. The calls are
``credit_transfers``'.
"""

from dataclasses import dataclass
from datetime import UTC

from sandbox.providers.context import Body
from sandbox.providers.kit.calls import Style
from sandbox.providers.kit.fields import Apart, Field, Values, table, with_nulls, written
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem
from sandbox.providers.kit.resource import NOTES, Below, Resource, Seed
from sandbox.providers.kit.rules import Index, folded
from sandbox.providers.kit.values import BIC, COUNTRY, LEI, choice, day, flag, iban, money, text
from sandbox.providers.nuapay import style
from sandbox.providers.nuapay.accounts import ACCOUNT, EURO
from sandbox.providers.nuapay.beneficiaries import BENEFICIARY, FIELDS, KNOWN
from sandbox.providers.nuapay.errors import SENTENCES
from sandbox.providers.nuapay.identification import complete
from sandbox.providers.nuapay.style import CORE, CURRENCY, DETAILS, HIGHEST, ID, PAYMENT, ZERO, account_fields, core

STANDARD, FASTEST_POSSIBLE = "STANDARD", "FASTEST_POSSIBLE"
TYPES = (STANDARD, "EXPRESS", FASTEST_POSSIBLE)


def _ultimate(name: str, codes: tuple[str, str, str, str, str]) -> Field:
    """An ultimate party; *codes* are those of its five pairs of which one member is allowed."""
    parties, organisation, organisation_scheme, person, person_scheme = codes
    return Field(
        name=name,
        wrong="7131",
        members=(
            Field(name="name", wrong="7300", kind=text(longest=70)),
            Field(
                name="organisationId",
                wrong="7131",
                members=(
                    Field(name="bicOrBei", wrong="7305", kind=text(longest=11, pattern=BIC)),
                    Field(name="lei", wrong="7131", kind=text(longest=20, pattern=LEI)),
                    _other(organisation_scheme),
                ),
                apart=(Apart(one="bicOrBei", other="other", code=organisation),),
            ),
            Field(
                name="privateId",
                wrong="7131",
                members=(_BIRTH, _other(person_scheme)),
                apart=(Apart(one="dateAndPlaceOfBirth", other="other", code=person),),
            ),
        ),
        apart=(Apart(one="organisationId", other="privateId", code=parties),),
    )


def _other(scheme: str) -> Field:
    return Field(
        name="other",
        wrong="7131",
        members=(
            Field(name="id", wrong="7303", missing="7340", kind=text(longest=35, shortest=1)),
            Field(name="issuer", wrong="7304", kind=text(longest=35, shortest=1)),
            Field(
                name="schemeName",
                wrong="7131",
                members=(
                    Field(name="code", wrong="7301", kind=text(longest=4, shortest=1)),
                    Field(name="proprietary", wrong="7302", kind=text(longest=35, shortest=1)),
                ),
                apart=(Apart(one="code", other="proprietary", code=scheme),),
            ),
        ),
    )


_BIRTH = Field(
    name="dateAndPlaceOfBirth",
    wrong="7131",
    members=(
        Field(name="birthDate", wrong="7306", missing="7307", kind=day),
        Field(name="cityOfBirth", wrong="7308", missing="7341", kind=text(longest=35, shortest=1)),
        Field(name="countryOfBirth", wrong="7309", missing="7310", kind=text(longest=2, pattern=COUNTRY)),
    ),
)


_PARTY = _ultimate("ultimateCreditor", ("7330", "7331", "7332", "7333", "7334"))
"""Of the debtor only the codes differ."""


def _payment(type_code: str, reference_code: str) -> tuple[Field, ...]:
    """What both versions have."""
    return (
        Field(name="paymentAmount", wrong="5006", missing="7037", kind=PAYMENT),
        Field(name="paymentCurrency", wrong="7093", missing="7092", kind=CURRENCY),
        # What else it may not be is a rule: 5008, a 422.
        Field(name="endToEndId", wrong="7131", kind=style.or_number(text(longest=1_000))),
        Field(name="remittanceInformation", wrong="7035", kind=text(longest=140)),
        Field(name="requestedExecutionDate", wrong="5009", kind=day),
        Field(name="settlementDateShift", wrong="7004", kind=flag),
        Field(
            name="structuredRemittanceInformation",
            wrong="7131",
            members=(Field(name="creditorReference", wrong=reference_code, kind=text(longest=35)),),
        ),
        Field(name="type", wrong=type_code, kind=choice(*TYPES)),
        _PARTY,
        _ultimate("ultimateDebtor", ("7335", "7336", "7337", "7338", "7339")),
    )


_EITHER_REMITTANCE = Apart(one="remittanceInformation", other="structuredRemittanceInformation", code="7354")
_V1 = (
    *_payment("7131", "7131"),
    Field(name="originatorIban", wrong="7111", kind=iban),
    Field(name="originatorAccount", wrong="7131", members=account_fields("7111", "7131")),
)
_V1_APART = (_EITHER_REMITTANCE, Apart(one="originatorIban", other="originatorAccount", code="7158"))
_V2 = (
    *_payment("7175", "7353"),
    Field(name="originatorAccount", wrong="7172", missing="7172", members=account_fields("7111", "")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """In what the versions of a call differ."""

    body: Field
    body_with_beneficiary: Field
    style: Style
    """How the call below a beneficiary tells problems; that of ``/credittransfers`` gives details in both versions."""
    usual_type: str
    answers_first: bool
    """The call is answered before money and date are looked at: a later look at the transfer shows what came of it."""


V1 = Version(
    body=table(*_V1, apart=_V1_APART),
    body_with_beneficiary=table(*FIELDS, *_V1, apart=_V1_APART),
    style=CORE,
    usual_type=STANDARD,
    answers_first=False,
)
V2 = Version(
    body=table(*_V2, apart=(_EITHER_REMITTANCE,)),
    body_with_beneficiary=table(*FIELDS, *_V2, apart=(_EITHER_REMITTANCE,)),
    style=core(DETAILS),
    usual_type=FASTEST_POSSIBLE,
    answers_first=True,
)


# --- how one looks ---

INITIATED, READY_FOR_EXPORT, FAILED = "INITIATED", "READY_FOR_EXPORT", "FAILED"
_STATUSES = "READY_FOR_EXPORT REJECTED RECALLED EXPORTED ACCEPTED PENDING PENDING_SETTLEMENT INITIATED FAILED"
STATUSES = tuple(_STATUSES.split())
_SCHEMES = {
    ("EUR", True): ("SCT", "OUTGOING_CREDIT_TRANSFER"),
    ("EUR", False): ("SCT_INSTANT", "INSTANT_CREDIT_TRANSFER_OUT"),
    ("GBP", True): ("BACS", "OUTGOING_CREDIT_TRANSFER"),
    ("GBP", False): ("FPS", "OUTGOING_FPS_CREDIT_TRANSFER"),
}
"""By currency and whether the type is STANDARD: the payment scheme, and the transaction type of its booking."""


def scheme_of(currency: str, type: str) -> tuple[str, str]:
    return _SCHEMES[currency, type == STANDARD]


def _body(making: Making) -> Body:
    given, account, beneficiary = making.given, making.notes["account"], making.notes["beneficiary"]
    failing: Problem | None = making.notes["failing"]
    why = (failing.code, SENTENCES[failing.code], "Failure", making.today) if failing else ()
    of, uri, on = beneficiary["id"], beneficiary["uri"], given["requestedExecutionDate"].isoformat()
    return {
        "id": making.id,
        "uri": f"{uri}/credittransfers/{making.id}",
        "originatorIban": account["identification"]["iban"],
        "originatorAccount": account["identification"],
        "requestedExecutionDate": on,
        "actualExecutionDate": None if failing else on,
        "paymentAmount": float(given["paymentAmount"]),
        "paymentCurrency": given["paymentCurrency"],
        "endToEndId": given.get("endToEndId"),
        "remittanceInformation": given.get("remittanceInformation"),
        "structuredRemittanceInformation": given.get("structuredRemittanceInformation"),
        "paymentStatus": given.get("paymentStatus", FAILED if failing else READY_FOR_EXPORT),
        "settlementDateShift": given.get("settlementDateShift", False),
        "type": given["type"],
        "paymentScheme": making.notes["scheme"],
        "ultimateCreditor": _ultimate_shown(given.get("ultimateCreditor")),
        "ultimateDebtor": _ultimate_shown(given.get("ultimateDebtor")),
        "beneficiaryName": beneficiary["beneficiary"]["name"],
        "beneficiaryAccount": beneficiary["beneficiaryAccount"],
        "rejectDetails": style.reject_details(*why),
        "originalBeneficiaryAccount": complete({}),  # it is another only of a transfer that was sent back
        "links": [{"resourceType": "beneficiary", "id": of, "uri": uri}],
    }


def _seeded(making: Making) -> Body:
    """A credit transfer of the past: putting one moves no money."""
    if making.context:
        return _body(making)
    source = ACCOUNT.complete(making.given["account"], {}, making.now)
    target = BENEFICIARY.complete(making.given["beneficiary"], {}, making.now)
    scheme, _ = scheme_of(source["currency"], STANDARD)
    notes = {"account": source, "beneficiary": target, "scheme": scheme, "failing": None}
    on = {"paymentCurrency": source["currency"], "requestedExecutionDate": making.now.astimezone(UTC).date()}
    given = {**making.given, **on}
    return _body(Making(id=making.id, given=given, now=making.now, notes=notes))


def _notes(making: Making) -> Body:
    of = making.notes or {name: {"id": making.given[name]} for name in ("account", "beneficiary")}
    return {name: of[name]["id"] for name in ("account", "beneficiary")}


TRANSFER = Resource(
    kind="credittransfer",
    id=ID,
    body=_seeded,
    notes=_notes,
    below=(
        Below(param="beneficiaryId", resource=BENEFICIARY, key=f"{NOTES}.beneficiary"),
        Below(param="accountId", resource=ACCOUNT, key=f"{NOTES}.account"),
    ),
    index=(
        f"{NOTES}.beneficiary",
        f"{NOTES}.account",
        "endToEndId",
        "originatorIban",
        "paymentStatus",
        "requestedExecutionDate",
        "beneficiaryAccount.iban",
        Index(name="beneficiaryName", write=folded),
        Index(
            name="beneficiaryAccount",
            of=lambda body: [body["beneficiaryAccount"][name] for name in ("iban", "domesticAccountNumber")],
            write=folded,
        ),
    ),
    seeds=(
        Seed(name="account", kind=ID.kind, default=EURO),
        Seed(name="beneficiary", kind=ID.kind, default=KNOWN),
        Seed(name="paymentStatus", kind=choice(*STATUSES), default="ACCEPTED"),
        Seed(name="paymentAmount", kind=money(ZERO, HIGHEST), default="100"),
        Seed(name="type", kind=choice(*TYPES), default=TYPES[0]),
        Seed(name="endToEndId", kind=text(longest=35, shortest=1), default=lambda own, _: own[:35]),
    ),
)


def _ultimate_shown(party: Values | None) -> Body | None:
    """A party as the examples show it: null for each member that was not given. ``lei``, which is younger than they
    are, only where it was."""
    if party is None:
        return None
    shown = with_nulls(written(party, _PARTY), _PARTY)
    organisation = shown["organisationId"]
    if organisation and organisation["lei"] is None:
        del organisation["lei"]
    return shown


def show_v2(body: Body) -> Body:
    """v2 has no ``originatorIban``, and no BIC in the account that pays."""
    account = {name: value for name, value in body["originatorAccount"].items() if name != "bic"}
    left = {name: value for name, value in TRANSFER.shown(body).items() if name != "originatorIban"}
    return {**left, "originatorAccount": account}
