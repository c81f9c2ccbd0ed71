"""Endpoints made from a resource: create, list, view, change, remove; and how a provider's own handlers become some.

What is the same for all calls of a provider, or of a family of them, is its `Style`.
"""

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from sandbox.providers.context import Body, Context, Handler, ReadContext, ReadHandler, Request, Response
from sandbox.providers.declare import Chapters, Endpoint, Login
from sandbox.providers.kit.fields import read
from sandbox.providers.kit.idempotency import Idempotency
from sandbox.providers.kit.lists import EVERYTHING, Listing, Page
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import ErrorStyle, Stop
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import equals

if TYPE_CHECKING:
    from sandbox.providers.sealing import Signing, StepUp

Method = Literal["POST", "PUT", "PATCH", "DELETE"]
Signed = Literal["none", "optional", "required"]
Encrypted = Literal["none", "optional", "required", "direct"]
Show = Callable[[Body], Body]
JSON = "application/json"
H = TypeVar("H", bound=Callable[..., Response])


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the calls of a provider speak."""

    errors: ErrorStyle
    one: Callable[[Resource, Body], object]
    """The JSON of a reply with one resource, which is given as it is shown."""
    many: Callable[[Resource, str, Sequence[Body], Page | None], object]
    """The JSON of a list; the text is the address of the list."""
    created: int = 201
    removed: int = 204
    login: "tuple[Login, ...]" = ("bearer",)
    signing: Signed = "none"
    """Of calls that write and have a body."""
    accepts: tuple[str, ...] = (JSON,)
    family: str = "api"
    """Which family of the provider's envelopes answers what the door refuses."""
    once: Idempotency | None = None
    """How a call is done once only; None: it is done each time."""

    def shown(self, resource: Resource, body: Body, *, status: int = 200, show: Show | None = None) -> Response:
        """The reply with one resource."""
        return Response(status=status, json=self.one(resource, (show or resource.shown)(body)))


# --- the provider's own handlers ---


def look(path: str, handler: ReadHandler, style: Style, *, scopes: Sequence[str] = (), aside: bool = False) -> Endpoint:
    """A GET: it changes nothing and is never signed. *aside*: it may be long, and the event loop does not wait."""
    return Endpoint(
        method="GET",
        path=path,
        handler=_told(handler, style.errors),
        work="read",
        aside=aside,
        login=style.login,
        scopes=tuple(scopes),
        errors=style.family,
    )


def action(
    method: Method | Literal["GET"],
    path: str,
    handler: Handler,
    style: Style,
    *,
    scopes: Sequence[str] = (),
    signing: Signed | None = None,
    encryption: Encrypted = "none",
    step_up: str = "",
    body: bool = True,
) -> Endpoint:
    """A call that writes. Without *body* it takes none, and is done each time. *step_up*: the action that a user
    approves."""
    once = style.once if body else None
    return Endpoint(
        method=method,
        path=path,
        handler=_told(once.wrap(handler) if once else handler, style.errors),
        work="write",
        login=style.login,
        scopes=tuple(scopes),
        signing=signing or ("none" if method in ("GET", "DELETE") else style.signing),
        encryption=encryption,
        accepts=style.accepts if body else (),
        step_up=step_up,
        errors=style.family,
    )


def _told(handler: Handler | ReadHandler, errors: ErrorStyle) -> Handler:
    """The handler, under its own name; what stops it is told in the provider's words."""
    called: Handler = handler

    @functools.wraps(handler)
    def told(request: Request, context: Context) -> Response:
        try:
            return called(request, context)
        except Stop as stop:
            return errors.reply(stop)

    return told


# --- what a resource can do ---


def create(
    resource: Resource,
    path: str,
    style: Style,
    *,
    scopes: Sequence[str] = (),
    signing: Signed | None = None,
    show: Show | None = None,
    instead: Callable[[Making], Response | None] | None = None,
) -> Endpoint:
    """A POST that makes one. *instead* may answer when everything is judged, and then none is made."""

    def handler(request: Request, context: Context) -> Response:
        if resource.below and (nearest := resource.below[0]).resource and nearest.param in request.params:
            nearest.resource.existing(context, request.params[nearest.param], request.params)
        making = making_of(resource, request, context)
        resource.judge(making)
        if instead and (reply := instead(making)):
            return reply
        return style.shown(resource, resource.add(context, making), status=style.created, show=show)

    return action("POST", path, _named(handler, f"create_{resource.kind}"), style, scopes=scopes, signing=signing)


def listing(
    resource: Resource,
    path: str,
    style: Style,
    asks: Listing = EVERYTHING,
    *,
    scopes: Sequence[str] = (),
    uri: str | Callable[[Request], str] = "",
    show: Show | None = None,
    first: Callable[[Request], None] | None = None,
) -> Endpoint:
    """A list; a POST where the call is asked with a body. Of a parent in the path only its own resources. *first* may
    stop the call before anything else."""

    def handler(request: Request, context: ReadContext) -> Response:
        if first:
            first(request)
        parents = [parent for parent in resource.below if parent.param in request.params]
        for parent in parents:
            if parent.resource and parent.must_exist:
                parent.resource.existing(context, request.params[parent.param], request.params)
        asked = asks.asked(request, resource.indexes)
        of = [equals(parent.key, request.params[parent.param]) for parent in parents]
        found = context.resources.find(
            resource.kind, [*of, *asked.where], start=asked.start, size=asked.size, oldest_first=asked.oldest_first
        )
        shown = [(show or resource.shown)(row.body) for row in found.rows]
        address = uri(request) if callable(uri) else (uri or path).format_map(request.params)
        return Response(status=200, json=style.many(resource, address, shown, asked.page(found.total)))

    named = _named(handler, f"list_{resource.many}")
    if asks.inside:
        return action("POST", path, named, style, scopes=scopes)
    return look(path, named, style, scopes=scopes)


