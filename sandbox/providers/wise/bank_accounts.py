"""What account details look like by currency: titles and banks, masked examples, and numbers that are issued.

Source: a recorded answer of ``GET /v1/profiles/{profileId}/account-details``. What is issued is the sandbox's own:
numbers that no bank has given to anybody, whose check digits are right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_HOLDER, _BANK = ("ACCOUNT_HOLDER", "Account holder"), ("BANK_NAME_AND_ADDRESS", "Bank name and address")
_IBAN, _NUMBER = ("IBAN", "IBAN"), ("ACCOUNT_NUMBER", "Account number")
SWIFT = ("SWIFT_CODE", "Swift/BIC")
FEATURES = (
    ("LOCAL_RECEIVE", "Receive locally"),
    ("SWIFT", "Receive internationally (Swift)"),
    ("DIRECT_DEBITS", "Set up Direct Debits"),
    ("PLATFORM_RECEIVE", "Receive from PayPal and Stripe"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What account details in one currency look like."""

    name: str
    """Of the currency."""
    subtitle: str
    address: str
    """Name and address of the bank, a line each."""
    local: tuple[tuple[str, str], ...]
    """Type and title of what a payer in the country needs, in order."""
    abroad: tuple[tuple[str, str], ...] = ()
    supported: tuple[bool, ...] = (True, True, True, True)
    """Which of the four features the account has."""
    masked: Mapping[str, str]
    """By type, what an example shows."""
    issued: Callable[[int], Mapping[str, str]]
    """By type, what the account with that serial number has."""


def iban(country: str, bban: str) -> str:
    """With its check digits (ISO 13616), in groups of four."""
    digits = "".join(str(int(one, 36)) for one in f"{bban}{country}00")
    whole = f"{country}{98 - int(digits) % 97:02d}{bban}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def _belgian(number: int) -> Mapping[str, str]:
    """Bank 967 is Wise's; the last two digits of a Belgian number are its own check."""
    account = f"967{number % 10**7:07d}"
    return {"SWIFT_CODE": "TRWIBEB1XXX", "IBAN": iban("BE", f"{account}{int(account) % 97 or 97:02d}")}


def _british(number: int) -> Mapping[str, str]:
    account = f"{number % 10**8:08d}"
    code = {"BANK_CODE": "23-14-70", "SWIFT_CODE": "TRWIGB2LXXX"}
    return {**code, "ACCOUNT_NUMBER": account, "IBAN": iban("GB", f"TRWI231470{account}")}


def _hungarian(number: int) -> Mapping[str, str]:
    """The bank of eight digits and the account of sixteen each end in a check digit, weighed 9, 7, 3, 1."""
    bank, account = _checked("1260001"), f"{number % 10**7:07d}"
    whole = bank + _checked(f"{account}{0:08d}")
    written = "-".join(whole[at : at + 8] for at in (0, 8, 16))
    return {"ACCOUNT_NUMBER": written, "SWIFT_CODE": "TRWIBEBBXXX", "IBAN": iban("HU", whole)}


