"""Forms for accounts in countries without IBANs, and for local accounts beside an IBAN. Those in Asia have a file.

Types, members, patterns and lengths are those of recorded answers of ``account-requirements`` (January 2025); check
digits are those of the countries' own standards. Of Wise's long lists of banks a few are offered, and any code of the
right form is accepted.
"""

from collections.abc import Mapping
from dataclasses import replace

from sandbox.providers.wise.asian_accounts import ASIAN
from sandbox.providers.wise.bank_codes import clabe_good, cnpj_good, cpf_good, polish_account_good
from sandbox.providers.wise.forms import (
    BUSINESS,
    CHECKING,
    CHOOSE,
    EMAIL,
    PERSON,
    SAVINGS,
    SWIFT,
    Form,
    FormField,
    account,
    account_type,
    bank,
    local,
    phone,
)

_BRAZILIAN = bank(
    r"^\d{3}$",
    (
        ("237", "Banco Bradesco [237]"),
        ("341", "Banco Itau [341]"),
        ("033", "Banco Santander Brasil [033]"),
        ("104", "Caixa Economica Federal [104]"),
        ("260", "Nu Pagamentos S.A. [260]"),
    ),
)
_BRANCH = FormField(
    "branchCode", "Branch code", r"^[\d\-]{3,5}[\dxX]$", 4, 6, example="1234", validator="brazil-branch-code"
)
_CPF = FormField(
    "cpf",
    "Tax registration number (CPF)",
    r"^\d{3}\.?\d{3}\.?\d{3}-?\d{2}$",
    example="123.456.789-09",
    check=cpf_good,
    validator="brazil-cpf",
)
_CNPJ = FormField(
    "cnpj",
    "Tax registration number (CNPJ)",
    r"^\d{2}\.?\d{3}\.?\d{3}\/?\d{4}-?\d{2}$",
    example="64.753.719/0001-86",
    display="**.***.***/****-**",
    check=cnpj_good,
)

LOCAL: Mapping[str, tuple[Form, ...]] = {
    **ASIAN,
    "AUD": (
        local(
            "australian",
            "AU",
            FormField("bsbCode", "BSB code", r"^\d{3}\-?\d{3}$", 6, 7, example="802985", validator="bsb-code"),
            account(r"^\d{4,9}$", 4, 28, "123456789"),
            name=(3, 35),
        ),
        local(
            "australian_bpay",
            "AU",
            FormField("billerCode", "BPAY biller code", "^[0-9]{3,10}$", 3, 10, example="12345"),
            account(r"^(\s*(?:\d\s*){2,20})$", 2, 20, "0123456789"),
            title="BPAY",
            legal=BUSINESS,
        ),
    ),
    "BRL": (
        local(
            "brazil",
            "BR",
            _BRAZILIAN,
            _BRANCH,
            account(None, 2, 21, "12345678-9", validator="brazil-account-number"),
            account_type(CHECKING, SAVINGS),
            _CPF,
            legal=PERSON,
        ),
        local(
            "brazil_business",
            "BR",
            _BRAZILIAN,
            _BRANCH,
            account(None, 2, 21, "12345678-9"),
            account_type(CHECKING, SAVINGS),
            _CNPJ,
            title="Brazil local business",
            legal=BUSINESS,
        ),
    ),
    "CAD": (
        local(
            "canadian",
            "CA",
            FormField(
                "institutionNumber",
                "Institution number",
                r"\d{3}",
                3,
                3,
                example="006",
                validator="canadian-institution-number",
            ),
            FormField("transitNumber", "Transit number", r"\d{5}", 5, 5, example="04841"),
            account(r"\d{7,12}", 7, 12, "1234567"),
            account_type(CHECKING, ("SAVING", "Saving")),
            name=(3, 80),
        ),
        local(
            "interac",
            "CA",
            FormField("interacAccount", "Interac registered email", EMAIL.regexp, 6, 50, example=EMAIL.example),
            title="Interac",
        ),
    ),
    "CZK": (
        local(
            "czech",
            "CZ",
            FormField("prefix", "Account prefix (optional)", r"^\d{0,6}$", None, 6, required=False, example="000000"),
            account(r"^\d{10}$", 10, 10, "5060011118"),
            FormField("bankCode", "Bank code", r"^\d{4}$", 4, 4, example="5500"),
        ),
    ),
    "HUF": (
        local(
            "hungarian",
            "HU",
            account(
                r"^[1-9][0-9]{7}-?([0-9]{8})?-?[0-9]{8}$",
                16,
                26,
                "120000071234567800000008",
                validator="hungarian-account-number",
                display="********-********-********",
            ),
        ),
    ),
    "KES": (
        local(
            "kenya_mobile",
            "KE",
            account(r"^\+?\d{9,15}$", None, None, "+254123456789", "Mobile account number"),
            title="M-PESA",
        ),
        local(
            "kenya_local",
            "KE",
            bank(r"^\d{2}$", (("03", "ABSA Bank Kenya PLC [03]"), ("68", "Equity Bank [68]"))),
            account(r"^\d{8,20}$", 8, 20, "0023183991919"),
        ),
    ),
    "MXN": (
        local(
            "mexican",
            "MX",
            FormField(
                "clabe",
                "CLABE",
                r"^\d{5}\s?\d{8}\s?\d{5}$",
                18,
                20,
                example="032180000118359719",
                check=clabe_good,
            ),
            FormField("identificationNumber", "CURP/RFC", required=False),
            title="CLABE",
            name=(2, 40),
        ),
    ),
    "NGN": (
        local(
            "nigeria",
            "NG",
            bank(r"^\d{3,6}$", (("044", "Access Bank PLC [ABP]"), ("057", "Zenith Bank PLC [ZIB]"))),
            account(r"^\d{10}$", None, None, "0584412903"),
        ),
    ),
    "NZD": (
        local(
            "newzealand",
            "NZ",
            account(
                r"^\d{2}([- ])?\d{4}\1?\d{7}\1?\d{2,3}$",
                15,
                22,
                "00-0000-0000000-00",
                display="**-****-*******-***",
            ),
            shown="NewZealand",
            name=(3, 35),
        ),
    ),
    "PLN": (
        local(
            "polish",
            "PL",
            FormField("BIC", "Bank code (BIC/SWIFT)", None, 8, 11, required=False, example=CHOOSE),
            replace(
                account("^[0-9]{26}$", 26, 26, "61109010140000071219812874"),
                check=polish_account_good,
            ),
        ),
    ),
    "ZAR": (
        local(
            "southafrica",
            "ZA",
            bank(
                SWIFT,
                (("ABSAZAJJ", "ABSA Bank Ltd [ABSAZAJJ]"), ("NEDSZAJJ", "Nedbank Ltd [NEDSZAJJ]")),
                "Recipient's bank name [BIC/SWIFT]",
                key="swiftCode",
            ),
            account(r"^\d{7,16}$", 7, 16, "00052312891"),
            phone(7, 20, "+27111234567"),
            shown="SouthAfrica",
            name=(2, 35),
        ),
    ),
}
"""By currency, in the order in which Wise shows them."""
