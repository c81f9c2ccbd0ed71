"""``POST /iban/validate``: whether an account can be, and what its IBAN or its domestic numbers say of it.

Source: "Validate Accounts" of Nuapay's API description. Only Nuapay's own bank is known here: of an account elsewhere
the reply says what the numbers themselves say, and no modulus is checked.
"""

from collections.abc import Mapping

from sandbox.providers.context import Body, ReadContext, Request, Response
from sandbox.providers.kit.calls import action
from sandbox.providers.kit.fields import Field, Values, read, table
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.kit.values import BIC, COUNTRY, iban, text
from sandbox.providers.nuapay.identification import BANK, SORT_CODE, british, complete
from sandbox.providers.nuapay.style import CORE, single

URI = "/iban/validate"
_DOMESTIC = ("domesticAccountNumber", "domesticBankCode", "domesticBranchCode", "domesticCheckSum", "accountCountry")
_ASKED = table(
    Field(name="iban", wrong="7098", kind=iban),
    Field(name="bic", wrong="7131", kind=text(longest=11, pattern=BIC)),
    Field(name="accountCountry", wrong="7067", kind=text(longest=2, pattern=COUNTRY)),
    Field(name="domesticAccountNumber", wrong="7076", kind=text(longest=20, shortest=1)),
    Field(name="domesticBankCode", wrong="7065", kind=text(longest=10, shortest=1)),
    Field(name="domesticBranchCode", wrong="7066", kind=text(longest=10, shortest=1)),
    Field(name="domesticCheckSum", wrong="7068", kind=text(longest=2, shortest=1)),
)
_BIC = "SELNGB21XXX"
_HOLDING_BANK: Mapping[str, object] = {
    "institutionName": "SENTENIAL LTD",
    "branchName": "Sentenial Ltd T/A Nuapay",
    "address": {"line1": "4th Floor", "line2": "35 Great St Helen's", "line3": "London", "postCode": "EC3A 6AP"},
    "telephoneNumber": "0203 1788729",
    "faxNumber": None,
    "closureDate": None,
    "redirectedTo": None,
}
"""Both from the example."""
_NUMBER_DIGITS = 8
"""Of a British account."""


def validate_account(request: Request, context: ReadContext) -> Response:
    """It changes nothing: whether it can be is all."""
    given = read(request.payload, _ASKED)
    if problems := [*_problems(given)]:
        refuse_fields(*problems)
    account = _account(given)
    own = _is_ours(account)
    return single(
        URI,
        {
            "uri": URI,
            "iban": account["iban"],
            "domesticAccountNumber": account["domesticAccountNumber"],
            # The schema calls it domesticAccountCountry, the request and the example do not.
            "accountCountry": account["domesticAccountCountry"],
            "domesticBankCode": account["domesticBankCode"],
            "domesticBranchCode": account["domesticBranchCode"],
            "domesticCheckSum": account["domesticCheckSum"],
            "bic": _BIC if own else given.get("bic"),
            "holdingBank": _HOLDING_BANK if own else None,
            "links": [],
        },
    )


def _problems(given: Values) -> list[Problem]:
    if "iban" in given:
        found = [name for name in _DOMESTIC if name in given]
        return [Problem(code="7099", field=name, seen=f"iban and {name}") for name in found[:1]]
    needed = {"domesticAccountNumber": "7075", "accountCountry": "7077"}
    return [Problem(code=code, field=name, seen="nothing") for name, code in needed.items() if name not in given]


def _account(given: Values) -> Body:
    """All that the numbers say. An IBAN is made of domestic ones only where the bank is known."""
    named = {name: value for name, value in given.items() if name != "accountCountry"}
    account = complete({**named, "domesticAccountCountry": given.get("accountCountry")})
    number = account["domesticAccountNumber"] or ""
    if (
        not account["iban"]
        and _is_ours(account)
        and len(number) == _NUMBER_DIGITS
        and number.isascii()
        and number.isdecimal()
    ):
        return british(number)
    return account


def _is_ours(account: Body) -> bool:
    if account["iban"]:
        return bool(account["iban"].startswith("GB") and account["iban"][4:8] == BANK)
    return (account["domesticAccountCountry"], account["domesticBranchCode"]) == ("GB", SORT_CODE)


ENDPOINTS = (action("POST", URI, validate_account, CORE, scopes=("account_validate",)),)
