"""How the form of a local account is put together: the usual three fields, and which of its own is what."""

from dataclasses import replace

from sandbox.providers.wise.bank_codes import iban_good
from sandbox.providers.wise.forms import EMAIL, HOLDER, LEGAL, Choices, Form, FormField

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
