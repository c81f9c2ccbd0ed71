"""How an account is named: by its IBAN or by its domestic numbers, and what the one tells about the other; and
``POST /iban/validate``, whether an account can be.

Sources: "Validate Accounts" and the examples of Nuapay's API descriptions, where every British IBAN stands with its
sort code and number. Only Nuapay's own bank is known here: of an account elsewhere the reply says what the numbers
themselves say, and no modulus is checked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, ReadRows, Request, Response
from sandbox.providers.kit.calls import action
from sandbox.providers.kit.fields import Field, Values, read, table
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import BIC, COUNTRY, check_digits, iban, text
from sandbox.providers.nuapay.style import CORE, single

BANK, SORT_CODE, OWN_BIC = "SELN", "009999", "SELNGB21"
"""Of the accounts in the examples."""
NAMED_BY = ("identification.iban", "identification.domesticAccountNumber")
"""By which index values accounts are found."""
_GB_LENGTH = 22
_DOMESTIC = ("domesticAccountNumber", "domesticBankCode", "domesticBranchCode", "domesticCheckSum")
_MEMBERS = ("iban", *_DOMESTIC, "domesticAccountCountry", "bic")


def complete(given: Mapping[str, Any]) -> Body:
    """All seven members, with what a British IBAN says of the domestic ones, and null for what nobody knows."""
    known = {"iban": given.get("iban"), **_from_iban(str(given.get("iban") or ""))}
    return {name: given.get(name) or known.get(name) for name in _MEMBERS}


def british(number: str) -> Body:
    """The account of that number at Nuapay's own sort code."""
    bban = f"{BANK}{SORT_CODE}{number}"
    return complete({"iban": f"GB{check_digits(bban, 'GB')}{bban}", "bic": OWN_BIC})


def fresh(context: Context) -> Body:
    """An account of a number that the client has not."""
    while True:
        made = british(f"{int(context.ids.hex(8), 16) % 10**8:08d}")
        if own_account(context.resources, made) is None:
            return made


def own_account(rows: ReadRows, given: Mapping[str, Any]) -> Body | None:
    """The client's account that is named so; a closed one too."""
    key, wanted = NAMED_BY[0], given.get("iban")
    if not wanted:
        key, wanted = NAMED_BY[1], given.get("domesticAccountNumber")
    if not wanted:
        return None
    found = (row.body for row in rows.find("account", (equals(key, wanted),)).rows)
    return next((account for account in found if same_account(account["identification"], given)), None)


def same_account(known: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether *given* means the account *known*: the same IBAN, or else the same domestic numbers."""
    if given.get("iban"):
        return bool(known["iban"] == given["iban"])
    if not given.get("domesticAccountNumber"):
        return False
    # What is left out is no difference: a number alone names the account with that number.
    names: Sequence[str] = ("domesticAccountNumber", "domesticBranchCode", "domesticBankCode", "domesticAccountCountry")
    return all(given.get(name) in (None, known.get(name)) for name in names)


def _from_iban(iban: str) -> Body:
    if not iban:
        return {}
    known: Body = {"domesticAccountCountry": iban[:2]}
    if iban.startswith("GB") and len(iban) == _GB_LENGTH:
        known.update(domesticBranchCode=iban[8:14], domesticAccountNumber=iban[14:])
    return known


URI = "/iban/validate"
_NOT_BESIDE_IBAN = (
    "domesticAccountNumber",
    "domesticBankCode",
    "domesticBranchCode",
    "domesticCheckSum",
    "accountCountry",
)
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
        found = [name for name in _NOT_BESIDE_IBAN if name in given]
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
