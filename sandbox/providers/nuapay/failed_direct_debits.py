"""``/faileddirectdebits``: the direct debits that came back, by the days on which they did.

Source: "List Failed Direct Debits" of Nuapay's API description. In the sandbox one comes back when a person says so:
``sandbank resource put directdebit ID --set paymentStatus=REJECTED --provider nuapay``.
"""

from datetime import timedelta

from sandbox.providers.context import Body, ReadContext, ReadRows, Request, Response, Where
from sandbox.providers.kit.calls import look
from sandbox.providers.kit.fields import Field, read_object, table
from sandbox.providers.kit.lists import query_values
from sandbox.providers.kit.problems import Problem, refuse_fields, refuse_if
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.kit.values import choice, day
from sandbox.providers.nuapay.direct_debits import DIRECT_DEBIT
from sandbox.providers.nuapay.mandates import MANDATE, SCHEME
from sandbox.providers.nuapay.style import CORE, collection

_LONGEST_RANGE = timedelta(days=30)
"""Of days that are asked for: "The maximum date rang is 30 days"."""
_ASKED = table(
    Field(name="rejectcreatefrom", wrong="7001", missing="7078", kind=day),
    Field(name="rejectcreateto", wrong="7001", missing="7079", kind=day),
    Field(name="technicalrejects", wrong="7004", kind=choice("true", "false")),
)


def list_failed_direct_debits(request: Request, context: ReadContext) -> Response:
    """Those that failed in these days. All of them failed at a bank, so that ``technicalrejects`` adds none."""
    given = read_object({name: values[-1] for name, values in query_values(request).items()}, _ASKED)
    first, last = given["rejectcreatefrom"], given["rejectcreateto"]
    if first > last:  # a 400 here, by the example
        refuse_fields(Problem(code="7002", field="rejectcreatefrom", seen=f"{first} to {last}"))
    most = f"at most {_LONGEST_RANGE.days} days"
    problem = Problem(code="7003", field="rejectcreateto", seen=f"{(last - first).days} days", expected=most)
    refuse_if(last - first > _LONGEST_RANGE, problem)
    where = (
        Where(key="failed", how="from", values=(first.isoformat(),)),
        Where(key="failed", how="until", values=(last.isoformat(),)),
    )
    found = context.resources.find(DIRECT_DEBIT.kind, where).rows
    data = [_shown_as_failed(row.body, context.resources) for row in found]
    return Response(status=200, json=collection(request.path, data))


def _shown_as_failed(body: Body, rows: ReadRows) -> Body:
    scheme = rows.get(SCHEME.kind, body[NOTES]["scheme"]) or {}
    mandate = rows.get(MANDATE.kind, body[NOTES]["mandate"]) or {"mandateInfo": {}}
    return {
        "id": body["id"],
        "uri": body["uri"],
        "creditorScheme": {name: scheme.get(name) for name in ("schemeType", "creditorSchemeId")},
        "mandateInfo": {"mandateId": mandate["mandateInfo"].get("mandateId"), "domesticMandateId": None},
        "directDebitInfo": {
            "endToEndId": body["endToEndId"],
            "scheduleId": body["scheduleId"],
            "paymentAmount": body["paymentAmount"],
            "requestedCollectionDate": body["requestedCollectionDate"],
            "actualCollectionDate": body["actualCollectionDate"],
            "exportDate": body["exportDate"],
            "remittanceInfo": body["remittanceInformation"],
            "originalEndToEndId": body["originalEndToEndId"],
            "representationAttemptNumber": body["representationAttemptNumber"],
            "paymentStatus": body["paymentStatus"],
        },
        "rejectDetails": body["rejectDetails"],
    }


ENDPOINTS = (look("/faileddirectdebits", list_failed_direct_debits, CORE, scopes=("directdebits_read",)),)
