"""Activities: what a profile did, the newest first, by a cursor: transfers, and what moved between balances without.

Sources: Wise's description 2026Q3, "Activities"; how amounts and titles are written was seen in public clients.
"""

import base64
import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sandbox.providers.context import Body, ReadContext, Request, Response, Where
from sandbox.providers.kit.calls import look, told
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.problems import read_all, refuse_fields
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import Kind, choice, text, whole
from sandbox.providers.wise.books import CONVERSION, DEPOSIT, ENTRY, TOP_UP
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.style import STYLE, cents, instant, invalid, read_time
from sandbox.providers.wise.transfers import BOUNCED, CANCELLED, REFUNDED, SENT, as_of
from sandbox.providers.wise.users import ANY_USER

USUAL_SIZE, LARGEST_SIZE = 10, 100
CHUNK = 50
"""Rows asked for at once: a page of the usual size needs one chunk of each source."""
STATUSES: Mapping[str, tuple[str, str]] = {
    SENT: ("COMPLETED", "Sent"),
    CANCELLED: ("CANCELLED", "Cancelled"),
    REFUNDED: ("CANCELLED", "Refunded"),
    BOUNCED: ("REQUIRES_ATTENTION", "Returned"),
}
"""Of a transfer, by its state, and what stands below its title; the sandbox's own choice."""
GOING_ON = ("IN_PROGRESS", "Processing")
_STATUS = choice("REQUIRES_ATTENTION", "IN_PROGRESS", "UPCOMING", "COMPLETED", "CANCELLED")
_RESOURCE = text(longest=60, pattern="[A-Z_]+", says="a type of resource such as TRANSFER")
_SIZE = whole(1, LARGEST_SIZE)


@dataclass(frozen=True, slots=True)
class Passed:
    """How far a cursor is in one source."""

    done: int = 0
    """So many rows were passed."""
    of: int | None = None
    """So many there were then: rows that came since stand before them, and are passed too. None: at the beginning."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row of a source, in its place in the feed."""

    at: str
    source: int
    done: int
    of: int
    activity: Body


# --- the two sources ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What is asked of one profile's feed."""

    profile: Body
    context: ReadContext
    since: str
    until: str

    def transfers(self, seen: Passed) -> Iterator[FeedRow]:
        own = equals("profile", self.profile["id"])
        for at, row, total in self._rows("transfer", own, "created", seen):
            transfer = as_of(row, self.context.now)
            activity = _of_transfer(transfer, self.profile)
            yield FeedRow(activity["createdOn"], 0, at, total, activity)

    def entries(self, seen: Passed) -> Iterator[FeedRow]:
        """Of the books: those that belong to no transfer."""
        for at, entry, total in self._rows(ENTRY.kind, equals("acting", self.profile["id"]), "at", seen):
            activity = _of_entry(entry, self.profile)
            yield FeedRow(activity["createdOn"], 1, at, total, activity)

    def _rows(self, kind: str, own: Where, key: str, seen: Passed) -> Iterator[tuple[int, Body, int]]:
        """Chunk by chunk, so that a page reads few rows: how many were passed then, the row, and how many there are."""
        where = [own]
        where += [Where(key=key, how="from", values=(_as(kind, self.since),))] if self.since else []
        where += [Where(key=key, how="until", values=(_as(kind, self.until),))] if self.until else []
        total = self.context.resources.find(kind, where, size=0).total
        new, done = total - (total if seen.of is None else seen.of), seen.done
        while rows := self.context.resources.find(kind, where, start=new + done, size=CHUNK).rows:
            for row in rows:
                done += 1
                yield done, row.body, total
            if len(rows) < CHUNK:
                return


def _as(kind: str, moment: str) -> str:
    """An instant as the rows of that kind have theirs: of a transfer without a fraction."""
    return moment[:19].replace("T", " ") if kind == "transfer" else moment


# --- one activity ---


def _amount(value: object, currency: str) -> str:
    """``3,000 USD``, ``5,993.89 USD``: pence only where there are some."""
    return f"{cents(value):,.2f}".removesuffix(".00") + f" {currency}"


def _created(transfer: Body) -> str:
    """A transfer shows its second only; its place among the rows has the millisecond, unless the clock was moved."""
    at = read_time(transfer["created"])
    second, fine = divmod(transfer[NOTES]["order"], 1000)
    return milliseconds(at + timedelta(milliseconds=fine) if second == int(at.timestamp()) else at)


def _of_transfer(transfer: Body, profile: Body) -> Body:
    status, words = STATUSES.get(transfer["status"], GOING_ON)
    paid = Decimal(transfer["sourceValue"]) + Decimal(transfer[NOTES]["fee"])
    source, target = transfer["sourceCurrency"], transfer["targetCurrency"]
    at = _created(transfer)
    more = {"status": status, "description": words, "at": at}
    amounts = (_amount(transfer["targetValue"], target), _amount(paid, source) if source != target else "")
    name = transfer[NOTES]["payee"]["name"] or "Recipient"
    return _activity(profile, "TRANSFER", "TRANSFER", transfer["id"], f"<strong>{name}</strong>", amounts, **more)


