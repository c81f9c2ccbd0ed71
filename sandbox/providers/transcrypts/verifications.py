"""Instant verifications, for which nobody has to log in: ``/v1/instant-verifications/``.

Source: sdk.transcrypts.com, "Instant Verification" and its calls. Own choice: only the answer to the POST has it as
``processing``; when it is asked for it is completed, with the results of the published example. Whoever wants
another end puts it: ``sandbank resource put instantverification iv_00 --set status=failed --provider transcrypts``.
"""

from collections.abc import Sequence
from dataclasses import replace

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, listing, making_of, view
from sandbox.providers.kit.fields import Field, written
from sandbox.providers.kit.lists import Filter, Listing, Page
from sandbox.providers.kit.making import Identity, Making
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.values import choice, day, text
from sandbox.providers.transcrypts.errors import REQUIRED
from sandbox.providers.transcrypts.style import (
    ENVIRONMENT,
    ID_DIGITS,
    INDEX,
    LONG,
    OF_ENVIRONMENT,
    PAGES,
    SHORT,
    STYLE,
    address,
    links,
    microseconds,
    moment,
)
from sandbox.providers.transcrypts.users import SSN

STATUS = choice("pending", "processing", "completed", "failed", "partial")
MOST_ADDRESSES = 20
"""Own: more than anybody has had."""
_ID = text(longest=64, pattern="iv_[0-9a-f]+", says="iv_ and hexadecimal digits")
_SUBJECT = (
    Field(name="first_name", kind=SHORT, missing=REQUIRED),
    Field(name="last_name", kind=SHORT, missing=REQUIRED),
    Field(name="date_of_birth", kind=day, missing=REQUIRED),
    Field(name="ssn", kind=SSN, secret=True),
)
_ADDRESS = (
    *(Field(name=name, kind=SHORT, missing=REQUIRED) for name in ("street", "city", "state", "zip")),
    Field(name="country", kind=SHORT),
    Field(name="from_date", kind=day, missing=REQUIRED),
    Field(name="to_date", kind=day),
)
RESULTS: Body = {
    "employments": [
        {
            "employer_name": "Acme Corporation",
            "job_title": "Software Engineer",
            "start_date": "2021-04-01",
            "end_date": None,
            "is_active": True,
            "income": "95000.00",
            "income_unit": "YEARLY",
            "pay_frequency": "BW",
        }
    ],
    "income_summary": {"current_annual_income": "95000.00", "previous_annual_income": None, "currency": "USD"},
    "confidence_score": 0.95,
    "sources": ["national_employment_database", "credit_bureau"],
}
_PERSON: Body = {"first_name": "Jane", "last_name": "Doe", "date_of_birth": "1990-05-14", "ssn": "1234"}
_USUAL: Body = {"country": "US", "to_date": None}


def _body(making: Making) -> Body:
    """As it is made: being processed. A row that somebody puts has come to the end that is put."""
    given = written(making.given, VERIFICATION.table)
    status = given.get("status", "processing")
    return {
        "id": making.id,
        "status": status,
        "created_at": microseconds(making.now),
        "completed_at": microseconds(making.now) if status in ("completed", "failed", "partial") else None,
        "subject": {"ssn": None, **given.get("subject", _PERSON)},
        "addresses": [{**_USUAL, **one} for one in given.get("addresses", ())],
        "results": RESULTS if status in ("completed", "partial") else None,
        "tracking_info": given.get("tracking_info"),
    }


VERIFICATION = Resource(
    kind="instantverification",
    id=Identity(name="id", new=lambda context, _: f"iv_{context.ids.hex(ID_DIGITS)}", kind=_ID),
    fields=(
        Field(name="status", kind=STATUS, given=False),
        Field(name="subject", members=_SUBJECT, missing=REQUIRED),
        Field(name="addresses", members=_ADDRESS, most=MOST_ADDRESSES, missing=REQUIRED),
        Field(name="tracking_info", kind=LONG),
    ),
    body=_body,
    below=(ENVIRONMENT,),
    index=(*INDEX, "status", "created_at"),
    seeds=(Seed(name="status", default="completed"), Seed(name="tracking_info"), OF_ENVIRONMENT),
)


def create_verification(request: Request, context: Context) -> Response:
    made = VERIFICATION.add(context, making_of(VERIFICATION, request, context))
    VERIFICATION.change(context, made, status="completed", completed_at=made["created_at"], results=RESULTS)
    return STYLE.shown(VERIFICATION, made, status=STYLE.created)


def _many(resource: Resource, uri: str, bodies: Sequence[Body], page: Page | None) -> object:
    """This list alone counts."""
    return {"count": page.of, **links(uri, page), "results": list(bodies)} if page else list(bodies)


_ALL = "/v1/instant-verifications/"
_ASKS = Listing(
    filters=(
        Filter(name="status", kind=STATUS),
        Filter(name="created_after", kind=moment, key="created_at", how="from"),
        Filter(name="created_before", kind=moment, key="created_at", how="until"),
    ),
    paging=PAGES,
)

ENDPOINTS = (
    action("POST", _ALL, create_verification, STYLE),
    listing(VERIFICATION, _ALL, replace(STYLE, many=_many), _ASKS, uri=address),
    view(VERIFICATION, f"{_ALL}{{id}}/", STYLE),
)
