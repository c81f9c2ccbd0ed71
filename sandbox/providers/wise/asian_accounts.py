"""Forms for local accounts in Asia.

Types, members, patterns and lengths are those of recorded answers of ``account-requirements`` (January 2025). Of Wise's
long lists of banks a few are offered, and any code of the right form is accepted.
"""

from collections.abc import Mapping
from dataclasses import replace

from sandbox.providers.wise.forms import (
    BUSINESS,
    CHECKING,
    CITY,
    PERSON,
    SHOWN_ADDRESS,
    SWIFT,
    Choices,
    Form,
    FormField,
    account,
    account_type,
    bank,
    iban,
    local,
    phone,
)

_KOREAN: Choices = (
    ("BUSAN_032", "Busan Bank"),
    ("KUKMIN_004", "Kookmin Bank"),
    ("SHINHAN_088", "Shinhan Bank"),
    ("WOORI_020", "Woori Bank"),
)
_KOREAN_BANK = bank(r"^[A-Z]+_\d{3}$", _KOREAN)
_KOREAN_ACCOUNT = account(r"^[\d-]+$", 10, 16, "1254693521232", "Account number (KRW accounts only)")
_WALLETS: Choices = (("PAYMAYA", "PayMaya"), ("GCASH", "GCash"), ("GBY", "GrabPay"), ("SPY", "Starpay"))
_DUITNOW = (
    ("ARMY_OR_POLICE_NUMBER", "Army/Police Number"),
    ("BUSINESS_REGISTRATION_NUMBER", "Business Registration Number"),
    ("MOBILE_NUMBER", "Mobile Number"),
    ("NRIC", "NRIC"),
)
_TOWN = replace(CITY, insisted=False)


