"""What Wise asks for about a recipient, by currency: accounts in the United Kingdom, Europe and the United States, by
SWIFT, and recipients by e-mail. Accounts elsewhere are in `local_accounts`.

Sources: recorded answers of ``account-requirements`` (January 2025); Wise's description 2026Q3.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.providers.context import Body
from sandbox.providers.wise.bank_codes import iban_good, routing_number_good, sort_code_known
from sandbox.providers.wise.forms import ADDRESS, EMAIL, HOLDER, LEGAL, Form, FormField
from sandbox.providers.wise.local_accounts import LOCAL

_LANGUAGES = (
    ("cs", "Czech"), ("de", "German"), ("en", "English"), ("es", "Spanish"), ("fr", "French"), ("hu", "Hungarian"),
    ("id", "Indonesian"), ("it", "Italian"), ("ja", "Japanese"), ("nl", "Dutch"), ("pt", "Portuguese"),
    ("pl", "Polish"), ("ru", "Russian"), ("ro", "Romanian"), ("tr", "Turkish"), ("zh", "Chinese"),
)  # fmt: skip
_STARS = "**** **** **** **** **** **** **** ****"
_SORT_CODE = FormField(
    "sortCode",
    "UK sort code",
    r"^\d{2}-?\d{2}-?\d{2}$",
    6,
    8,
    example="40-30-20",
    display="**-**-**",
    check=sort_code_known,
    validator="sort-code",
)
SORT_CODE = Form(
    type="sort_code",
    shown="SortCode",
    account="accountNumber",
    bank="sortCode",
    country="GB",
    labels={"sortCode": "UK sort code", "accountNumber": "Account number"},
    asked=(
        LEGAL,
        EMAIL,
        HOLDER,
        _SORT_CODE,
        FormField("accountNumber", "Account number", "[0-9]{8}", 8, 8, example="12345678"),
    ),
)
_BIC = FormField(
    "BIC",
    "Bank code (BIC/SWIFT)",
    r"^[A-Za-z]{6}[A-Za-z\d]{2}([A-Za-z\d]{3})?$",
    8,
    11,
    required=False,
    example="BARCGB22XXX",
)
_IBAN = FormField(
    "IBAN",
    "IBAN",
    "^[a-zA-Z]{2}[a-zA-Z0-9 ]{12,40}$",
    14,
    42,
    refresh=True,
    example="DE12345678901234567890",
    display=_STARS,
    check=iban_good,
)
IBAN = Form(
    type="iban",
    title="Inside Europe",
    shown="Iban",
    account="iban",
    bank="bic",
    labels={"iban": "IBAN"},
    asked=(LEGAL, EMAIL, HOLDER, _BIC, _IBAN),
)
_SWIFT_CODE = FormField(
    "swiftCode", "SWIFT / BIC code", "^[a-zA-Z]{6}(([a-zA-Z0-9]{2})|([a-zA-Z0-9]{5}))$", 8, 11, refresh=True,
    example="BUKBGB22",
)  # fmt: skip
SWIFT = Form(
    type="swift_code",
    title="Outside Europe",
    shown="SwiftCode",
    account="accountNumber",
    bank="swiftCode",
    labels={"swiftCode": "SWIFT / BIC code", "accountNumber": "IBAN / Account number"},
    asked=(
        LEGAL,
        EMAIL,
        HOLDER,
        _SWIFT_CODE,
        FormField("accountNumber", "IBAN / Account number", r"^[a-zA-Z0-9\s]{4,34}$", 4, 34),
    ),
)
_ABA = (
    LEGAL,
    EMAIL,
    HOLDER,
    FormField(
        "abartn", "Routing number", r"^\d{9}$", 9, 9, example="020123456", check=routing_number_good, validator="abartn"
    ),
    FormField("accountNumber", "Account number", r"^\d{4,17}$", 4, 17, example="12345678"),
    FormField("accountType", "Account type", allowed=(("CHECKING", "Checking"), ("SAVINGS", "Savings")), type="radio"),
    *ADDRESS,
)
ABA = Form(
    type="aba",
    title="ACH",
    shown="Aba",
    account="accountNumber",
    bank="abartn",
    country="US",
    labels={"abartn": "Routing number", "accountNumber": "Account number", "accountType": "Account type"},
    asked=_ABA,
)
FEDWIRE = replace(ABA, type="fedwire_local", title="Wire", shown="FedwireLocal")
MAIL = Form(
    type="email",
    title="Email",
    shown="Email",
    asked=(
        FormField("email", "Email (Optional)", EMAIL.regexp, None, 255, example="example@example.ex"),
        FormField("accountHolderName", "Full name of the account holder", None, 2, 255),
        FormField("language", "Recipient's preferred language", required=False, allowed=_LANGUAGES),
    ),
)
_CHOOSE = replace(_BIC, example="Please choose recipient's bank")
_PLAIN_IBAN = replace(IBAN, title="IBAN", asked=(LEGAL, EMAIL, HOLDER, _CHOOSE, _IBAN))
_ABROAD = replace(SWIFT, title="SWIFT", asked=(*SWIFT.asked, *ADDRESS))
"""In dollars: the recipient's address is asked for as at home."""
_IBANS = ("BGN", "CHF", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK")
_NO_MAIL = ("BRL", "CNY", "INR")
BY_CURRENCY: Mapping[str, tuple[Form, ...]] = {
    "GBP": (SORT_CODE, _PLAIN_IBAN, MAIL),
    "EUR": (IBAN, SWIFT, MAIL),
    "USD": (ABA, FEDWIRE, _ABROAD, MAIL),
    **{one: forms if one in _NO_MAIL else (*forms, MAIL) for one, forms in LOCAL.items()},
    **{one: (*LOCAL.get(one, ()), _PLAIN_IBAN, MAIL) for one in _IBANS},
}
"""In the order in which Wise shows them."""
FORMS = {form.type: form for forms in BY_CURRENCY.values() for form in forms}
"""By type; what a form asks for differs by currency, what its account is called does not."""


def forms_of(currency: str) -> tuple[Form, ...]:
    """Those of other currencies than the ones above are paid by e-mail."""
    return BY_CURRENCY.get(currency, (MAIL,))


def forms_for(currency: str, details: Mapping[str, Any], validators: str = "", *, address: bool = False) -> list[Body]:
    """The forms for recipients in a currency, as far as they are filled in; with an *address* where that is wanted."""
    wanted = (form.with_address() if address and form is not MAIL else form for form in forms_of(currency))
    return [form.form(details, validators) for form in wanted]
