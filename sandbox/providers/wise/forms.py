"""Wise's forms: what is asked of somebody about a recipient or an address, and what is wrong with an answer.

The same form is shown by ``account-requirements`` and judges ``POST /v1/accounts``. Sources: recorded answers of
``GET /v1/quotes/{quoteId}/account-requirements``; Wise's description 2026Q3.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from sandbox.providers.context import Body
from sandbox.providers.kit.fields import at
from sandbox.providers.kit.values import is_unicode
from sandbox.providers.wise.bank_codes import iban_good
from sandbox.providers.wise.places import COUNTRIES, STATES

Choices = tuple[tuple[str, str], ...]
"""What may be chosen: the key that is sent, and the name that people see."""
UNLIMITED = 255
"""Characters of a text whose length no form limits: that of a column of Wise's older tables."""
MOST_NAMED = 20
"""Of what may be chosen, as a refusal repeats it."""


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
    allowed: Choices = ()
    offered: Choices = ()
    """The same of a list that is longer at Wise than here: others of the right form are accepted."""
    check: Callable[[str], str] | None = None
    """What is wrong with a value of the right form, in Wise's words; empty: nothing."""
    type: Literal["text", "select", "radio", "date"] = "text"
    """``text``: a select where there is something to choose."""
    insisted: bool = True
    """Whether a recipient without it is refused; otherwise only the form says that it is required."""
    validator: str = ""
    """The last part of the address that checks a value, where Wise's form names one."""

    def wrong(self, value: object) -> str:
        """What is wrong with a value that was given; empty: nothing."""
        if not isinstance(value, str) or not is_unicode(value):
            return f"{self.name} must be a text"
        if self.allowed and value.upper() not in (key.upper() for key, _ in self.allowed):
            return f"{self.name} must be one of {', '.join(list(dict(self.allowed))[:MOST_NAMED])}"
        if not (self.shortest or 0) <= len(value) <= (self.longest or UNLIMITED):
            return f"{self.name} must be {self.shortest or 0} to {self.longest or UNLIMITED} characters long"
        if self.regexp and not _pattern(self.regexp).search(value):
            return f"Please enter a valid {self.name[:1].lower()}{self.name[1:]}."
        return self.check(value) if self.check else ""

    def form(self, validators: str = "") -> Body:
        """As it is shown; *validators* is the address below which values are checked."""
        choices = self.allowed or self.offered
        param = {"key": self.key, "parameterName": self.key, "required": True}
        group = {
            "key": self.key,
            "name": self.name,
            "type": "select" if choices and self.type == "text" else self.type,
            "refreshRequirementsOnChange": self.refresh,
            "required": self.required,
            "displayFormat": self.display,
            "example": self.example,
            "minLength": self.shortest,
            "maxLength": self.longest,
            "validationRegexp": self.regexp,
            "validationAsync": {"url": validators + self.validator, "params": [param]} if self.validator else None,
            "valuesAllowed": [{"key": key, "name": name} for key, name in choices] or None,
        }
        return {"name": self.name, "group": [group]}


def _pattern(regexp: str) -> re.Pattern[str]:
    return re.compile(regexp if regexp.startswith("^") else f"^(?:{regexp})$", re.ASCII)


# --- fields that many forms have ---

_MAIL = (
    r"\s*[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+\s*"
)
_HOLDER = "^[0-9A-Za-zÀ-ÖØ-öø-ÿ-_()'*,.%#^@&{}~<>+$\"\\[\\]\\\\ ]+$"
LEGAL = FormField(
    "legalType",
    "Recipient type",
    refresh=True,
    allowed=(("PRIVATE", "Person"), ("BUSINESS", "Business")),
    insisted=False,
)
EMAIL = FormField("email", "Email (Optional)", _MAIL, None, 255, required=False, example="example@example.ex")
HOLDER = FormField("accountHolderName", "Full name of the account holder", _HOLDER, 2, 140)
COUNTRY = FormField("address.country", "Country", refresh=True, example="Choose a country", allowed=COUNTRIES)
CITY = FormField("address.city", "City", r"^.{1,255}$", 1, 255)
ADDRESS = (
    COUNTRY,
    CITY,
    FormField("address.firstLine", "Recipient address", r"^.{1,255}$", 1, 255),
    FormField("address.postCode", "Post code", r"^.{1,32}$", 1, 32),
)
SHOWN_ADDRESS = tuple(replace(one, insisted=False) for one in ADDRESS)
"""Where the form asks for it on some ways to send money, and the recipient can be made without."""


