"""Strong customer authentication: proofs for one call or for a session, and ``POST /simulation/scaProof``.

Source: docs.treezor.com, strong-customer-authentication/introduction and faking-operations; the description says of
each call which of the two it asks for. A proof is a JWS that an app on the user's device signs; where it stands in a
call, and what is in it, is not published. Here it is the member ``sca`` of the call, and only
those proofs are good that the simulation gave out. Only users are asked for one: a token of the partner's own
(``client_credentials``) needs none.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sandbox.providers.context import Body, Context, Request, Response, Where
from sandbox.providers.kit.calls import action
from sandbox.providers.kit.fields import parse, read, table
from sandbox.providers.kit.making import Identity, Making, milliseconds
from sandbox.providers.kit.problems import Problem, refuse_if
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import Index, Rule
from sandbox.providers.kit.values import Kind, text
from sandbox.providers.treezor.style import STYLE, given, written

ALGORITHM = "RS256"
GOOD_FOR = timedelta(minutes=5)
"""How long a proof is good is not published."""
_OBJECT = Kind(lambda value: value if isinstance(value, dict) else None, "an object")
_HEX = Identity(new=lambda context, _: context.ids.hex(64), kind=text(longest=64))
PROOF = Resource(kind="proof", id=_HEX, index=(Index(name="until"),), ordered=False)
"""By the SHA-256 of a proof: what it was made for."""
SESSION = Resource(kind="session", id=_HEX, index=(Index(name="until"),), ordered=False)
"""By the SHA-256 of a user's token: whose it is, and whether it was asked for with a proof."""
_WANTED = table(
    given("scaWalletId", text(longest=64, shortest=1), needed=True),
    given("url", text(longest=2048)),
    given("body", _OBJECT),
)


def simulate_proof(request: Request, context: Context) -> Response:
    """A proof for a call of this address with these members in its body."""
    wanted = read(request.payload, _WANTED)
    url, body = wanted.get("url", ""), _json(wanted.get("body", {}))
    claims = {
        "iss": wanted["scaWalletId"],
        "iat": milliseconds(context.now),
        "jti": context.ids.uuid(),
        "url": url,
        "body": body,
    }
    proof = context.tokens.signed(claims, ALGORITHM)
    keep_until(context, PROOF, digest(proof), {"path": urlsplit(url).path, "body": body}, GOOD_FOR)
    return Response(status=200, json={"scaProof": proof})


def keep_until(context: Context, resource: Resource, id: str, body: Body, life: timedelta) -> None:
    """Keep something that ends by itself, and clear out what has ended."""
    context.resources.remove_where(resource.kind, Where(key="until", how="until", values=(written(context.now),)))
    context.resources.put(resource.kind, id, {**body, "until": written(context.now + life)})


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_proof(context: Context, proof: object, path: str, body: Mapping[str, Any]) -> bool:
    """Whether this proof was given out for a call of that path with these members, and is still good."""
    kept = context.resources.get(PROOF.kind, digest(proof)) if isinstance(proof, str) else None
    if kept is None or kept["until"] <= written(context.now) or kept["path"] != path:
        return False
    return all(name in body and _json(body[name]) == value for name, value in kept["body"].items())


def session_of(request: Request, context: Context) -> Body | None:
    """The user's session in which a call is made; None for a call of the partner's own."""
    return context.resources.get(SESSION.kind, request.token.digest) if request.token else None


def proof_missing(request: Request, context: Context) -> Problem | None:
    """What is wrong with a call that asks for a proof of its own."""
    session, body = session_of(request, context), parse(request.payload or b"{}")
    if session is None or is_proof(context, body.get("sca"), request.path, body):
        return None
    return _required("a proof for this very call in the member sca", "no such proof")


def refuse_without_proof(request: Request, context: Context) -> None:
    """Stop a call that asks for a proof of its own and has none."""
    problem = proof_missing(request, context)
    if problem:
        refuse_if(True, problem)


def per_operation(*methods: str) -> Rule:
    """Calls with these methods ask for a proof of their own."""

    def check(making: Making) -> Iterable[Problem]:
        if making.request and making.context and making.request.method in methods:
            problem = proof_missing(making.request, making.context)
            if problem:
                yield problem

    return Rule(check=check)


def per_session(method: str = "POST") -> Rule:
    """Calls with this method ask for a user's token that was asked for with a proof."""

    def check(making: Making) -> Iterable[Problem]:
        if making.request and making.context and making.request.method == method:
            session = session_of(making.request, making.context)
            if session is not None and not session["sca"]:
                yield _required("a token that was asked for with a proof", "a token whose trz:sca is false")

    return Rule(check=check)


def _required(expected: str, seen: str) -> Problem:
    return Problem(
        code="SCA_REQUIRED", field="sca", seen=seen, expected=expected, cause="provider.sca_required", status=403
    )


def _json(value: object) -> object:
    """Numbers with a point are decimals in a body that is read, and floats in what was kept."""
    match value:
        case dict():
            return {name: _json(member) for name, member in value.items()}
        case list():
            return [_json(member) for member in value]
        case None | bool() | str() | int():
            return value
    return float(str(value))


ENDPOINTS = (action("POST", "/simulation/scaProof", simulate_proof, STYLE, scopes=("admin",)),)