ASIAN: Mapping[str, tuple[Form, ...]] = {
    "AED": (local("emirates", "AE", iban(r"^AE\d{21}$", 20, 28, "AE070331234567890123456")),),
    "CNY": (
        local(
            "chinese_alipay",
            "CN",
            account(None, 6, 254, "86-12345678901 or example@email.com", "Alipay ID (mobile number or email)"),
            title="Alipay",
            legal=PERSON,
        ),
        local(
            "chinese_wechatpay",
            "CN",
            account(r"^\+?([0-9]{1,3})-([0-9]{4,13})$", 8, 17, "+86-12345678901", "WeChat ID (mobile number)"),
            title="Weixin",
            legal=PERSON,
        ),
    ),
    "HKD": (
        local(
            "hong_kong_fps",
            "HK",
            account(None, 6, 34, "+852-56781234", "Email, FPS ID or mobile number linked to recipient account"),
            title="FPS ID",
            name=(3, 35),
        ),
        local(
            "hongkong",
            "HK",
            bank("^[A-Z0-9]{3}$", (("307", "ABN AMRO BANK N.V. [307]"), ("012", "BANK OF CHINA (HONG KONG) [012]"))),
            account(r"^\d{6,15}$", 6, 15, "231289112"),
        ),
    ),
    "IDR": (
        local(
            "indonesian",
            "ID",
            bank(r"^\d{5,7}$", (("140397", "Bank Central Asia (BCA)"), ("80017", "Bank Mandiri"))),
            account(r"^\d{7,18}$", 7, 18, "6789112345678", "Account number (IDR accounts only)"),
        ),
    ),
    "ILS": (
        local(
            "israeli_local",
            "IL",
            iban(r"^IL\d{2}([-_\s]?\d{4}){4}[-_\s]?\d{3}$", 23, 28, "IL620108000000099999999"),
            *SHOWN_ADDRESS,
            title="IBAN",
            name=(4, 100),
        ),
    ),
    "INR": (
        local(
            "indian",
            "IN",
            FormField(
                "ifscCode",
                "IFSC code",
                "^[A-Za-z]{4}0[A-Za-z0-9]{6}$",
                11,
                11,
                example="YESB0236041",
                validator="ifsc-code",
            ),
            account("^[a-zA-Z0-9]{5,20}$", 5, 20, "678911234567891"),
            *SHOWN_ADDRESS,
        ),
        local(
            "indian_upi",
            "IN",
            account(r"^[^\s@]+@[^\s@]+$", 5, 255, "wise@yesb", "UPI ID"),
            *SHOWN_ADDRESS,
            title="UPI",
        ),
    ),
    "JPY": (
        local(
            "japanese",
            "JP",
            replace(bank(r"^\d{4}$", (("0001", "Mizuho [0001]"), ("0009", "Sumitomo Mitsui [0009]"))), refresh=True),
            FormField("branchCode", "Branch name", r"^\d{3}$", 3, 3, example="Please choose recipient's branch"),
            account_type(("CURRENT", "Savings/General"), ("SAVINGS", "Savings deposit"), CHECKING, type="select"),
            account(r"^\d{2,7}$", 2, 7, "1234567"),
        ),
    ),
    "KRW": (
        local(
            "south_korean_paygate",
            "KR",
            FormField(
                "dateOfBirth",
                "Recipient's date of birth",
                r"^\d{4}\-\d{2}\-\d{2}$",
                example="yyyy-MM-dd",
                type="date",
            ),
            _KOREAN_BANK,
            _KOREAN_ACCOUNT,
            phone(10, 16, "01012345678"),
            title="PayGate",
            legal=PERSON,
        ),
        local(
            "south_korean_paygate_business",
            "KR",
            _KOREAN_BANK,
            _KOREAN_ACCOUNT,
            title="PayGate to business",
            legal=BUSINESS,
        ),
    ),
    "MYR": (
        local(
            "malaysian_duitnow",
            "MY",
            account_type(*_DUITNOW, type="select"),
            account(None, 9, 16, "+601122223333", "Duitnow ID"),
            title="DuitNow",
        ),
        local(
            "malaysian",
            "MY",
            bank(
                SWIFT,
                (("MBBEMYKL", "Maybank [MBBEMYKL]"), ("RHBBMYKL", "RHB Bank [RHBBMYKL]")),
                "Bank name [BIC/SWIFT]",
                key="swiftCode",
            ),
            account(r"^\d{6,20}$", 6, 20, "159012938613"),
            name=(3, 50),
        ),
    ),
    "PHP": (
        local(
            "philippines",
            "PH",
            bank("^[A-Z0-9]{2,11}$", (("AMA", "AMA Bank"), ("BDO", "BDO Unibank"))),
            account(r"^\d{7,20}$", 7, 20, "0044123", "Account number (PHP accounts only)"),
            _TOWN,
        ),
        local(
            "philippinesmobile",
            "PH",
            bank("^[A-Z]{3,11}$", _WALLETS, "Wallet provider"),
            account(r"^\+?\d{9,15}$", None, None, "639171234567", "Recipient's E-Wallet number"),
            _TOWN,
            title="E-Wallet",
        ),
    ),
    "SGD": (
        local(
            "singapore",
            "SG",
            bank("^[A-Z0-9]{4}$", (("7171", "DBS Bank Ltd POSB Bank"), ("7339", "OCBC"), ("7418", "BNP Paribas"))),
            account(r"^[\d -]+$", None, 25, "0052312891"),
            name=(3, 35),
        ),
        local(
            "singapore_paynow",
            "SG",
            account(None, 8, 14, "+6587654321", "Mobile number or Unique Entity Number (UEN)"),
            title="PayNow",
        ),
    ),
    "THB": (
        local(
            "thailand",
            "TH",
            bank(r"^\d{3}$", (("002", "Bangkok Bank Public Company"), ("004", "Kasikorn Bank"))),
            account(
                r"^((H?\d{2})|\d{3})-?\d{1}-?\d{5}-?\d{1,7}",
                5,
                17,
                "951-7-38426-0",
                display="***-*-*****-*******",
            ),
            *SHOWN_ADDRESS,
        ),
    ),
    "TRY": (local("turkish_earthport", "TR", iban(None, 2, None, "TR330006100519786457841326"), title="IBAN"),),
}
"""By currency, in the order in which Wise shows them."""
