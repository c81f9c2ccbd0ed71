"""Users, and the tokens with which the widget is opened for them: ``/v1/users/``.

Source: sdk.transcrypts.com, "Create a User" and "Create a Bridge Token". The widget itself, Bridge, is not here: who
has a bridge token hands it in where a client hands in the public token that Bridge gives it (see `orders`).
"""

from sandbox.providers.kit.calls import create, crud
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Listing
from sandbox.providers.kit.making import hex_id
from sandbox.providers.kit.resource import Below, Resource, Seed
from sandbox.providers.kit.values import EMAIL, choice, several, text
from sandbox.providers.transcrypts.errors import REQUIRED
from sandbox.providers.transcrypts.style import (
    ENVIRONMENT,
    ID,
    ID_DIGITS,
    INDEX,
    LONG,
    OF_ENVIRONMENT,
    PAGES,
    PRODUCT,
    PRODUCTS,
    SHORT,
    SOURCES,
    STYLE,
    address,
    microseconds,
    stamp,
)

EXAMPLE_USER = "99dd17074ac94aa9ace2621d657c7610"
"""The user that every client has, with the id of the published examples."""
SSN = text(longest=9, pattern="[0-9]{4}|[0-9]{9}", says="the 9 digits of a Social Security Number, or its last 4")

USER = Resource(
    kind="user",
    id=ID,
    fields=(
        Field(name="external_user_id", kind=SHORT, missing=REQUIRED),
        Field(name="first_name", kind=SHORT),
        Field(name="last_name", kind=SHORT),
        Field(name="email", kind=text(longest=255, pattern=EMAIL, says="an e-mail address")),
        Field(name="phone", kind=SHORT),
        Field(name="ssn", kind=SSN, secret=True),
        Field(name="created_at", make=stamp),
        Field(name="updated_at", make=stamp, anew=True),
    ),
    below=(ENVIRONMENT,),
    index=INDEX,
    seeds=(
        Seed(name="external_user_id", default="12345"),
        Seed(name="first_name", default="John"),
        Seed(name="last_name", default="Doe"),
        Seed(name="email", default="john.doe@example.com"),
        OF_ENVIRONMENT,
    ),
    rows={EXAMPLE_USER: {}},
)

BRIDGE = Resource(
    kind="bridgetoken",
    id=hex_id(ID_DIGITS, name="bridge_token"),
    fields=(
        Field(name="tracking_info", kind=LONG),
        Field(name="client_name", kind=SHORT),
        Field(name="product_type", kind=PRODUCT, missing=REQUIRED),
        Field(
            name="allowed_products",
            kind=several(PRODUCT, most=len(PRODUCTS)),
            default=lambda making: [making.given["product_type"]],
        ),
        Field(name="company_mapping_id", kind=SHORT),
        Field(name="access_token", kind=SHORT, secret=True),
        Field(name="user_id", make=lambda making: making.params["user_id"]),
        Field(name="template_id", kind=SHORT),
        Field(name="data_sources", kind=several(choice(*SOURCES), most=len(SOURCES))),
        # Taken, and not shown: they are instructions to the widget.
        Field(name="color_primary", kind=text(longest=7, pattern="#[0-9a-fA-F]{6}", says="#RRGGBB"), shown=False),
        Field(name="provider_id", kind=SHORT, shown=False),
        Field(name="locale", kind=SHORT, shown=False),
    ),
    notes=lambda making: {
        "made_at": microseconds(making.now),
        "provider_id": making.given.get("provider_id"),
    },
    below=(Below(param="user_id", key="user_id", resource=USER), ENVIRONMENT),
    index=INDEX,
)

ENDPOINTS = (
    *crud(USER, "/v1/users/", STYLE, asks=Listing(paging=PAGES), partly=True, method="PATCH", uri=address),
    create(BRIDGE, "/v1/users/{user_id}/tokens/", STYLE),
)
