"""Nuapay's envelopes: one resource, a collection, an error. What goes into them is the chapters' business.

Source: "Returned Resources" and "Errors" in the introduction of Nuapay's API description.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import Reason
from sandbox.providers.context import Body, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One thing that is wrong with a call."""

    code: str
    field: str
    description: str
    resource_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a collection a reply holds."""

    number: int
    size: int
    of: int
    """How many there are in all."""

    @property
    def pages(self) -> int:
        return -(-self.of // self.size)


def single(uri: str, data: Body, *, status: int = 200) -> Response:
    """One resource. *uri* is the call's; the resource's own stands in its data."""
    return Response(status=status, json={"uri": uri, "data": data})


def collection(uri: str, data: Sequence[Body], page: Page | None = None) -> Response:
    """Several resources; without a page where the call has none."""
    body: Body = {"uri": uri, "data": list(data)}
    if page is not None:
        body["page"] = {
            "pageNumber": page.number,
            "pageSize": page.size,
            "totalElements": page.of,
            "totalPages": page.pages,
        }
        body["sort"] = []  # "currently empty", says the description
    return Response(status=200, json=body)


def error(
    status: int,
    code: str | None,
    description: str | None,
    details: Sequence[Detail] | None = None,
    *,
    reasons: tuple[Reason, ...] = (),
) -> Response:
    """A refusal. Details are an array also where an example has an object: the schema has an array."""
    told = None
    if details is not None:
        told = [
            {
                "code": detail.code,
                "field": detail.field,
                "description": detail.description,
                "resourceUri": detail.resource_uri,
            }
            for detail in details
        ]
    body = {"returnCode": code, "returnDescription": description, "details": told}
    return Response(status=status, json=body, reasons=reasons)


def speechless(status: int, *, reasons: tuple[Reason, ...] = ()) -> Response:
    """The refusal that says nothing: all members null. Published for most of 401, 403, 404, 405, 415 and 429."""
    return error(status, None, None, reasons=reasons)