def _of_entry(entry: Body, profile: Body) -> Body:
    first, last = entry["balances"][0], entry["balances"][-1]
    got = _amount(last["amount"], last["currency"])
    kind, words, amounts = "INTERBALANCE", "Moved", (got, "")
    if entry["what"] == TOP_UP:
        kind, words, title = "BALANCE_DEPOSIT", "Added", f"To your {last['currency']} balance"
        amounts = (f"<positive>+ {got}</positive>", "")
    elif entry["what"] == DEPOSIT:
        kind, words, title = "BALANCE_DEPOSIT", "Received", entry["about"]["payer"]
        amounts = (f"<positive>+ {got}</positive>", "")
    elif entry["what"] == CONVERSION:
        title, amounts = f"To {last['currency']}", (got, _amount(-Decimal(first["amount"]), first["currency"]))
    else:
        title = f"To {entry['about']['into']}"
    more = {"status": "COMPLETED", "description": words, "at": entry["at"]}
    return _activity(profile, kind, "BALANCE_TRANSACTION", entry["id"], f"<strong>{title}</strong>", amounts, **more)


def _activity(
    profile: Body,
    kind: str,
    resource: str,
    number: int,
    title: str,
    amounts: tuple[str, str],
    *,
    status: str,
    description: str,
    at: str,
) -> Body:
    """The id is made as that of the description's example is."""
    named = f"MONETARY_ACTIVITY::{profile['id']}::{resource}::{number}"
    return {
        "id": base64.b64encode(named.encode()).decode(),
        "type": kind,
        "resource": {"type": resource, "id": str(number)},
        "title": title,
        "description": description,
        "primaryAmount": amounts[0],
        "secondaryAmount": amounts[1],
        "status": status,
        "createdOn": at,
        "updatedOn": at,
    }


# --- the call ---


def list_activities(request: Request, context: ReadContext) -> Response:
    """One page; the cursor is null behind the last one."""
    profile = own_profile(request, context, request.params["profileId"])
    since, until, status, resource, size, seen = read_all(
        lambda: instant(query_value(request, "since"), "query.since"),
        lambda: instant(query_value(request, "until"), "query.until"),
        lambda: _read(request, "status", _STATUS, ""),
        lambda: _read(request, "monetaryResourceType", _RESOURCE, ""),
        lambda: int(_read(request, "size", _SIZE, str(USUAL_SIZE))),
        lambda: _cursor(request),
    )
    feed = Feed(profile=profile, context=context, since=since, until=until)
    sources = [feed.transfers(seen[0])] if resource in ("", "TRANSFER") else []
    sources += [feed.entries(seen[1])] if resource in ("", "BALANCE_TRANSACTION") else []
    found: list[Body] = []
    more = False
    for step in heapq.merge(*sources, key=lambda step: step.at, reverse=True):
        fits = status in ("", step.activity["status"])
        if fits and len(found) == size:
            more = True
            break
        seen[step.source] = Passed(step.done, step.of)
        found += [step.activity] if fits else []
    return Response(status=200, json={"cursor": _written(seen) if more else None, "activities": found})


def _read(request: Request, name: str, kind: Kind, usual: str) -> str:
    written = query_value(request, name) or usual
    if written and kind.read(kind.typed(written)) is None:
        refuse_fields(invalid(f"query.{name}", f"must be {kind.says}", seen=ascii(written[:40])))
    return written


def _written(seen: list[Passed]) -> str:
    return base64.b64encode(json.dumps([[one.done, one.of] for one in seen]).encode()).decode()


def _cursor(request: Request) -> list[Passed]:
    """Raises Stop for one that this sandbox has not given."""
    # Some public clients send it back under the name that the answer has; unheard, their loops would not end.
    written = query_value(request, "nextCursor") or query_value(request, "cursor")
    if not written:
        return [Passed(), Passed()]
    try:
        one, other = json.loads(base64.b64decode(written, validate=True))
        read = [Passed(max(int(done), 0), None if of is None else int(of)) for done, of in (one, other)]
    except (ValueError, TypeError):
        refuse_fields(invalid("query.nextCursor", "must be a cursor of an answer", seen=ascii(written[:40])))
    return read


ENDPOINTS = told(
    look(
        "/v1/profiles/{profileId}/activities", list_activities, STYLE, aside=True
    ),  # a status that few have reads many
    source="description 2026Q3; public clients",
    simplified="of transfers and balances only; updatedOn is createdOn",
    tokens=ANY_USER,
)
