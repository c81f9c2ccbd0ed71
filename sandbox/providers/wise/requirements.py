"""What Wise asks for about a recipient, as data: the form of ``account-requirements``, and what ``POST /v1/accounts``
is judged by.

Sources: recorded answers of ``GET /v1/quotes/{quoteId}/account-requirements`` for EUR; Wise's description 2026Q3 and
its guide for recipients in GBP and USD.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.providers.context import Body
from sandbox.providers.kit.fields import at
from sandbox.providers.kit.values import check_digits

_MAIL = (
    r"\s*[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+\s*"
)
_HOLDER = "^[0-9A-Za-zÀ-ÖØ-öø-ÿ-_()'*,.%#^@&{}~<>+$\"\\[\\]\\\\ ]+$"
STATES = ("US", "CA", "AU", "BR")
"""Countries whose addresses have a state: choosing one asks for it."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form, and what may stand in it."""

    key: str
    """Where it is in ``details``; ``accountHolderName`` stands beside them."""
    name: str
    regexp: str | None = None
    shortest: int | None = None
    longest: int | None = None
    required: bool = True
    refresh: bool = False
    """Whether the form may look otherwise when it is filled in."""
    example: str = ""
    display: str | None = None
    allowed: tuple[tuple[str, str], ...] = ()
    check: Callable[[str], str] | None = None
    """What is wrong with a value of the right form, in Wise's words; empty: nothing."""

    def wrong(self, value: object) -> str:
        """What is wrong with a value that was given; empty: nothing."""
        if not isinstance(value, str):
            return f"{self.name} must be a text"
        if self.allowed and value not in dict(self.allowed):
            return f"{self.name} must be one of {', '.join(dict(self.allowed))}"
        if not (self.shortest or 0) <= len(value) <= (self.longest or 255):
            return f"{self.name} must be {self.shortest or 0} to {self.longest or 255} characters long"
        if self.regexp and not _pattern(self.regexp).search(value):
            return f"Please enter a valid {self.name[:1].lower()}{self.name[1:]}."
        return self.check(value) if self.check else ""

    @property
    def form(self) -> Body:
        values = [{"key": key, "name": name} for key, name in self.allowed] or None
        group = {
            "key": self.key,
            "name": self.name,
            "type": "select" if self.allowed else "text",
            "refreshRequirementsOnChange": self.refresh,
            "required": self.required,
            "displayFormat": self.display,
            "example": self.example,
            "minLength": self.shortest,
            "maxLength": self.longest,
            "validationRegexp": self.regexp,
            "validationAsync": None,
            "valuesAllowed": values,
        }
        return {"name": self.name, "group": [group]}


def _pattern(regexp: str) -> re.Pattern[str]:
    return re.compile(regexp if regexp.startswith("^") else f"^(?:{regexp})$")


# --- what is really checked ---


def _digits(value: str) -> str:
    return re.sub(r"[\s-]", "", value)


_UNUSED_SORT_CODES = tuple(f"{first:02d}" for first in (47, 63, 64, 65, 66, 67, 68, 69, 85, 91, 96, 97, 99))
"""First two digits that no bank has."""
_FINTECH_SORT_CODES = ("230120", "230801", "231470", "231486", "232221", "236972")
"""Of 23, which is given out code by code, the ones that are widely known."""
UNKNOWN_SORT_CODE = (
    "Unknown bank code. Please check the sort code is correct, or contact customer support for more information."
)


def sort_code_known(value: str) -> str:
    """By its first digits: the register of all codes is not free."""
    code = _digits(value)
    bad = code[:2] in _UNUSED_SORT_CODES or len(set(code)) == 1
    return UNKNOWN_SORT_CODE if bad or (code[:2] == "23" and code not in _FINTECH_SORT_CODES) else ""


def routing_number_good(value: str) -> str:
    """The ABA's check digit: weights 3, 7, 1; and a first pair that is a Federal Reserve district."""
    code = _digits(value)
    total = sum(int(digit) * weight for digit, weight in zip(code, (3, 7, 1) * 3, strict=True))
    first = int(code[:2])
    district = first <= 12 or 21 <= first <= 32 or 61 <= first <= 72 or first == 80
    return "" if total % 10 == 0 and district and int(code) else "Please enter a valid ACH routing number."


IBAN_LENGTHS: Mapping[str, int] = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GI": 23, "GL": 18, "GR": 27, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "VA": 22,
}  # fmt: skip
"""ISO 13616: each country's own."""


def iban_good(value: str) -> str:
    code = _digits(value).upper()
    right = IBAN_LENGTHS.get(code[:2]) == len(code) and check_digits(code[4:], code[:2]) == code[2:4]
    return "" if right else "Please enter a valid IBAN."


# --- the forms ---

