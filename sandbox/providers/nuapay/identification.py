"""How an account is named: by its IBAN or by its domestic numbers, and what the one tells about the other.

Source: the examples of Nuapay's API descriptions, where every British IBAN stands with its sort code and number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.providers.context import Body, Context, ReadRows
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import check_digits

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