def state_of(country: object) -> tuple[FormField, ...]:
    """The state, which addresses of a few countries have."""
    if not isinstance(country, str) or country not in STATES:
        return ()
    return (FormField("address.state", "State", None, 2, 50, example="NY", offered=STATES[country]),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One type of recipients."""

    type: str
    title: str = "Local bank account"
    shown: str
    """The type as the second version of recipients writes it."""
    asked: tuple[FormField, ...]
    account: str = ""
    """The member of ``details`` that is the account; and that of its bank, if there is one."""
    bank: str = ""
    country: str | None = None
    labels: Mapping[str, str] | None = None

    def fields(self, details: Mapping[str, Any]) -> tuple[FormField, ...]:
        """What is asked of somebody who has filled in so much."""
        state = state_of(country_of(details)) if COUNTRY in self.asked else ()
        return (*self.asked, *state)

    def form(self, details: Mapping[str, Any], validators: str = "") -> Body:
        fields = [one.form(validators) for one in self.fields(details)]
        return {"type": self.type, "title": self.title, "usageInfo": None, "fields": fields}

    def with_address(self) -> "Form":
        """The same form with the recipient's address in it."""
        has_one = any(one.key == COUNTRY.key for one in self.asked)
        return self if has_one else replace(self, asked=(*self.asked, *ADDRESS))


def country_of(details: Mapping[str, Any]) -> Any:
    """Of an address; Wise's own collections of requests write ``countryCode``."""
    return at(details, "address.country") or at(details, "address.countryCode")


PERSON = replace(LEGAL, allowed=(("PRIVATE", "Person"),))
BUSINESS = replace(LEGAL, allowed=(("BUSINESS", "Business"),))
_LOCAL, CHOOSE = "Local bank account", "Please choose recipient's bank"
_ACCOUNTS = ("accountNumber", "iban", "clabe", "interacAccount")
_BANKS = ("bankCode", "bsbCode", "ifscCode", "swiftCode", "institutionNumber", "billerCode")


def local(
    type: str,
    country: str,
    *fields: FormField,
    title: str = _LOCAL,
    shown: str = "",
    legal: FormField = LEGAL,
    name: tuple[int, int] = (2, 140),
) -> Form:
    """A form with the usual three fields before its own. Its account and bank are found among them."""
    holder = replace(HOLDER, shortest=name[0], longest=name[1])
    names = {one.key.lower() if one.key in ("IBAN", "BIC") else one.key: one.name for one in fields}
    return Form(
        type=type,
        title=title,
        shown=shown or "".join(word.capitalize() for word in type.split("_")),
        asked=(legal, EMAIL, holder, *fields),
        account=next(one for one in _ACCOUNTS if one in names),
        bank=next((one for one in _BANKS if one in names), ""),
        country=country,
        labels={key: name for key, name in names.items() if not key.startswith("address.")},
    )


def account(
    regexp: str | None,
    shortest: int | None,
    longest: int | None,
    example: str,
    name: str = "Account number",
    *,
    validator: str = "",
    display: str | None = None,
) -> FormField:
    return FormField(
        "accountNumber", name, regexp, shortest, longest, example=example, validator=validator, display=display
    )


def bank(pattern: str, offered: Choices, name: str = "Bank name", *, key: str = "bankCode") -> FormField:
    """A select at Wise: its pattern is ours, for codes that are not offered here."""
    return FormField(key, name, pattern, None, None, example=CHOOSE, offered=offered)


def iban(pattern: str | None, shortest: int, longest: int | None, example: str) -> FormField:
    stars = "**** **** **** **** **** ***"
    return FormField("IBAN", "IBAN", pattern, shortest, longest, example=example, display=stars, check=iban_good)


def account_type(*allowed: tuple[str, str], type: str = "radio") -> FormField:
    radio = type == "radio"
    return FormField("accountType", "Account type", allowed=allowed, type="radio" if radio else "select")


CHECKING, SAVINGS = ("CHECKING", "Checking"), ("SAVINGS", "Savings")
SWIFT = "^[a-zA-Z]{6}[a-zA-Z0-9]{2}([a-zA-Z0-9]{3})?$"


def phone(shortest: int, longest: int, example: str) -> FormField:
    return FormField(
        "phoneNumber", "Recipient's phone number", None, shortest, longest, required=False, example=example
    )
