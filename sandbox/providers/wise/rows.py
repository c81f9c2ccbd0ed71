"""The rows that a client of Wise's has: profiles, balances, transfers; how each looks when it is new.

Sources: recorded answers of Wise's sandbox (transfers, balances); the JWS guide, whose example funds transfer 12345 of
profile 12345. There are no quotes and recipients behind a transfer yet: their ids are made up.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sandbox.errors import Misuse
from sandbox.providers.context import Body, Row
from sandbox.providers.wise.money import amount, number

GUIDE_ID = "12345"
"""Profile and transfer of the JWS guide's example."""
WAITING = "incoming_payment_waiting"
PROCESSING = "processing"
STATES = (
    WAITING,
    PROCESSING,
    "funds_converted",
    "outgoing_payment_sent",
    "cancelled",
    "funds_refunded",
    "bounced_back",
)
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_ID = re.compile(r"[1-9][0-9]{0,17}\Z")
"""Ids are int64."""
RICH = Decimal(1_000_000)
"""What a fresh sandbox account of Wise's holds in each currency."""


def starts_with(now: datetime) -> Sequence[Row]:
    """What the guide's commands need: one profile, two balances, one transfer that waits for its money."""
    return (
        Row(kind="profile", id=GUIDE_ID, body=profile(GUIDE_ID, {}, now)),
        Row(kind="balance", id="236839", body=balance("236839", {"currency": "GBP"}, now)),
        Row(kind="balance", id="236840", body=balance("236840", {"currency": "EUR"}, now)),
        Row(kind="transfer", id=GUIDE_ID, body=transfer(GUIDE_ID, {}, now)),
    )


def profile(id: str, given: Body, now: datetime) -> Body:
    _only(given, "type", "businessName")
    return {
        "type": _one_of(given.get("type", "BUSINESS"), "type", ("BUSINESS", "PERSONAL")),
        "id": _int(id, "id"),
        "businessName": str(given.get("businessName", "Sandbox Ltd"))[:100],
    }


def balance(id: str, given: Body, now: datetime) -> Body:
    _only(given, "currency", "amount", "profile")
    return {
        "id": _int(id, "id"),
        "profile": _int(given.get("profile", GUIDE_ID), "profile"),
        "currency": _currency(given.get("currency", "GBP"), "currency"),
        "amount": number(amount(given.get("amount", RICH), "amount")),
        "type": "STANDARD",
        "created": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


def transfer(id: str, given: Body, now: datetime) -> Body:
    fields = (
        "profile",
        "status",
        "sourceCurrency",
        "sourceValue",
        "targetCurrency",
        "targetValue",
        "reference",
        "rate",
    )
    _only(given, *fields)
    profile_id = _int(given.get("profile", GUIDE_ID), "profile")
    return {
        "id": _int(id, "id"),
        "user": profile_id,
        "targetAccount": 700615291,
        "sourceAccount": None,
        "quote": None,
        "quoteUuid": f"00000000-0000-4000-8000-{_int(id, 'id'):012d}"[:36],
        "status": _one_of(given.get("status", WAITING), "status", STATES),
        "reference": str(given.get("reference", "Sandbox"))[:100],
        "rate": number(amount(given.get("rate", "1.20"), "rate")),
        "created": f"{now:%Y-%m-%d %H:%M:%S}",
        "business": profile_id,
        "transferRequest": None,
        "details": {"reference": str(given.get("reference", "Sandbox"))[:100]},
        "hasActiveIssues": False,
        "sourceCurrency": _currency(given.get("sourceCurrency", "GBP"), "sourceCurrency"),
        "sourceValue": number(amount(given.get("sourceValue", "1000"), "sourceValue")),
        "targetCurrency": _currency(given.get("targetCurrency", "EUR"), "targetCurrency"),
        "targetValue": number(amount(given.get("targetValue", "1200"), "targetValue")),
        "customerTransactionId": f"00000000-0000-4000-9000-{_int(id, 'id'):012d}"[:36],
    }


KINDS = {"profile": profile, "balance": balance, "transfer": transfer}


def _only(given: Body, *names: str) -> None:
    if unknown := sorted(set(given) - set(names)):
        raise Misuse(f"unknown field {unknown[0][:40]!r}; there are: {', '.join(names)}")


def _int(value: object, name: str) -> int:
    if not _ID.match(str(value)):
        raise Misuse(f"{name} must be a positive number of at most 18 digits, not {value!r:.40}")
    return int(str(value))


def _currency(value: object, name: str) -> str:
    if not _CURRENCY.match(str(value)):
        raise Misuse(f"{name} must be a currency code such as GBP, not {value!r:.40}")
    return str(value)


def _one_of(value: object, name: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise Misuse(f"{name} must be one of {', '.join(allowed)}, not {value!r:.40}")
    return str(value)
