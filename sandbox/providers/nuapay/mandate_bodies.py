"""What a mandate's bodies may hold; what becomes of them is ``mandates``'.

Source: the request schemas of "Mandates" in Nuapay's API description, and its "Error Codes".
"""

from sandbox.providers.kit.fields import Field, table
from sandbox.providers.kit.values import BIC, COUNTRY, EMAIL, choice, day, flag, iban, text
from sandbox.providers.nuapay.style import LANGUAGES, address_fields

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