LEGAL = FormField(
    "legalType", "Recipient type", refresh=True, allowed=(("PRIVATE", "Person"), ("BUSINESS", "Business"))
)
EMAIL = FormField("email", "Email (Optional)", _MAIL, None, 255, required=False, example="example@example.ex")
HOLDER = FormField("accountHolderName", "Full name of the account holder", _HOLDER, 2, 140)
_COUNTRY = FormField("address.country", "Country", "^[A-Z]{2}$", 2, 2, refresh=True, example="US")
_STATE = FormField("address.state", "State", None, 2, 50, example="NY")
_ADDRESS = (
    _COUNTRY,
    FormField("address.city", "City", r"^.{1,255}$", 1, 255),
    FormField("address.firstLine", "Recipient address", r"^.{1,255}$", 1, 255),
    FormField("address.postCode", "Post code", r"^.{1,32}$", 1, 32),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One type of recipients."""

    type: str
    title: str
    shown: str
    """The type as the second version of recipients writes it."""
    asked: tuple[FormField, ...]
    account: str = ""
    """The member of ``details`` that is the account; and that of its bank."""
    bank: str = ""
    country: str | None = None
    labels: Mapping[str, str] | None = None

    def fields(self, details: Mapping[str, Any]) -> tuple[FormField, ...]:
        """What is asked of somebody who has filled in so much."""
        state = (_STATE,) if _COUNTRY in self.asked and at(details, "address.country") in STATES else ()
        return (*self.asked, *state)

    def form(self, details: Mapping[str, Any]) -> Body:
        fields = [one.form for one in self.fields(details)]
        return {"type": self.type, "title": self.title, "usageInfo": None, "fields": fields}


_LANGUAGES = (
    ("cs", "Czech"), ("de", "German"), ("en", "English"), ("es", "Spanish"), ("fr", "French"), ("hu", "Hungarian"),
    ("id", "Indonesian"), ("it", "Italian"), ("ja", "Japanese"), ("nl", "Dutch"), ("pt", "Portuguese"),
    ("pl", "Polish"), ("ru", "Russian"), ("ro", "Romanian"), ("tr", "Turkish"), ("zh", "Chinese"),
)  # fmt: skip
_STARS = "**** **** **** **** **** **** **** ****"
SORT_CODE = Form(
    type="sort_code",
    title="Local bank account",
    shown="SortCode",
    account="accountNumber",
    bank="sortCode",
    country="GB",
    labels={"sortCode": "UK sort code", "accountNumber": "Account number"},
    asked=(
        LEGAL,
        EMAIL,
        HOLDER,
        FormField(
            "sortCode",
            "UK sort code",
            r"^\d{2}-?\d{2}-?\d{2}$",
            6,
            8,
            example="231470",
            display="**-**-**",
            check=sort_code_known,
        ),
        FormField("accountNumber", "Account number", r"^\d{8}$", 8, 8, example="28821822"),
    ),
)
IBAN = Form(
    type="iban",
    title="Inside Europe",
    shown="Iban",
    account="iban",
    bank="bic",
    labels={"iban": "IBAN"},
    asked=(
        LEGAL,
        EMAIL,
        HOLDER,
        FormField(
            "BIC",
            "Bank code (BIC/SWIFT)",
            r"^[A-Za-z]{6}[A-Za-z\d]{2}([A-Za-z\d]{3})?$",
            8,
            11,
            required=False,
            example="BARCGB22XXX",
        ),
        FormField(
            "IBAN",
            "IBAN",
            "^[a-zA-Z]{2}[a-zA-Z0-9 ]{12,40}$",
            14,
            42,
            refresh=True,
            example="DE12345678901234567890",
            display=_STARS,
            check=iban_good,
        ),
    ),
)
ABA = Form(
    type="aba",
    title="Local bank account",
    shown="Aba",
    account="accountNumber",
    bank="abartn",
    country="US",
    labels={"abartn": "ACH routing number", "accountNumber": "Account number", "accountType": "Account type"},
    asked=(
        LEGAL,
        EMAIL,
        HOLDER,
        FormField("abartn", "ACH routing number", r"^\d{9}$", 9, 9, example="111000025", check=routing_number_good),
        FormField("accountNumber", "Account number", r"^[a-zA-Z0-9]{4,17}$", 4, 17, example="12345678"),
        FormField("accountType", "Account type", allowed=(("CHECKING", "Checking"), ("SAVINGS", "Savings"))),
        *_ADDRESS,
    ),
)
MAIL = Form(
    type="email",
    title="Email",
    shown="Email",
    asked=(
        FormField("email", "Email (Optional)", _MAIL, None, 255, example="example@example.ex"),
        FormField("accountHolderName", "Full name of the account holder", None, 2, 255),
        FormField("language", "Recipient's preferred language", required=False, allowed=_LANGUAGES),
    ),
)
FORMS = {form.type: form for form in (SORT_CODE, IBAN, ABA, MAIL)}
BY_CURRENCY: Mapping[str, tuple[Form, ...]] = {"GBP": (SORT_CODE, MAIL), "EUR": (IBAN, MAIL), "USD": (ABA, MAIL)}


def forms_for(currency: str, details: Mapping[str, Any]) -> list[Body]:
    """The forms for recipients in a currency; those of other currencies than these three are paid by e-mail."""
    return [form.form(details) for form in BY_CURRENCY.get(currency, (MAIL,))]
