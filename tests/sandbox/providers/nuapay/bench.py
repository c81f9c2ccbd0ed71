"""An organisation at Nuapay without doors: its rows in memory, its calls by path, and what tests ask of the replies."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.journal.causes import CAUSES
from sandbox.providers.context import Response
from sandbox.providers.declare import Chapters, Endpoint
from sandbox.providers.nuapay.chapters import CHAPTERS
from tests.sandbox.providers.memory import NOW, Caller

__all__ = ["NOW"]
ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint
    for endpoint in CHAPTERS.endpoints
    if not re.match(r"(/organisations/\{\w+\})?(/applications)?/(certificates|tokens)", endpoint.path)
)
"""Without certificates and tokens, which need more than rows."""

TODAY = "2026-11-24"
GB35, GB20, GBP25 = "GB35SELN00999903769154", "GB20SELN00999923882374", "GB25SELN00999988796624"
"""The accounts that an organisation starts with, of which the last holds pounds."""


@dataclass
class Organisation(Caller):
    """One that has what a new one has."""

    chapters: Chapters = CHAPTERS
    provider: str = "nuapay"

    def call(self, method: str, path: str, body: object = None, **more: Any) -> Response:
        """The reply to a call, which is checked for what holds for every reply."""
        reply = super().call(method, path, body, **more)
        _is_well_formed(reply)
        return reply

    def good(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The JSON of a call that is expected to succeed."""
        reply = self.call(method, path, body, **more)
        assert reply.status < 300, reply.json
        return reply.json

    def balance(self, account: str) -> Decimal:
        json = self.good("GET", f"/accounts/{account}/balances")
        return Decimal(str(json["data"][0]["balance"]["amount"]))

    def balances(self) -> dict[str, Decimal]:
        return {row.id: self.balance(row.id) for row in self.rows.all_of("account")}


def _is_well_formed(reply: Response) -> None:
    """What holds for every reply: a refusal has Nuapay's three members and a reason in the table; a success neither."""
    refused = reply.status >= 400
    assert bool(reply.reasons) is refused
    assert all(reason.code in CAUSES for reason in reply.reasons)
    if refused:
        assert isinstance(reply.json, dict)
        assert list(reply.json) == ["returnCode", "returnDescription", "details"]
    json.dumps(reply.json, allow_nan=False)


def codes(reply: Response) -> list[tuple[str, str]]:
    """Code and field of every detail."""
    assert isinstance(reply.json, dict)
    return [(detail["code"], detail["field"]) for detail in reply.json["details"]]


def refusal(reply: Response) -> tuple[int, str | None, object]:
    """Status, return code and details of a refusal."""
    assert isinstance(reply.json, dict)
    return reply.status, reply.json["returnCode"], reply.json["details"]


def causes(reply: Response) -> list[str]:
    return [reason.code for reason in reply.reasons]
