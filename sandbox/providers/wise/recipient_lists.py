"""Lists of recipients: filters, pages and their order, in both shapes.

Sources: recorded lists (January 2025); Wise's description 2026Q3, "Retrieve list of recipient accounts".
"""

from collections.abc import Sequence

from sandbox.providers.context import Body, ReadContext, Request, Response, Where
from sandbox.providers.kit.calls import look, told
from sandbox.providers.kit.lists import Filter, Listing, query_value
from sandbox.providers.kit.problems import read_all, refuse_fields
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import flag, text
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.recipient_shapes import newer, older
from sandbox.providers.wise.recipients import LESS, RECIPIENT
from sandbox.providers.wise.style import NUMBER, STYLE, blank, invalid
from sandbox.providers.wise.users import ANY_USER, user_of

LARGEST_SIZE = 20
"""Of a page, which is also the usual one."""
_ID_DIGITS = 18


def _each(value: str) -> Sequence[str] | None:
    """A parameter without a value asks for nothing."""
    return [one for one in value.split(",") if one] or None


_CODES = text(longest=400, pattern="(?:[A-Z]{3}(?:,[A-Z]{3})*)?", says="currency codes such as GBP or GBP,EUR")
_TYPES = text(longest=400, pattern="(?:[a-zA-Z_]+(?:,[a-zA-Z_]+)*)?", says="types such as iban or iban,swift_code")
_ASKS = Listing(
    filters=(
        blank(Filter(name="creatorId", kind=NUMBER, wrong="NOT_VALID", key="user")),
        blank(Filter(name="profileId", kind=NUMBER, wrong="NOT_VALID", key="profile")),
        blank(Filter(name="profile", kind=NUMBER, wrong="NOT_VALID")),
        Filter(name="currency", kind=_CODES, wrong="NOT_VALID", repeated=True, means=_each),
        blank(Filter(name="active", kind=flag, wrong="NOT_VALID")),
        Filter(name="type", kind=_TYPES, wrong="NOT_VALID", means=lambda value: _each(value.lower())),
        blank(Filter(name="ownedByCustomer", kind=flag, wrong="NOT_VALID")),
    ),
    oldest_first=True,
)


def _asks(request: Request) -> list[Where]:
    return list(_ASKS.asked(request, RECIPIENT.indexes).where)


def _found(where: list[Where], request: Request, context: ReadContext) -> list[Body]:
    """Those that the query asks for, of the caller's; inactive ones only where it names them."""
    if user := user_of(request, context):
        where.append(equals("user", user))
    if "active" not in (one.key for one in where):
        where.append(equals("active", True))
    for profile in (one.values[0] for one in where if one.key == "profile"):
        own_profile(request, context, profile)
    return [row.body for row in context.resources.find("recipient", where, oldest_first=True).rows]


def list_older(request: Request, context: ReadContext) -> Response:
    """All of them: this version has no pages."""
    return Response(status=200, json=[older(body) for body in _found(_asks(request), request, context)])


def list_newer(request: Request, context: ReadContext) -> Response:
    """A page of those behind ``seekPosition``, the id of the last one that was seen. As recorded, the size is that of
    the page, and on the last one nothing says where to go on."""
    where, behind, size, (key, down) = read_all(
        lambda: _asks(request),
        lambda: _whole(request, "seekPosition", 0),
        lambda: _whole(request, "size", LARGEST_SIZE),
        lambda: _order(request),
    )
    size = max(1, min(size, LARGEST_SIZE))
    found = sorted(_found(where, request, context), key=lambda body: (body[key], body["id"]), reverse=down)
    left = _behind(found, behind, key, down)
    page, asked = left[:size], bool(query_value(request, "sort"))
    current = {"seekPositionForCurrent": behind} if behind else {}
    following = {"seekPositionForNext": page[-1]["id"]} if len(left) > size else {}
    return Response(
        status=200,
        json={
            "content": [_listed(body) for body in page],
            **current,
            **following,
            "sort": {"empty": not asked, "sorted": asked, "unsorted": not asked},
            "size": len(page),
        },
    )


def _listed(body: Body) -> Body:
    """In a list there is one member more."""
    shown = newer(body)
    names = list(shown)
    at = names.index("commonFieldMap") + 1
    head, tail = ({name: shown[name] for name in part} for part in (names[:at], names[at:]))
    return {**head, "isDefaultAccount": False, **tail}


def _order(request: Request) -> tuple[str, bool]:
    """``sort=currency,desc``: by what, and whether the other way round. Raises Stop."""
    key, _, way = query_value(request, "sort", "id,asc").lower().partition(",")
    if key not in ("", "id", "currency") or way not in ("", "asc", "desc"):
        seen = ascii(query_value(request, "sort")[:40])
        refuse_fields(invalid("sort", "must be id or currency, then asc or desc, such as id,asc", seen=seen))
    return key or "id", way == "desc"


def _behind(found: list[Body], last: int, key: str, down: bool) -> list[Body]:
    """What is left of a sorted list behind an id. By currency an id that is not in it is behind nothing."""
    if not last:
        return found
    if key == "id":
        return [body for body in found if (body["id"] < last if down else body["id"] > last)]
    at = next((number + 1 for number, body in enumerate(found) if body["id"] == last), 0)
    return found[at:]


def _whole(request: Request, name: str, usual: int) -> int:
    written = query_value(request, name)
    if written and not (written.isascii() and written.isdecimal() and len(written) <= _ID_DIGITS):
        refuse_fields(invalid(name, "must be a whole number", seen=ascii(written[:40])))
    return int(written) if written else usual


_SOURCE = "recorded; description 2026Q3"
LEGACY = told(look("/v1/accounts", list_older, STYLE), source=_SOURCE, simplified=LESS, tokens=ANY_USER)
ENDPOINTS = told(look("/v2/accounts", list_newer, STYLE), source=_SOURCE, simplified=LESS, tokens=ANY_USER)
