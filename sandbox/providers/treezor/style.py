"""How Treezor's calls speak: plural arrays, also for one resource; 200 for what is made; errors in three shapes.

Source: Treezor's official description 25.04.03, and docs.treezor.com, "Response codes" and "Idempotency".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Request
from sandbox.providers.kit.calls import Style
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.idempotency import Idempotency, of_member
from sandbox.providers.kit.lists import Filter, Listing, Page, Paging, Span, query_value
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import ErrorStyle, Problem, Stage, refuse_fields
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.values import INT32, INT64, Kind, money, text, whole
from sandbox.providers.treezor.errors import MISSING, WRONG, error

RULE_CODE = 15030
"""The one code of the older shape that is published."""
READ = ("read_only", "read_all", "read_write", "admin")
WRITE = ("read_write", "admin")
"""The scopes are published, and not which call asks for which: the sandbox's own choice."""
TAG = text(longest=250)
ID = whole(1, INT64)
FLAG = whole(0, 1)
COUNT = whole(0, INT32)
LARGEST = Decimal("999999999.99")
"""The sandbox's own: no bound is published."""
AMOUNT_GIVEN = money(Decimal("0.01"), LARGEST, written="text")
"""Given as a number, shown as a text: ``"167.98"``."""
BALANCE = money(-LARGEST, LARGEST, written="exact", texts=True)
STAMP = text(
    longest=19,
    pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    says="a date and a time such as 2026-11-24 10:00:00",
)


SENTENCES = {
    "EMAIL_TAKEN": "This email is another user's",
    "CANCELED": "It is canceled already",
    "NOT_VALIDATED": "The status does not allow this",
    "NO_USER": "There is no such user",
    "NO_WALLET": "There is no such wallet",
    "NO_CARD": "There is no such card",
    "NO_BENEFICIARY": "There is no such beneficiary",
    "NO_FUNDS": "The wallet has not enough money",
    "SAME_WALLET": "The two wallets must be different ones",
    "NOT_EMPTY": "There is money on the wallet",
    "NOT_FOR_SCT": "The beneficiary has no iban and bic",
    "SCA_REQUIRED": "Strong customer authentication is required",
    "NOT_A_USER": "The user credentials are incorrect",
}
"""The sandbox's own sentences: what rules refuse is not published."""


def said(problem: Problem) -> str:
    """In the manner of the one published sentence, "The userId field is required"."""
    if problem.code == MISSING:
        return f"The {problem.field} field is required"
    return f"The {problem.field} field {problem.message}" if problem.code == WRONG else problem.message


def _core(stage: Stage, problems: Sequence[Problem]) -> object:
    """Fields, and what is absent, in the shape of the description; what a rule refuses in the older one."""
    if stage == "absent":
        kind = problems[0].field
        return {"errors": [error("not_found", "resource_not_found_error", f"There is no such {kind}")]}
    if stage == "rules":
        return {"errors": [{"errorCode": RULE_CODE, "errorMessage": said(problem)} for problem in problems]}
    return {"errors": [error("invalid_request", problem.code or WRONG, said(problem)) for problem in problems]}


def _simulated(stage: Stage, problems: Sequence[Problem]) -> object:
    told = [said(problem) or f"There is no such {problem.field}" for problem in problems]
    return {"errorCode": 0, "errorMessage": "Input validation failed", "additionalInformation": told}


def _many(resource: Resource, uri: str, bodies: Sequence[Body], page: Page | None) -> object:
    """``totalRows`` is "only valued in the first object"."""
    shown = list(bodies)
    if shown and "totalRows" in shown[0]:
        shown[0] = {**shown[0], "totalRows": page.of if page else len(shown)}
    return {resource.many: shown}


_STATUSES: Mapping[Stage, int] = {"malformed": 400, "fields": 400, "rules": 400, "absent": 404}
ERRORS = ErrorStyle(body=_core, sentences=SENTENCES, statuses=_STATUSES, provider="treezor")
STYLE = Style(
    errors=ERRORS,
    one=lambda resource, body: {resource.many: [body]},
    many=_many,
    created=200,
    removed=200,
    once=Idempotency(
        key=of_member("accessTag"),
        name="accessTag",
        longest=250,
        kept=timedelta(hours=24),
        too_long=WRONG,
        per_path=True,
        errors=ERRORS,
    ),
)
SIMULATION = replace(
    STYLE,
    errors=replace(ERRORS, body=_simulated, statuses={**_STATUSES, "absent": 400}),
    once=None,
)
"""The calls that exist in the sandbox only: errors of their own shape."""
INSTANT_STYLE = replace(
    SIMULATION,
    errors=replace(
        SIMULATION.errors,
        body=lambda stage, problems: {"reason": "BAD REQUEST", "details": ", ".join(map(said, problems))},
    ),
)
"""And one of them has a shape that no other call has."""
PAGES = Paging(
    number="pageNumber", size="pageCount", usual=100, largest=200, wrong_number=WRONG, wrong_size=WRONG, cut=True
)
"""The names are published, the numbers are not."""


def given(name: str, kind: Kind, *, needed: bool = False, **more: Any) -> Field:
    """A member that a call may or must give."""
    return Field(name=name, kind=kind, wrong=WRONG, missing=MISSING if needed else "", **more)


def stamp(making: Making) -> str:
    return written(making.now)


def written(now: datetime) -> str:
    """``YYYY-MM-DD HH:MM:SS``; in which zone is not published: UTC."""
    return f"{now:%Y-%m-%d %H:%M:%S}"


def stamps() -> tuple[Field, ...]:
    """The members that every resource of the core ends with."""
    return (
        Field(name="createdDate", make=stamp),
        Field(name="modifiedDate", make=stamp),
        Field(name="totalRows"),
    )


def touch(now: datetime) -> Body:
    return {"modifiedDate": written(now)}


def canceled(field: str, what: str) -> Problem:
    """A resource that has come to its end already."""
    return Problem(code="CANCELED", field=field, seen=f"{what}, canceled already", cause="provider.invalid_state")


def asks(*filters: Filter) -> Listing:
    """A list of the core: its filters, the dates and the pages."""
    span = Span(
        first="createdDateFrom", last="createdDateTo", key="createdDate", kind=STAMP, wrong=WRONG, reversed=WRONG
    )
    return Listing(filters=(*filters, span), paging=PAGES, order="sortOrder", wrong_order=WRONG)


def by(name: str, kind: Kind = ID) -> Filter:
    return Filter(name=name, kind=kind, wrong=WRONG)


def one_of(*names: str) -> Callable[[Request], None]:
    """ "The request must specify at least one of those fields"."""

    def check(request: Request) -> None:
        if not any(query_value(request, name) for name in names):
            refuse_fields(Problem(code=MISSING, field=" or ".join(names), seen="none of them in the query"))

    return check
