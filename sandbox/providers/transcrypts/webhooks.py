"""Where events are to be told: ``/v1/webhooks/``.

Source: sdk.transcrypts.com, "Create a Webhook", "Webhooks", "Webhook Event Descriptions". The pages write an
environment as ``production`` and as ``prod``: both are taken, and the second is shown, as in the example. A webhook
is of the environment that it names, and the secrets of both can look after it.
"""

from sandbox.providers.kit.calls import crud
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Listing
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.values import Kind, choice, several, url
from sandbox.providers.transcrypts.errors import REQUIRED
from sandbox.providers.transcrypts.style import (
    ENVIRONMENT,
    ENVIRONMENTS,
    ID,
    PAGES,
    SHORT,
    STYLE,
    address,
    stamp,
)

TASK, ORDER = "task-status-updated", "order-status-updated"
VERIFIED, UNVERIFIED = "instant-verification-completed", "instant-verification-failed"
EVENTS = (
    TASK,
    ORDER,
    "order-refresh-failed",
    "link-connected",
    "link-disconnected",
    "link-deleted",
    "employment-created",
    "employment-updated",
    "profile-created",
    "profile-updated",
    "statements-created",
    "statements-updated",
    VERIFIED,
    UNVERIFIED,
)
_ENVIRONMENTS = {"development": "dev", "production": "prod"} | dict(zip(ENVIRONMENTS, ENVIRONMENTS, strict=True))
_environment = Kind(
    lambda value: _ENVIRONMENTS.get(value) if isinstance(value, str) else None, f"one of {', '.join(_ENVIRONMENTS)}"
)


def _usual_environment(making: Making) -> str:
    return making.params.get(ENVIRONMENT.param, ENVIRONMENTS[0])


WEBHOOK = Resource(
    kind="webhook",
    id=ID,
    fields=(
        Field(name="name", kind=SHORT, missing=REQUIRED),
        Field(name="webhook_url", kind=url, missing=REQUIRED),
        Field(name="events", kind=several(choice(*EVENTS), most=len(EVENTS)), missing=REQUIRED),
        Field(name="env_type", kind=_environment, default=_usual_environment),
        Field(name="created_at", make=stamp),
        Field(name="updated_at", make=stamp, anew=True),
    ),
    index=("env_type",),
    seeds=(
        Seed(name="name", default="Put"),
        Seed(name="webhook_url", default="http://example.com/"),
        Seed(name="events", default=TASK),
        Seed(name="env_type", default=ENVIRONMENTS[0]),
    ),
)

ENDPOINTS = crud(WEBHOOK, "/v1/webhooks/", STYLE, asks=Listing(paging=PAGES), partly=True, method="PATCH", uri=address)
