"""How this folder declares a call: who may make it, whether it is signed, and which bodies it takes."""

from typing import Literal

from sandbox.providers.context import Handler
from sandbox.providers.declare import Endpoint
from sandbox.providers.nuapay.idempotency import idempotent

CORE, WEBHOOKS = "core", "webhooks"
"""The two families of errors."""


def look(path: str, handler: Handler, scope: str, *, errors: str = CORE) -> Endpoint:
    """A GET: never signed, changes nothing."""
    return Endpoint(
        method="GET",
        path=path,
        handler=handler,
        work="read",
        login=("key", "bearer"),
        scopes=(scope,),
        errors=errors,
    )


def change(
    method: Literal["POST", "PUT"],
    path: str,
    handler: Handler,
    scope: str,
    *,
    signing: Literal["optional", "required"] = "optional",
) -> Endpoint:
    """A POST or PUT with a body, that may have an ``Idempotency-Key``. Lists that are asked for with a POST are too."""
    return Endpoint(
        method=method,
        path=path,
        handler=idempotent(handler),
        work="write",
        login=("key", "bearer"),
        scopes=(scope,),
        signing=signing,
        accepts=("application/json",),
        errors=CORE,
    )
