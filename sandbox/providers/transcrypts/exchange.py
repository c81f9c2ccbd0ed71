"""``POST /v1/link-access-tokens``: a public token becomes a link, with everything that was fetched for it.

Source: sdk.transcrypts.com, "Retrieve a Link Token". Own choice: the widget is not here, nor anybody to log in, so the
bridge token stands for the public token that the widget gives, once; and its task has gone through the whole lifecycle.
"""

from datetime import datetime, timedelta

from sandbox.oauth.clients import shortened
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.transcrypts.employment import EMPLOYMENT
from sandbox.providers.transcrypts.errors import EXPIRED_TOKEN, REQUIRED, WRONG_TOKEN
from sandbox.providers.transcrypts.links import LINK, add_task
from sandbox.providers.transcrypts.orders import complete
from sandbox.providers.transcrypts.style import ENVIRONMENT, SHORT, STYLE
from sandbox.providers.transcrypts.users import BRIDGE, USER

LIFE = timedelta(hours=6)
"""Of a public token: afterwards it is an ``expired_token``."""
EXPIRES_IN = 31_536_000
"""What is said of an access token: a year, in seconds. Nothing ends it. Own: the page says only that it is a number."""
_GIVEN = table(Field(name="public_token", kind=SHORT, missing=REQUIRED, secret=True))


def exchange(request: Request, context: Context) -> Response:
    bridge = _bridge(request, context, read(request.payload, _GIVEN)["public_token"])
    user = USER.existing(context, bridge["user_id"], request.params)
    params = {**request.params, "user_id": user["id"], "product": bridge["product_type"]}
    given = {"tracking_info": bridge["tracking_info"], "user_external_id": user["external_user_id"]}
    if provider := bridge[NOTES]["provider_id"]:
        given["provider_id"] = provider
    link = LINK.add(context, Making(given=given, now=context.now, params=params, context=context))
    of_link = {**request.params, "link_id": link["id"]}
    EMPLOYMENT.add(context, Making(given={}, now=context.now, params=of_link, context=context))
    add_task(request, context, link)
    complete(context, bridge["bridge_token"], link)
    BRIDGE.change(context, bridge, **{NOTES: {**bridge[NOTES], "used": True}})
    shown = {"access_token": link[NOTES]["access_token"], "link_id": link["id"], "user_id": user["id"]}
    return Response(status=201, json={**shown, "expires_in": EXPIRES_IN})


def _bridge(request: Request, context: Context, token: str) -> Body:
    """The bridge token that stands for this public token. Raises Stop."""
    bridge = context.resources.get(BRIDGE.kind, token)
    notes = bridge[NOTES] if bridge else {}
    if bridge is None or "used" in notes or notes["environment"] != request.params[ENVIRONMENT.param]:
        seen = f"{shortened(token)}, {'used already' if 'used' in notes else 'of nobody here'}"
        expected = "the bridge_token of a POST /v1/users/ID/tokens/ with the same secret, not used before"
        refuse_fields(Problem(code=WRONG_TOKEN, field="public_token", seen=seen, expected=expected))
    if context.now >= datetime.fromisoformat(notes["made_at"]) + LIFE:
        seen = f"a token of {notes['made_at']}"
        refuse_fields(Problem(code=EXPIRED_TOKEN, field="public_token", seen=seen, status=410))
    return bridge


ENDPOINTS = (action("POST", "/v1/link-access-tokens", exchange, STYLE),)
