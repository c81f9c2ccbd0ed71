"""How an account is named: by its IBAN or by its domestic numbers, and what the one tells about the other.

Source: the examples of Nuapay's API descriptions, where every British IBAN stands with its sort code and number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.providers.context import Body, Context
from sandbox.providers.nuapay.fields import Field
from sandbox.providers.nuapay.keeping import newest_first
from sandbox.providers.nuapay.values import BIC, COUNTRY, check_digits, iban, text

BANK, SORT_CODE, OWN_BIC = "SELN", "009999", "SELNGB21"
"""Of the accounts in the examples."""
_GB_LENGTH = 22


def members(iban_code: str, bic_code: str, *, longest: int = 20, codes_longest: int = 10) -> tuple[Field, ...]:
    """The members of an account in a body; *bic_code* empty where it has none."""
    named = (
        Field(name="iban", wrong=iban_code, kind=iban),
        Field(name="domesticAccountNumber", wrong="7076", kind=text(longest=longest, shortest=1)),
        Field(name="domesticBankCode", wrong="7065", kind=text(longest=codes_longest, shortest=1)),
        Field(name="domesticBranchCode", wrong="7066", kind=text(longest=codes_longest, shortest=1)),
        Field(name="domesticCheckSum", wrong="7068", kind=text(longest=2, shortest=1)),
        Field(name="domesticAccountCountry", wrong="7067", kind=text(longest=2, pattern=COUNTRY)),
    )
    return (*named, Field(name="bic", wrong=bic_code, kind=text(longest=11, pattern=BIC))) if bic_code else named


def complete(given: Mapping[str, Any]) -> Body:
    """All seven members, with what a British IBAN says of the domestic ones, and null for what nobody knows."""
    known = {"iban": given.get("iban"), **_from_iban(str(given.get("iban") or ""))}
    return {
        name: given.get(name) or known.get(name)
        for name in (
            "iban",
            "domesticAccountNumber",
            "domesticBankCode",
            "domesticBranchCode",
            "domesticCheckSum",
            "domesticAccountCountry",
            "bic",
        )
    }


def british(number: str) -> Body:
    """The account of that number at Nuapay's own sort code."""
    bban = f"{BANK}{SORT_CODE}{number}"
    return complete({"iban": f"GB{check_digits(bban, 'GB')}{bban}", "bic": OWN_BIC})


def fresh(context: Context) -> Body:
    """An account of a number that the client has not."""
    while own_account(context, made := british(f"{int(context.ids.hex(8), 16) % 10**8:08d}")) is not None:
        pass
    return made


def own_account(context: Context, given: Mapping[str, Any]) -> Body | None:
    """The client's account that is named so; a closed one too."""
    for account in newest_first(context.resources.all_of("account")):
        if same_account(account["identification"], given):
            return account
    return None


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
