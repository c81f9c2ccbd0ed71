"""What can be checked of a bank's code or an account's number without asking the bank: digits that check the others.

Each check gives what is wrong with a value of the right form, in Wise's words or in ours; empty: nothing.
"""

import re
from collections.abc import Mapping

from sandbox.providers.kit.values import check_digits


def bare(value: str) -> str:
    """Without what people write between the digits."""
    return re.sub(r"[\s./-]", "", value)


# --- the United Kingdom ---

_UNUSED_SORT_CODES = tuple(f"{first:02d}" for first in (47, 63, 64, 65, 66, 67, 68, 69, 85, 91, 96, 97, 99))
"""First two digits that no bank has."""
_FINTECH_SORT_CODES = ("230120", "230801", "231470", "231486", "232221", "236972")
"""Of 23, which is given out code by code, the ones that are widely known."""
UNKNOWN_SORT_CODE = (
    "Unknown bank code. Please check the sort code is correct, or contact customer support for more information."
)


def sort_code_known(value: str) -> str:
    """By its first digits: the register of all codes is not free."""
    code = bare(value)
    bad = code[:2] in _UNUSED_SORT_CODES or len(set(code)) == 1
    return UNKNOWN_SORT_CODE if bad or (code[:2] == "23" and code not in _FINTECH_SORT_CODES) else ""


# --- the United States ---


def routing_number_good(value: str) -> str:
    """The ABA's check digit: weights 3, 7, 1; and a first pair that is a Federal Reserve district."""
    code = bare(value)
    first = int(code[:2])
    district = first <= 12 or 21 <= first <= 32 or 61 <= first <= 72 or first == 80
    good = _weighed(code, (3, 7, 1) * 3) % 10 == 0 and district and int(code)
    return "" if good else "Please enter a valid ACH routing number."


# --- countries with IBANs ---

IBAN_LENGTHS: Mapping[str, int] = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
    "VA": 22,
}  # fmt: skip
"""ISO 13616: each country's own."""
_BAD_IBAN = "Please enter a valid IBAN."


def iban_good(value: str) -> str:
    code = bare(value).upper()
    right = IBAN_LENGTHS.get(code[:2]) == len(code) and check_digits(code[4:], code[:2]) == code[2:4]
    return "" if right else _BAD_IBAN


def polish_account_good(value: str) -> str:
    """A Polish number is the IBAN without its country."""
    return "" if not iban_good(f"PL{bare(value)}") else "Please enter a valid account number."


# --- Brazil, Mexico ---


def cpf_good(value: str) -> str:
    """A person's tax number: two digits, each of which checks all before it, modulo 11."""
    return _tax_number(value, (range(10, 1, -1), range(11, 1, -1)), "CPF")


def cnpj_good(value: str) -> str:
    """A company's: the same with weights from 2 to 9."""
    second = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return _tax_number(value, (second[1:], second), "CNPJ")


def _tax_number(value: str, weights: tuple[range | tuple[int, ...], ...], name: str) -> str:
    code = bare(value)
    for each in weights:
        rest = _weighed(code, each) % 11
        if int(code[len(each)]) != (0 if rest < 2 else 11 - rest):
            return f"Please enter a valid {name}."
    return f"Please enter a valid {name}." if len(set(code)) == 1 else ""


def clabe_good(value: str) -> str:
    """The last of 18 digits checks the others: weights 3, 7, 1, each product modulo 10."""
    *digits, last = (int(digit) for digit in bare(value))
    total = sum(digit * weight % 10 for digit, weight in zip(digits, (3, 7, 1) * 6, strict=False))
    return "" if -total % 10 == last else "Please enter a valid CLABE."


def _weighed(code: str, weights: range | tuple[int, ...]) -> int:
    """The sum of the first digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(code, weights, strict=False))