def _checked(digits: str) -> str:
    weighed = sum(int(digit) * (9, 7, 3, 1)[at % 4] for at, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


_LONDON = "TransferWise\n56 Shoreditch High Street\nLondon\nE1 6JJ\nUnited Kingdom"
_BRUSSELS = "TransferWise Europe SA\nSquare de Meeûs 38 bte 40\nBrussels\n1000\nBelgium"
_NEW_YORK = "TransferWise\n19 W 24th Street\nNew York NY 10010\nUnited States"
_SINGAPORE = {
    "SUPPORTED_PAYMENT_NETWORK": "FAST",
    "BANK_NAME": "DBS Bank Ltd",
    "ADDRESS": "56 Shoreditch High Street\nLondon E1 6JJ",
}
_MALAYSIA = {"PARTNER_BANK_NAME": "JPMorgan Chase Bank Berhad"}
DETAILS: Mapping[str, Details] = {
    "EUR": Details(
        name="Euro",
        subtitle="IBAN and Swift/BIC",
        address=_BRUSSELS,
        local=(_HOLDER, ("SWIFT_CODE", "BIC"), _IBAN, _BANK),
        abroad=(_HOLDER, SWIFT, _IBAN, _BANK),
        masked={"SWIFT_CODE": "TRWIBxxxxxx", "IBAN": "BE29 9670 xxxx xxxx"},
        issued=_belgian,
    ),
    "GBP": Details(
        name="British pound (accepts US dollar)",
        subtitle="UK sort code, account number and IBAN to receive US dollars + 22 other currencies",
        address=_LONDON,
        local=(_HOLDER, ("BANK_CODE", "Sort code"), _NUMBER, _IBAN, _BANK),
        abroad=(_HOLDER, SWIFT, _IBAN, _BANK),
        masked={
            "BANK_CODE": "23-1x-xx",
            "ACCOUNT_NUMBER": "1000xxxx",
            "SWIFT_CODE": "TRWIGB2L",
            "IBAN": "GB77 TRWI 2314 7010 0000 00",
        },
        issued=_british,
    ),
    "USD": Details(
        name="US dollar",
        subtitle="Routing number (ACH or ABA), account number and Swift/BIC",
        address=_NEW_YORK,
        local=(_HOLDER, ("ROUTING_NUMBER", "Wire routing number"), _NUMBER, ("ACCOUNT_TYPE", "Account type"), _BANK),
        abroad=(_HOLDER, ("ROUTING_NUMBER", "Routing number"), SWIFT, _NUMBER, _BANK),
        masked={
            "ROUTING_NUMBER": "026073008",
            "ACCOUNT_NUMBER": "8xx00xxxxx",
            "ACCOUNT_TYPE": "Checking",
            "SWIFT_CODE": "CMFGxxxx",
        },
        issued=lambda number: {
            "ROUTING_NUMBER": "026073008",
            "ACCOUNT_NUMBER": f"83{number % 10**8:08d}",
            "ACCOUNT_TYPE": "Checking",
            "SWIFT_CODE": "CMFGUS33",
        },
    ),
    "AUD": Details(
        name="Australian dollar",
        subtitle="BSB code, account number and Swift/BIC",
        address="",
        local=(_HOLDER, ("BANK_CODE", "BSB code"), _NUMBER),
        supported=(True, False, True, False),
        masked={"BANK_CODE": "802xxx", "ACCOUNT_NUMBER": "6129xxxxx"},
        issued=lambda number: {"BANK_CODE": "802985", "ACCOUNT_NUMBER": f"6129{number % 10**5:05d}"},
    ),
    "NZD": Details(
        name="New Zealand dollar",
        subtitle="Account number and Swift/BIC",
        address="",
        local=(_HOLDER, _NUMBER),
        supported=(True, False, False, False),
        masked={"ACCOUNT_NUMBER": "02-1290-0xxxxxx-xxx"},
        issued=lambda number: {"ACCOUNT_NUMBER": f"02-1290-0{number % 10**6:06d}-000"},
    ),
    "CAD": Details(
        name="Canadian dollar",
        subtitle="Institution number, transit number, account number and Swift/BIC",
        address="Peoples Trust\n595 Burrard Street\nVancouver BC V7X 1L7\nCanada",
        local=(_HOLDER, ("ROUTING_NUMBER", "Institution number"), _NUMBER, _BANK),
        supported=(True, False, True, False),
        masked={"ROUTING_NUMBER": "6xx", "ACCOUNT_NUMBER": "200110xxxxxx"},
        issued=lambda number: {"ROUTING_NUMBER": "621", "ACCOUNT_NUMBER": f"200110{number % 10**6:06d}"},
    ),
    "HUF": Details(
        name="Hungarian forint",
        subtitle="Bank code, account number, IBAN and Swift/BIC",
        address=_BRUSSELS,
        local=(_HOLDER, _NUMBER, _BANK),
        abroad=(_HOLDER, SWIFT, _IBAN, _BANK),
        supported=(True, False, False, False),
        masked={
            "ACCOUNT_NUMBER": "12600016-0000xxxx-xxxxxxxx",
            "SWIFT_CODE": "TRWIBxxxxxx",
            "IBAN": "HU68 1260 0016 0000 0000 0000 0000",
        },
        issued=_hungarian,
    ),
    "MYR": Details(
        name="Malaysian ringgit",
        subtitle="Account number",
        address="",
        local=(_HOLDER, ("PARTNER_BANK_NAME", "Partner bank name"), _NUMBER),
        supported=(False, False, False, False),
        masked={**_MALAYSIA, "ACCOUNT_NUMBER": "3120000xxxxxxxx"},
        issued=lambda number: {**_MALAYSIA, "ACCOUNT_NUMBER": f"3120000{number % 10**8:08d}"},
    ),
    "RON": Details(
        name="Romanian leu",
        subtitle="Bank code, account number and IBAN",
        address="Libra Internet Bank\nCalea Vitan Nr. 6-6A\nBucuresti\n031296\nRomania",
        local=(_HOLDER, ("SWIFT_CODE", "Bank code"), _NUMBER, _BANK),
        supported=(True, False, False, False),
        masked={"SWIFT_CODE": "BRELRxxxxxx", "ACCOUNT_NUMBER": "RO83 BREL 0005 xxxx xxxx xxxx"},
        issued=lambda number: {
            "SWIFT_CODE": "BRELROBUXXX",
            "ACCOUNT_NUMBER": iban("RO", f"BREL0005{number % 10**12:012d}"),
        },
    ),
    "SGD": Details(
        name="Singapore dollar",
        subtitle="Bank code, account number and Swift/BIC",
        address="DBS Bank Ltd",
        local=(
            ("SUPPORTED_PAYMENT_NETWORK", "Payment network"),
            _HOLDER,
            ("BANK_NAME", "Bank name"),
            ("BANK_CODE", "Bank code"),
            _NUMBER,
            ("ADDRESS", "Wise\u2019s address"),
        ),
        supported=(True, False, False, False),
        masked={**_SINGAPORE, "BANK_CODE": "71xx", "ACCOUNT_NUMBER": "885-074-xxx-xxx"},
        issued=lambda number: {
            **_SINGAPORE,
            "BANK_CODE": "7171",
            "ACCOUNT_NUMBER": f"885-074-{number // 1000 % 1000:03d}-{number % 1000:03d}",
        },
    ),
    "TRY": Details(
        name="Turkish lira",
        subtitle="IBAN",
        address="",
        local=(_HOLDER, _IBAN),
        supported=(True, False, False, False),
        masked={"IBAN": "TR29 0010 3000 0xxx xxxx xxxx xx"},
        issued=lambda number: {"IBAN": iban("TR", f"001030000{number % 10**13:013d}")},
    ),
}
