"""What a credit transfer's body may hold, in each version of the calls; what becomes of it is ``credit_transfers``'.

Source: the request schemas and "Error Codes" of Nuapay's descriptions of credit transfers, v1 and v2.
"""

from dataclasses import dataclass

from sandbox.providers.kit.calls import Style
from sandbox.providers.kit.fields import Apart, Field, table
from sandbox.providers.kit.values import BIC, COUNTRY, LEI, choice, day, flag, iban, text
from sandbox.providers.nuapay.beneficiaries import FIELDS
from sandbox.providers.nuapay.style import CORE, CURRENCY, DETAILS, PAYMENT, account_fields, core

TYPES = STANDARD, EXPRESS, FASTEST_POSSIBLE = ("STANDARD", "EXPRESS", "FASTEST_POSSIBLE")


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


def _payment(type_code: str, reference_code: str) -> tuple[Field, ...]:
    """What both versions have."""
    return (
        Field(name="paymentAmount", wrong="5006", missing="7037", kind=PAYMENT),
        Field(name="paymentCurrency", wrong="7093", missing="7092", kind=CURRENCY),
        # What else it may not be is a rule: 5008, a 422.
        Field(name="endToEndId", wrong="7131", kind=text(longest=1_000)),
        Field(name="remittanceInformation", wrong="7035", kind=text(longest=140)),
        Field(name="requestedExecutionDate", wrong="5009", kind=day),
        Field(name="settlementDateShift", wrong="7004", kind=flag),
        Field(
            name="structuredRemittanceInformation",
            wrong="7131",
            members=(Field(name="creditorReference", wrong=reference_code, kind=text(longest=35)),),
        ),
        Field(name="type", wrong=type_code, kind=choice(*TYPES)),
        _ultimate("ultimateCreditor", ("7330", "7331", "7332", "7333", "7334")),
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
