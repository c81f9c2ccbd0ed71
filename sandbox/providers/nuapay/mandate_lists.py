"""Lists of mandates: a scheme's, and all of the organisation's.

Source: "List Mandates" of Nuapay's API description.
"""

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import look
from sandbox.providers.nuapay.keeping import NOTES, newest_first
from sandbox.providers.nuapay.lists import Filter, Span, listed
from sandbox.providers.nuapay.mandates import STATUSES
from sandbox.providers.nuapay.problems import not_found
from sandbox.providers.nuapay.values import choice, iban, text


def list_mandates(request: Request, context: Context) -> Response:
    """Those of the scheme that the path names, or all of the organisation's."""
    of, uri = request.params.get("schemeId"), "/mandates"
    if of is not None:
        if context.resources.get("scheme", of) is None:
            return not_found("scheme", of)
        uri = f"/schemes/{of}/mandates"
    mandates = newest_first(context.resources.all_of("mandate"))
    left = [body for body in mandates if of in (None, body[NOTES]["scheme"])]
    return listed(request, uri, left, _FILTERS, spans=(_CREATED,), show=_item)


def _item(mandate: Body) -> Body:
    """A mandate as a list shows it."""
    info, debtor = mandate["mandateInfo"], mandate["debtor"]
    return {
        "id": mandate["id"],
        "uri": mandate["uri"],
        "mandateId": info["mandateId"],
        "debtorName": debtor["name"],
        "debtorIBAN": mandate["debtorAccount"].get("iban"),
        "debtorMobileNumber": debtor.get("mobileNumber"),
        "mandateStatus": info["status"],
        "creationDate": info["creationDate"],
        "links": [],
    }


_CREATED = Span(
    first="createdatefrom",
    last="createdateto",
    wrong="7001",
    reversed="7002",
    of=lambda body: body["mandateInfo"]["creationDate"],
)
_FILTERS = (
    Filter(
        name="debtoriban",
        wrong="7026",
        kind=iban,
        fits=lambda body, wanted: body["debtorAccount"].get("iban") == wanted,
    ),
    Filter(
        name="debtorname",
        wrong="7010",
        kind=text(longest=70),
        fits=lambda body, part: part.lower() in body["debtor"]["name"].lower(),
    ),
    Filter(
        name="mandateid",
        wrong="7021",
        kind=text(longest=35),
        fits=lambda body, wanted: body["mandateInfo"]["mandateId"] == wanted,
    ),
    Filter(
        name="mandatestatus",
        wrong="7059",
        kind=choice(*STATUSES),
        fits=lambda body, wanted: body["mandateInfo"]["status"] == wanted,
        repeated=True,
    ),
)

ENDPOINTS = (
    # The description asks for "mandates" here, and for "mandates_read" everywhere else where one only looks.
    look("/mandates", list_mandates, "mandates"),
    look("/schemes/{schemeId}/mandates", list_mandates, "mandates_read"),
)
