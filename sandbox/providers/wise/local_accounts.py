"""Forms for accounts in countries without IBANs and beyond Europe, and for local accounts beside an IBAN.

Types, members and lengths are those of Wise's older API documentation (2020, "Recipient Accounts"); check digits are
those of the countries' own standards. A bank that is chosen from a list at Wise is any code of the right form here.
"""

from collections.abc import Mapping

from sandbox.providers.wise.bank_codes import clabe_good, cnpj_good, cpf_good, iban_good, luhn_good, polish_account_good
from sandbox.providers.wise.forms import ADDRESS, EMAIL, HOLDER, LEGAL, Choices, Form, FormField

_TYPES = (("CHECKING", "Checking"), ("SAVINGS", "Savings"))


def _account(regexp: str, example: str, name: str = "Account number") -> FormField:
    return FormField("accountNumber", name, regexp, None, None, example=example)


def _bank(key: str, name: str, regexp: str, example: str, offered: Choices = ()) -> FormField:
    return FormField(key, name, regexp, None, None, example=example, offered=offered)


def _iban(example: str) -> FormField:
    pattern = "^[a-zA-Z]{2}[a-zA-Z0-9 ]{12,40}$"
    return FormField("IBAN", "IBAN", pattern, 14, 42, example=example, check=iban_good)


def _local(
    type: str,
    country: str,
    *fields: FormField,
    shown: str = "",
    title: str = "Local bank account",
    of_a: Mapping[str, tuple[FormField, ...]] | None = None,
) -> Form:
    """A form with the usual three fields before its own. Its account and bank are found among them."""
    names = {one.key.lower() if one.key == "IBAN" else one.key: one.name for one in fields}
    account = next((one for one in _ACCOUNTS if one in names), next(iter(names)))
    labels = {key: name for key, name in names.items() if not key.startswith("address.")}
    return Form(
        type=type,
        title=title,
        shown=shown or "".join(word.capitalize() for word in type.split("_")),
        asked=(LEGAL, EMAIL, HOLDER, *fields),
        of_a=of_a,
        account=account,
        bank=next((one for one in _BANKS if one in names), ""),
        country=country,
        labels=labels,
    )


_ACCOUNTS = ("accountNumber", "iban", "clabe", "bankgiroNumber", "interacAccount")
_BANKS = ("bankCode", "bsbCode", "ifscCode", "swiftCode", "institutionNumber", "clearingNumber")
_SWIFT = _bank("swiftCode", "SWIFT / BIC code", "^[a-zA-Z]{6}[a-zA-Z0-9]{2}([a-zA-Z0-9]{3})?$", "ABNAMYKL")
_PHONE = FormField("phoneNumber", "Recipient's phone number", r"^[+0-9 ()-]{4,20}$", 4, 20, example="+55 11 5555 5555")
_CPF = FormField("cpf", "Tax registration number (CPF)", r"^\d{3}\.?\d{3}\.?\d{3}-?\d{2}$", 11, 14, check=cpf_good)
_CNPJ = FormField(
    "cnpj", "Tax registration number (CNPJ)", r"^\d{2}\.?\d{3}\.?\d{3}\/?\d{4}-?\d{2}$", 14, 18, check=cnpj_good
)
_BUSINESS_NUMBER = FormField("businessNumber", "Business number (ABN, ARBN or ACN)", r"^[\d ]{9,14}$", 9, 14)
_BRAZILIAN = (("001", "Banco do Brasil"), ("033", "Santander"), ("104", "Caixa"), ("237", "Bradesco"), ("341", "Itaú"))
_SINGAPORE = (("7171", "DBS Bank"), ("7339", "OCBC Bank"), ("7375", "UOB"), ("9496", "Standard Chartered"))
_JAPANESE = (("0001", "Mizuho"), ("0005", "MUFG"), ("0009", "Sumitomo Mitsui"), ("0033", "PayPay Bank"))
_KOREAN = (("BUSAN_032", "Busan Bank"), ("KOOKMIN_004", "Kookmin Bank"), ("SHINHAN_088", "Shinhan Bank"))
_POLISH = FormField("accountNumber", "Account number", r"^[\d ]{26,32}$", 26, 32, check=polish_account_good)
_BIRTH = FormField("dateOfBirth", "Recipient's Date of Birth", r"^\d{4}\-\d{2}\-\d{2}$", type="date")