def view(
    resource: Resource, path: str, style: Style, *, scopes: Sequence[str] = (), show: Show | None = None
) -> Endpoint:
    """A GET of one. The last parameter of the path is its id."""
    param = _last_param(path)

    def handler(request: Request, context: ReadContext) -> Response:
        return style.shown(resource, resource.existing(context, request.params[param], request.params), show=show)

    return look(path, _named(handler, f"view_{resource.kind}"), style, scopes=scopes)


def change(
    resource: Resource,
    path: str,
    style: Style,
    *,
    method: Literal["PUT", "PATCH", "POST"] = "PUT",
    partly: bool = False,
    scopes: Sequence[str] = (),
    signing: Signed | None = None,
    show: Show | None = None,
    unless: Callable[[Making], None] | None = None,
) -> Endpoint:
    """A change of one. *partly*: what is not given stays; otherwise it is as in a new one. *unless* may stop the call
    when everything is judged, for instance because of the resource's state."""
    param = _last_param(path)

    def handler(request: Request, context: Context) -> Response:
        before = resource.existing(context, request.params[param], request.params)
        making = making_of(resource, request, context, partly=partly)
        making = replace(making, before=before, id=request.params[param])
        resource.judge(making)
        if unless:
            unless(making)
        changed = resource.merge(context, making) if partly else resource.renew(context, making)
        return style.shown(resource, changed, show=show)

    return action(method, path, _named(handler, f"change_{resource.kind}"), style, scopes=scopes, signing=signing)


def remove(resource: Resource, path: str, style: Style, *, scopes: Sequence[str] = ()) -> Endpoint:
    """A DELETE of one, answered without a body."""
    param = _last_param(path)

    def handler(request: Request, context: Context) -> Response:
        resource.existing(context, request.params[param], request.params)
        context.resources.remove(resource.kind, request.params[param])
        return Response(status=style.removed)

    return action("DELETE", path, _named(handler, f"remove_{resource.kind}"), style, scopes=scopes, body=False)


def crud(
    resource: Resource,
    path: str,
    style: Style,
    *,
    read: Sequence[str] = (),
    write: Sequence[str] = (),
    asks: Listing = EVERYTHING,
    without: Sequence[Literal["create", "list", "view", "change", "remove"]] = (),
    partly: bool = False,
    method: Literal["PUT", "PATCH"] = "PUT",
    uri: str | Callable[[Request], str] = "",
) -> tuple[Endpoint, ...]:
    """All five calls below one path. *read* and *write* are their scopes; *without* names the ones there are not."""
    one = f"{path.rstrip('/')}/{{{resource.id.name}}}{'/' if path.endswith('/') else ''}"
    made: dict[str, Callable[[], Endpoint]] = {
        "create": lambda: create(resource, path, style, scopes=write),
        "list": lambda: listing(resource, path, style, asks, scopes=read, uri=uri),
        "view": lambda: view(resource, one, style, scopes=read),
        "change": lambda: change(resource, one, style, method=method, partly=partly, scopes=write),
        "remove": lambda: remove(resource, one, style, scopes=write),
    }
    return tuple(make() for name, make in made.items() if name not in without)


def chapters(
    endpoints: Sequence[Endpoint],
    resources: Sequence[Resource],
    *,
    signing: "Signing | None" = None,
    step_up: "StepUp | None" = None,
    known: Sequence[tuple[str, str]] = (),
) -> Chapters:
    """What a provider's calls are and work on, how they are signed, if they are, and how users approve them; *known*
    are those that it has and the sandbox has not."""
    kinds = {resource.kind: resource for resource in resources}
    return Chapters(endpoints=tuple(endpoints), kinds=kinds, signing=signing, step_up=step_up, known=tuple(known))


def calls_in(text: str) -> tuple[tuple[str, str], ...]:
    """Methods and paths from lines such as ``GET PUT /v1/cards/{cardId}``: what a provider has, for `chapters`."""
    lines = (line.split() for line in text.splitlines() if line)
    return tuple((method, path) for *methods, path in lines for method in methods)


def told(
    *endpoints: Endpoint, source: str, simplified: str = "", tokens: tuple[str, ...] = (), step_up: str = ""
) -> tuple[Endpoint, ...]:
    """The calls of a chapter with defaults for all of them; what a call sets itself stays."""
    return tuple(
        replace(
            one,
            source=one.source or source,
            simplified=one.simplified or simplified,
            tokens=one.tokens or (tokens if "bearer" in one.login else ()),
            step_up=one.step_up or step_up,
        )
        for one in endpoints
    )


def making_of(resource: Resource, request: Request, context: Context, *, partly: bool = False) -> Making:
    """What a call gives for a resource, read. Raises Stop."""
    given = read(request.payload, resource.table, partly=partly)
    return Making(given=given, now=context.now, params=request.params, request=request, context=context, partly=partly)


def _named(handler: H, name: str) -> H:
    """The journal shows a handler's name."""
    handler.__name__ = name
    return handler


def _last_param(path: str) -> str:
    return str(re.findall(r"\{(\w+)\}", path)[-1])
