"""``GET /schemes``: under which creditor schemes the organisation collects. They are given, not made by calls.

Source: "Creditor Schemes" of Nuapay's API description.
"""

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import look
from sandbox.providers.nuapay.envelope import collection
from sandbox.providers.nuapay.keeping import newest_first, shown

TYPES = ("CORE", "B2B", "BACS")
CURRENCY = {"CORE": "EUR", "B2B": "EUR", "BACS": "GBP"}
"""In which each collects: SEPA has one currency, BACS the other."""


def scheme_data(id: str, *, type: str, creditor: str, name: str) -> Body:
    """A scheme as Nuapay shows it."""
    return {
        "id": id,
        "uri": f"/schemes/{id}",
        "creditorSchemeId": creditor,
        "schemeType": type,
        "creditorSchemeName": name,
        "links": [],
    }


def list_schemes(request: Request, context: Context) -> Response:
    """All of them: the one list of Nuapay's without pages."""
    return collection("/schemes", [shown(body) for body in newest_first(context.resources.all_of("scheme"))])


ENDPOINTS = (look("/schemes", list_schemes, "schemes_read"),)
