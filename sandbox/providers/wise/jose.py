"""Wise's calls about signatures and certificates: public keys in and out, and the playgrounds.

Sources: https://docs.wise.com/guides/developer/auth-and-security/jose and .../mtls; Wise's description 2026Q3. How a
bad key is refused is not published, nor what the playground of the mutual-TLS guide answers: both are our own.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sandbox.errors import Refused
from sandbox.providers.context import Context, NewKey, ReadContext, Request, Response
from sandbox.providers.kit.calls import JSON, action, look, told
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.lists import query_values
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.signing import ALGORITHMS, JOSE_JSON
from sandbox.providers.wise.style import STYLE, invalid
from sandbox.providers.wise.users import CLIENT

SIGNING_SCOPE, ENCRYPTION_SCOPE = "PAYLOAD_SIGNING", "PAYLOAD_ENCRYPTION"
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_TIME = "%Y-%m-%d %H:%M:%S"
MAX_VERSION = 2**31 - 1
"""The version is an int32."""
MAX_MESSAGE = 100
"""Characters; what Wise answers to more is not published."""


def register_key(request: Request, context: Context) -> Response:
    """``POST /v1/auth/jose/request/public-keys``: 201 with what was sent and two members that are always null."""
    said = parse(request.payload)
    key = _read(said)
    try:
        context.keys.register(key)
    except Refused as refused:
        return _not_taken(refused)
    return Response(
        status=201,
        json={
            "clientId": None,
            "keyId": key.kid,
            "scope": SIGNING_SCOPE,
            "validFrom": said.get("validFrom"),
            "validTill": said.get("validTill"),
            "publicKeyMaterial": {"algorithm": key.algorithm, "keyMaterial": key.material},
            "deactivationTimestamp": None,
        },
    )


def reply_key(request: Request, context: Context) -> Response:
    """``GET /v1/auth/jose/response/public-keys`` and its elder sister ``/v1/auth/jwt-public-key``."""
    query = {name: values[-1] for name, values in query_values(request).items() if values[-1]}
    algorithm, scope, version = query.get("algorithm", ""), query.get("scope", ""), query.get("version")
    if scope == ENCRYPTION_SCOPE:
        refuse_fields(_encryption())
    if algorithm not in ALGORITHMS:
        refuse_fields(
            invalid("algorithm", f"must be one of {', '.join(ALGORITHMS)}", seen=f"algorithm {algorithm[:40]!r}")
        )
    if scope != SIGNING_SCOPE:
        refuse_fields(invalid("scope", f"must be {SIGNING_SCOPE}", seen=f"scope {scope[:40]!r}"))
    if version is not None and not (version.isdecimal() and len(version) <= 10 and int(version) <= MAX_VERSION):
        refuse_fields(invalid("version", "must be an integer", seen=f"version {version[:40]!r}"))
    key = context.keys.of_replies(algorithm, None if version is None else int(version))
    if key is None:
        message = f"there is no key of version {version}"
        refuse_fields(invalid("version", message, code="NOT_FOUND", seen=f"version {version}", status=404))
    return Response(
        status=200,
        json={
            "keyId": key.id,
            "version": key.version,
            "keyMaterial": {"algorithm": algorithm, "keyMaterial": key.spki},
            "scope": SIGNING_SCOPE,
        },
    )


def _read(said: Mapping[str, Any]) -> NewKey:
    material = said.get("publicKeyMaterial")
    if not isinstance(material, dict) or not isinstance(material.get("keyMaterial"), str):
        refuse_fields(invalid("publicKeyMaterial.keyMaterial", "must be base64 of a DER SubjectPublicKeyInfo"))
    if not isinstance(material.get("algorithm"), str):
        refuse_fields(invalid("publicKeyMaterial.algorithm", f"must be one of {', '.join(ALGORITHMS)}"))
    if said.get("scope") == ENCRYPTION_SCOPE:
        refuse_fields(_encryption())
    if said.get("scope") != SIGNING_SCOPE:
        refuse_fields(invalid("scope", f"must be {SIGNING_SCOPE}", seen=f"{said.get('scope')!r:.40}"))
    kid = said.get("keyId")
    if kid is not None and not (isinstance(kid, str) and _UUID.match(kid)):
        refuse_fields(invalid("keyId", "must be a UUID", seen=f"{kid!r:.60}"))
    times = []
    for name in ("validFrom", "validTill"):
        at = _instant(said.get(name))
        if isinstance(at, str):
            refuse_fields(invalid(name, "must be yyyy-MM-dd HH:mm:ss, UTC", seen=at))
        times.append(at)
    return NewKey(
        kid=kid,
        algorithm=material["algorithm"],
        material=material["keyMaterial"],
        active_from=times[0],
        expires_at=times[1],
    )


def _encryption() -> Problem:
    message = f"{ENCRYPTION_SCOPE} is not imitated yet"
    return invalid("scope", message, seen=ENCRYPTION_SCOPE, cause="route.not_imitated")


def _instant(said: object) -> datetime | str | None:
    """The instant, or what stands in its place."""
    if said is None:
        return None
    try:
        return datetime.strptime(str(said), _TIME).replace(tzinfo=UTC)
    except ValueError:
        return f"{said!r:.60}"


def _not_taken(refused: Refused) -> Response:
    reason = refused.reasons[0]
    unique = reason.code == "provider.not_unique"
    path = "keyId" if unique else "publicKeyMaterial"
    error: dict[str, object] = {
        "code": "NOT_UNIQUE" if unique else "NOT_VALID",
        "message": f"must be {reason.expected}",
        "path": path,
        "arguments": [],
    }
    return Response(status=400, json={"errors": [error]}, reasons=refused.reasons)


def playground(request: Request, context: ReadContext) -> Response:
    if request.client is None or request.certificate is None or request.token is None:
        raise RuntimeError("the playground is declared with peer='required' and a bearer login")
    return Response(
        status=200,
        json={
            "client": {"id": request.client.id, "name": request.client.name},
            "certificate": {
                "serial": request.certificate.serial,
                "fingerprint_sha256": request.certificate.fingerprint_sha256,
                "subject": request.certificate.subject,
                "not_after": milliseconds(request.certificate.not_after),
            },
            "token": {
                "kind": request.token.kind,
                "scope": request.token.scope,
                "expires_at": milliseconds(request.token.expires_at),
            },
        },
    )


def jws_playground(request: Request, context: Context) -> Response:
    """Says the message back, signed; a call that is not a JWS never comes here."""
    message = parse(request.payload).get("message")
    if not isinstance(message, str):
        refuse_fields(invalid("message", "must be a text", seen=f"{message!r:.40}"))
    if len(message) > MAX_MESSAGE:
        length = f"size must be between 0 and {MAX_MESSAGE}"
        refuse_fields(invalid("message", length, code="Size", seen=f"{len(message)} characters"))
    return Response(status=200, json={"message": f"jose-playground-response-{message}", "method": request.method})


ENDPOINTS = told(
    action("POST", "/v1/auth/jose/request/public-keys", register_key, STYLE),
    # The first key of an algorithm is made when somebody asks for it: a write.
    action("GET", "/v1/auth/jose/response/public-keys", reply_key, STYLE, body=False),
    action(
        "POST",
        "/v1/auth/jose/playground/jws",
        jws_playground,
        replace(STYLE, accepts=(JOSE_JSON, JSON)),
        signing="required",
    ),
    source="JWS guide; description 2026Q3",
    simplified="signing only, no encryption",
    tokens=(CLIENT,),
)
LEGACY = told(
    action("GET", "/v1/auth/jwt-public-key", reply_key, STYLE, body=False),
    replace(look("/v1/authenticated/playground", playground, STYLE), peer="required"),
    source="JWS guide; mutual-TLS guide",
    simplified="the body of the playground's answer is the sandbox's own",
)