LOCAL: Mapping[str, tuple[Form, ...]] = {
    "AED": (_local("emirates", "AE", _iban("AE070331234567890123456")),),
    "AUD": (
        _local(
            "australian",
            "AU",
            _bank("bsbCode", "BSB code", r"^\d{3}-?\d{3}$", "023604"),
            _account(r"^\d{4,9}$", "123456789"),
            of_a={"BUSINESS": (_BUSINESS_NUMBER,)},
        ),
    ),
    "BRL": (
        _local(
            "brazil",
            "BR",
            _bank("bankCode", "Bank name", r"^\d{3}$", "001", _BRAZILIAN),
            _bank("branchCode", "Branch code", r"^\d{3,4}-?[\dxX]?$", "1234"),
            _account(r"^\d{1,12}-?[\dxX]{0,2}$", "12345678-9"),
            FormField("accountType", "Account type", allowed=_TYPES),
            _PHONE,
            of_a={"PRIVATE": (_CPF,), "BUSINESS": (_CNPJ,)},
        ),
    ),
    "CAD": (
        _local(
            "canadian",
            "CA",
            _bank("institutionNumber", "Institution number", r"^\d{3}$", "006"),
            _bank("transitNumber", "Transit number", r"^\d{5}$", "04841"),
            _account(r"^\d{7,12}$", "3456712"),
            FormField("accountType", "Account type", allowed=_TYPES),
        ),
        _local(
            "interac",
            "CA",
            FormField("interacAccount", "Interac registered email", EMAIL.regexp, None, 255, example=EMAIL.example),
            title="Interac",
        ),
    ),
    "CNY": (_local("chinese_alipay", "CN", _account(r"^(\+?[\d -]{8,20}|.+@.+)$", "+86 139 0000 0000", "Alipay ID")),),
    "CZK": (
        _local(
            "czech",
            "CZ",
            FormField("prefix", "Prefix", r"^\d{1,6}$", 1, 6, required=False, example="000000"),
            _account(r"^\d{2,10}$", "5060011118"),
            _bank("bankCode", "Bank code", r"^\d{4}$", "5500"),
        ),
    ),
    "HKD": (
        _local(
            "hongkong",
            "HK",
            _bank("bankCode", "Bank name", r"^\d{3}$", "307"),
            _account(r"^[\d-]{6,16}$", "005-231289-112"),
        ),
    ),
    "HUF": (_local("hungarian", "HU", _account(r"^\d{8}-?\d{8}(-?\d{8})?$", "12000000-12345678-00000000")),),
    "IDR": (
        _local(
            "indonesian", "ID", _bank("bankCode", "Bank name", r"^\d{3,7}$", "610306"), _account(r"^\d{5,20}$", "67891")
        ),
    ),
    "ILS": (_local("israeli_local", "IL", _iban("IL620108000000099999999")),),
    "INR": (
        _local(
            "indian",
            "IN",
            _bank("ifscCode", "IFSC code", "^[a-zA-Z]{4}0[a-zA-Z0-9]{6}$", "YESB0236041"),
            _account("^[0-9a-zA-Z]{4,20}$", "678911234567891"),
        ),
    ),
    "JPY": (
        _local(
            "japanese",
            "JP",
            _bank("bankCode", "Bank name", r"^\d{4}$", "6470", _JAPANESE),
            _bank("branchCode", "Branch name", r"^\d{3}$", "100"),
            _account(r"^\d{7}$", "1234567"),
            FormField("accountType", "Account type", allowed=(("CURRENT", "Current"), *_TYPES)),
        ),
    ),
    "KES": (
        _local(
            "kenya_local", "KE", _bank("bankCode", "Bank name", r"^\d{2}$", "35"), _account(r"^\d{6,20}$", "0023183991")
        ),
        _local("kenya_mobile", "KE", _account(r"^\+?254\d{9}$", "254700000000", "Phone number"), title="M-PESA"),
    ),
    "KRW": (
        _local(
            "south_korean_paygate",
            "KR",
            _BIRTH,
            _bank("bankCode", "Recipient Bank Name", r"^[A-Z0-9]+_\d{3}$", "BUSAN_032", _KOREAN),
            FormField("accountNumber", "Account number (KRW accounts only)", r"^[\d-]+$", 10, 16, example="1254693521"),
            title="PayGate",
        ),
    ),
    "MXN": (_local("mexican", "MX", FormField("clabe", "CLABE", r"^\d{18}$", 18, 18, check=clabe_good)),),
    "MYR": (_local("malaysian", "MY", _SWIFT, _account(r"^\d{5,20}$", "159012938613")),),
    "NGN": (
        _local(
            "nigeria", "NG", _bank("bankCode", "Bank name", r"^\d{3,6}$", "044"), _account(r"^\d{10}$", "0584412903")
        ),
    ),
    "NZD": (
        _local(
            "newzealand", "NZ", _account(r"^\d{2}-?\d{4}-?\d{7}-?\d{2,3}$", "03-1587-0050000-00"), shown="NewZealand"
        ),
    ),
    "PHP": (
        _local(
            "philippines",
            "PH",
            _bank("bankCode", "Bank name", "^[A-Z0-9]{2,11}$", "AMA"),
            _account(r"^\d{4,19}$", "004412345678"),
            *ADDRESS,
        ),
    ),
    "PLN": (_local("polish", "PL", _POLISH),),
    "SEK": (
        _local(
            "sweden_local",
            "SE",
            _bank("clearingNumber", "Clearing number", r"^\d{4}-?\d?$", "1234"),
            _account(r"^\d{1,10}$", "1234567"),
        ),
        _local(
            "bankgiro",
            "SE",
            FormField("bankgiroNumber", "Bankgiro number", r"^\d{3,4}-?\d{4}$", 7, 9, check=luhn_good),
            title="Bankgiro",
        ),
    ),
    "SGD": (
        _local(
            "singapore",
            "SG",
            _bank("bankCode", "Bank name", r"^\d{4}$", "7418", _SINGAPORE),
            _account(r"^[\d-]{4,17}$", "1238827822"),
        ),
    ),
    "THB": (
        _local(
            "thailand",
            "TH",
            _bank("bankCode", "Bank name", r"^\d{3}$", "002"),
            _account(r"^[\d-]{7,15}$", "9517384260"),
            *ADDRESS,
        ),
    ),
    "TRY": (_local("turkish_earthport", "TR", _iban("TR330006100519786457841326"), *ADDRESS),),
    "ZAR": (_local("southafrica", "ZA", _SWIFT, _account(r"^\d{4,16}$", "0000000052312891"), shown="SouthAfrica"),),
}
"""By currency."""
