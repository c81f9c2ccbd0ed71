"""Links, and the tasks that fill them: ``/v1/links``, ``/v1/tasks``, ``/v1/refresh/tasks``.

Source: sdk.transcrypts.com, "Account Links", "Retrieve a Task", "Create a Data Refresh Task", "Connection Lifecycle".
The shape of a task is not published: it has the members of its webhook. How a link comes about is `orders`'.
"""

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, listing, look, remove, view
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.lists import Listing
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.kit.resource import NOTES, Resource, Seed
from sandbox.providers.kit.values import choice
from sandbox.providers.transcrypts.errors import REQUIRED, WRONG_TOKEN
from sandbox.providers.transcrypts.notifications import LIFECYCLE
from sandbox.providers.transcrypts.style import (
    ENVIRONMENT,
    ID,
    INDEX,
    LONG,
    OF_ENVIRONMENT,
    PAGES,
    PRODUCT,
    SHORT,
    SOURCES,
    STYLE,
    address,
    hex_of,
    seconds,
    stamp,
)
from sandbox.providers.transcrypts.users import EXAMPLE_USER

EXAMPLE_LINK, EXAMPLE_TASK = "48427a36d43c4d5aa6324bc06c692456", "521442a087604e599c637db310d07402"
"""Those that every client has, with ids of the published examples."""
FAILURES = (
    "login_error",
    "mfa_error",
    "config_error",
    "account_locked",
    "unable_to_reset",
    "no_data",
    "unavailable",
    "error",
    "not_supported",
)
STATUS = choice(*LIFECYCLE, *FAILURES)
_PRODUCT = Seed(name="product", kind=PRODUCT, default="income", param="product")
_USER = Seed(name="user_id", kind=ID.kind, default=EXAMPLE_USER, param="user_id")

LINK = Resource(
    kind="link",
    id=ID,
    fields=(
        Field(name="created_at", make=stamp),
        Field(name="updated_at", make=stamp),
        Field(name="tracking_info", kind=LONG, given=False),
        Field(name="status", kind=STATUS, given=False, default="done"),
        Field(name="user_external_id", kind=SHORT, given=False),
        Field(name="provider_id", kind=SHORT, given=False, default="adp"),
        Field(name="link_hash", make=lambda making: hex_of(making, "hash")),
    ),
    notes=lambda making: {
        "user_id": making.params["user_id"],
        "product": making.params["product"],
        "access_token": hex_of(making, "access"),
        "report_id": hex_of(making, "report"),
    },
    below=(ENVIRONMENT,),
    index=(*INDEX, "sandbox.access_token", "sandbox.user_id"),
    seeds=(
        Seed(name="status", default="done"),
        Seed(name="user_external_id", default="12345"),
        Seed(name="provider_id", default="adp"),
        Seed(name="tracking_info"),
        _USER,
        _PRODUCT,
        OF_ENVIRONMENT,
    ),
    rows={EXAMPLE_LINK: {}},
)

TASK = Resource(
    kind="task",
    id=ID,
    fields=(
        Field(name="link_id", make=lambda making: making.params["link_id"]),
        Field(name="user_id", make=lambda making: making.params["user_id"]),
        Field(name="product", make=lambda making: making.params["product"]),
        Field(name="data_source", kind=choice(*SOURCES), given=False, default="payroll"),
        Field(name="tracking_info", kind=LONG, given=False),
        Field(name="template_id", kind=SHORT, given=False),
        Field(name="status", kind=STATUS, given=False, default="done"),
        Field(name="created_at", make=stamp),
        Field(name="updated_at", make=stamp),
    ),
    below=(ENVIRONMENT,),
    index=(*INDEX, "link_id"),
    seeds=(
        Seed(name="status", default="done"),
        Seed(name="data_source", default="payroll"),
        Seed(name="link_id", kind=ID.kind, default=EXAMPLE_LINK, param="link_id"),
        _USER,
        _PRODUCT,
        OF_ENVIRONMENT,
    ),
    rows={EXAMPLE_TASK: {}},
)


def add_task(request: Request, context: Context, link: Body) -> Body:
    """A task of a link, which has come to its end."""
    notes = link[NOTES]
    params = {**request.params, "link_id": link["id"], "user_id": notes["user_id"], "product": notes["product"]}
    given = {"tracking_info": link["tracking_info"]}
    return TASK.add(context, Making(given=given, now=context.now, params=params, context=context))


_ACCESS = table(Field(name="access_token", kind=SHORT, missing=REQUIRED, secret=True))


def refresh(request: Request, context: Context) -> Response:
    """``POST /v1/refresh/tasks``: fetched anew, which brings the same data."""
    token = read(request.payload, _ACCESS)["access_token"]
    found = LINK.all(context, **{"sandbox.access_token": token, ENVIRONMENT.key: request.params["environment"]})
    if not found:
        refuse_fields(Problem(code=WRONG_TOKEN, field="access_token", seen="a token of no link of this client"))
    link = LINK.change(context, found[0], updated_at=seconds(context.now), status="done")
    return Response(status=201, json={"task_id": add_task(request, context, link)["id"]})


def view_refresh(request: Request, context: ReadContext) -> Response:
    task = TASK.existing(context, request.params["task_id"], request.params)
    day = task["created_at"].partition("T")[0]
    shown = {"id": task["id"], "created_at": task["created_at"], "refresh_date": day, "status": task["status"]}
    return Response(status=200, json=shown)


_ASKS = Listing(paging=PAGES)

ENDPOINTS = (
    listing(LINK, "/v1/links", STYLE, _ASKS, uri=address),
    view(LINK, "/v1/links/{link_id}", STYLE),
    remove(LINK, "/v1/links/{link_id}", STYLE),
    listing(TASK, "/v1/tasks", STYLE, _ASKS, uri=address),
    view(TASK, "/v1/tasks/{id}", STYLE),
    action("POST", "/v1/refresh/tasks", refresh, STYLE),
    look("/v1/refresh/tasks/{task_id}", view_refresh, STYLE),
)
