"""How Transcrypts' calls speak: two headers, bare resources, pages with ``next`` and ``previous``; what chapters share.

Source: sdk.transcrypts.com, "Introduction" and the pages of the calls. The environment that a call works in is the one
that its secret names, ``dev-`` or ``prod-``: each resource is of one, and the other does not know it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlencode

from sandbox.oauth.credentials import InHeaders
from sandbox.providers.context import Body, Request
from sandbox.providers.kit.calls import Style
from sandbox.providers.kit.lists import Page, Paging, query_values
from sandbox.providers.kit.making import Making, hex_id
from sandbox.providers.kit.resource import Below, Resource, Seed
from sandbox.providers.kit.values import Kind, choice, instant, text
from sandbox.providers.transcrypts import ENVIRONMENTS
from sandbox.providers.transcrypts.errors import ERRORS

LOGIN = InHeaders(id="x-access-client-id", secret="x-access-secret")
ID_DIGITS = 32
ID = hex_id(ID_DIGITS)
"""As in nearly all examples; that of a user has the UUID of a generator instead."""
SHORT, LONG = text(longest=255, shortest=1), text(longest=2000)
"""Lengths are not published: far over what anybody writes."""
PRODUCTS = ("income", "employment", "deposit_switch", "pll", "insurance", "transactions", "assets")
PRODUCT = choice(*PRODUCTS)
SOURCES = ("payroll", "docs", "insurance", "financial_accounts", "tax")

_ENVIRONMENT = "sandbox.environment"
ENVIRONMENT = Below(param="environment", key=_ENVIRONMENT)
INDEX = (_ENVIRONMENT,)
"""What every resource is found by."""
OF_ENVIRONMENT = Seed(name="environment", kind=choice(*ENVIRONMENTS), default=ENVIRONMENTS[0], param="environment")


def stamp(making: Making) -> str:
    return seconds(making.now)


def seconds(at: datetime) -> str:
    """2022-05-04T11:30:00Z."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def microseconds(at: datetime) -> str:
    """2025-09-15T14:30:00.000000Z, as webhooks and instant verifications write times."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


moment = Kind(instant.read, instant.says, microseconds)


def hex_of(making: Making, word: str) -> str:
    """Thirty-two digits that mean nothing. For a row that somebody puts always the same, from its id."""
    if making.context:
        return making.context.ids.hex(ID_DIGITS)
    return sha256(f"{word} {making.id}".encode()).hexdigest()[:ID_DIGITS]


def address(request: Request) -> str:
    """The URL that was called, with its filters and without its page: from it the neighbours' are made."""
    kept = [(name, value) for name, found in query_values(request).items() for value in found if name not in _OF_PAGE]
    return f"https://{request.headers.get('host', 'localhost')}{request.path}?{urlencode([*kept, ('', '')])[:-1]}"


# The cursor is opaque to whoever follows the links: here it is the number of the page. Sizes are own.
PAGES = Paging(number="cursor", size="page_size", usual=25, largest=100, cut=True)
_OF_PAGE = (PAGES.number, PAGES.size)


def links(uri: str, page: Page) -> Body:
    """The URLs of the pages beside this one."""

    def beside(number: int) -> str | None:
        there = 1 <= number <= page.pages
        return f"{uri}{urlencode({PAGES.number: number, PAGES.size: page.size})}" if there else None

    return {"next": beside(page.number + 1), "previous": beside(page.number - 1)}


def _many(resource: Resource, uri: str, bodies: Sequence[Body], page: Page | None) -> object:
    return list(bodies) if page is None else {**links(uri, page), "results": list(bodies)}


STYLE = Style(errors=ERRORS, one=lambda resource, body: body, many=_many, login=(LOGIN,))
