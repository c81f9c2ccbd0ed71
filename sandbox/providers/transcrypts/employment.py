"""Employment and income of a link, and reports on all links of a user.

Source: sdk.transcrypts.com, "Employment", "Reports", whose table of attributes is followed; the values are those of its
examples. A report of a user is what its links have when it is made; the shape of that call is not published.
"""

from collections.abc import Sequence

from sandbox.providers.context import Body, ReadContext, Request, Response
from sandbox.providers.kit.calls import create, listing, look, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Listing
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_absent
from sandbox.providers.kit.resource import NOTES, Below, Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import Kind, choice, day, flag, text
from sandbox.providers.transcrypts.links import EXAMPLE_LINK, LINK
from sandbox.providers.transcrypts.style import (
    ENVIRONMENT,
    ID,
    INDEX,
    OF_ENVIRONMENT,
    PAGES,
    SHORT,
    STYLE,
    address,
    stamp,
)
from sandbox.providers.transcrypts.users import USER

EXAMPLE_EMPLOYMENT = "24d7e80942ce4ad58a93f70ce4115f5c"
_AMOUNT = text(longest=15, pattern=r"[0-9]{1,12}\.[0-9]{2}", says="an amount with two decimals, such as 70000.00")
_LINK = "sandbox.link_id"
_COMPANY: Body = {
    "name": "Facebook Demo",
    "address": {"street": "1 Morgan Ave", "city": "Los Angeles", "state": "CA", "zip": "90210", "country": "US"},
    "phone": "6503087300",
    "ein": "12-345678",
}
_EARNINGS = [{"name": "Regular", "amount": "38072.0", "category": "regular", "rate": "475.9", "units": "80"}]
_DEDUCTIONS = [{"amount": "127.01", "category": "socialsec", "name": "Social Security Tax"}]


def _kept(name: str, kind: Kind, default: object) -> Field:
    """A member that no call gives; a seed may."""
    return Field(name=name, kind=kind, given=False, default=default)


_GIVEN = (
    _kept("income", _AMOUNT, "70000.00"),
    _kept("income_unit", choice("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"), "YEARLY"),
    _kept("pay_rate", _AMOUNT, "6500.00"),
    _kept("pay_frequency", choice("M", "SM", "W", "BW", "A", "SA", "C"), "M"),
    _kept("is_active", flag, False),
    _kept("job_title", SHORT, "PR associate"),
    _kept("job_type", choice("F", "P", "S", "D", "C"), "F"),
    _kept("start_date", day, "2018-01-01"),
    _kept("original_hire_date", day, "2017-06-21"),
    _kept("end_date", day, "2022-12-11"),
)
EMPLOYMENT = Resource(
    kind="employment",
    id=ID,
    fields=(
        *_GIVEN,
        Field(name="derived_fields", given=False, default=["is_active"]),
        Field(name="missing_data_fields", given=False, default=["w2s"]),
        _kept("manager_name", SHORT, "Jenny McDouglas"),
        Field(name="company", given=False, default=_COMPANY),
    ),
    below=(Below(param="link_id", key=_LINK, resource=LINK), ENVIRONMENT),
    index=(*INDEX, _LINK),
    seeds=(
        *(Seed(name=field.name) for field in _GIVEN),
        Seed(name="manager_name"),
        Seed(name="link_id", kind=ID.kind, default=EXAMPLE_LINK, param="link_id"),
        OF_ENVIRONMENT,
    ),
    rows={EXAMPLE_EMPLOYMENT: {}},
)


def in_report(employment: Body, user: Body | None) -> Body:
    """An employment as reports have it: with what was paid, and to whom."""
    profile = {name: (user or {}).get(name) for name in ("first_name", "last_name", "email", "ssn")}
    statement = {
        "id": employment["id"],
        "check_number": None,
        "pay_date": employment["end_date"],
        "net_pay": None,
        "gross_pay": employment["pay_rate"],
        "bonus": None,
        "commission": None,
        "hours": None,
        "basis_of_pay": "S",
        "period_start": None,
        "period_end": None,
        "earnings": _EARNINGS,
        "earnings_ytd": [],
        "deductions": _DEDUCTIONS,
        "deductions_ytd": [],
        "file": None,
    }
    return {
        **EMPLOYMENT.shown(employment),
        "statements": [statement],
        "annual_income_summary": [],
        "bank_accounts": [],
        "w2s": [],
        "external_last_update": employment["end_date"],
        "profile": profile,
        "gse_accepted": False,
    }


def view_employment(request: Request, context: ReadContext) -> Response:
    """``GET /v1/links/{link_id}/employment/``: the newest."""
    LINK.existing(context, request.params["link_id"], request.params)
    found = EMPLOYMENT.all(context, **{_LINK: request.params["link_id"]})
    return STYLE.shown(EMPLOYMENT, found[0]) if found else refuse_absent("employment", "of this link")


def view_income_report(request: Request, context: ReadContext) -> Response:
    """``GET /v1/links/{link_id}/income/report/``: verification of income and employment (VOIE)."""
    link = LINK.existing(context, request.params["link_id"], request.params)
    notes = link[NOTES]
    user = context.resources.get(USER.kind, notes["user_id"])
    found = EMPLOYMENT.all(context, **{_LINK: link["id"]})
    report = {
        "id": notes["report_id"],
        "status": link["status"],
        "finished_at": link["updated_at"],
        "completed_at": link["updated_at"],
        "access_token": notes["access_token"],
        "tracking_info": link["tracking_info"],
        "refresh_status": link["status"],
        "employments": [in_report(one, user) for one in found],
        "pdf_report": None,
        "provider": link["provider_id"],
        "data_source": "payroll",
    }
    return Response(status=200, json=report)


def _of_all_links(making: Making) -> Sequence[Body]:
    """What the links of the user have now."""
    user = making.rows.get(USER.kind, making.params["user_id"])
    links = making.rows.find(LINK.kind, (equals("sandbox.user_id", making.params["user_id"]),)).rows
    found = (making.rows.find(EMPLOYMENT.kind, (equals(_LINK, link.id),)).rows for link in links)
    return [in_report(row.body, user) for rows in found for row in rows]


REPORT = Resource(
    kind="report",
    id=ID,
    fields=(
        Field(name="user_id", make=lambda making: making.params["user_id"]),
        Field(name="status", make=lambda making: "done"),
        Field(name="created_at", make=stamp),
        Field(name="finished_at", make=stamp),
        Field(name="employments", make=_of_all_links),
        Field(name="pdf_report", make=lambda making: None),
    ),
    below=(Below(param="user_id", key="user_id", resource=USER), ENVIRONMENT),
    index=(*INDEX, "user_id"),
)
_REPORTS = "/v1/users/{user_id}/reports/"

ENDPOINTS = (
    look("/v1/links/{link_id}/employment/", view_employment, STYLE),
    listing(EMPLOYMENT, "/v1/links/{link_id}/employments/", STYLE),
    look("/v1/links/{link_id}/income/report/", view_income_report, STYLE),
    create(REPORT, _REPORTS, STYLE),
    listing(REPORT, _REPORTS, STYLE, Listing(paging=PAGES), uri=address),
    view(REPORT, f"{_REPORTS}{{report_id}}/", STYLE),
)
