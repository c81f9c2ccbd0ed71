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
from sandbox.jose.scheme import OAEP
from sandbox.providers.context import Context, NewKey, Request, Response
from sandbox.providers.kit.calls import JSON, action, told
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.lists import query_values
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.wise.signing import ALGORITHMS, JOSE_JSON
from sandbox.providers.wise.style import STYLE, invalid
from sandbox.providers.wise.users import CLIENT

SIGNING_SCOPE, ENCRYPTION_SCOPE = "PAYLOAD_SIGNING", "PAYLOAD_ENCRYPTION"
SCOPES: Mapping[str, Mapping[str, str]] = {
    SIGNING_SCOPE: {name: name for name in ALGORITHMS},
    ENCRYPTION_SCOPE: {"RSA_OAEP_256": OAEP.name},
}
"""What keys are for: their algorithms as Wise writes them, and by each the name that it has in a JOSE header."""
_NAMES: Mapping[str, str] = {wises: jose for names in SCOPES.values() for wises, jose in names.items()}
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
            "scope": said["scope"],
            "validFrom": said.get("validFrom"),
            "validTill": said.get("validTill"),
            "publicKeyMaterial": {
                "algorithm": said["publicKeyMaterial"]["algorithm"],
                "keyMaterial": key.material,
            },
            "deactivationTimestamp": None,
        },
    )


def reply_key(request: Request, context: Context) -> Response:
    """``GET /v1/auth/jose/response/public-keys``: the key that verifies replies, or to which calls are encrypted."""
    return _public_key(request, context, SCOPES)


def old_reply_key(request: Request, context: Context) -> Response:
    """``GET /v1/auth/jwt-public-key``, its elder sister: its page says that signing is its only scope."""
    return _public_key(request, context, {SIGNING_SCOPE: SCOPES[SIGNING_SCOPE]})


def _public_key(request: Request, context: Context, scopes: Mapping[str, Mapping[str, str]]) -> Response:
    query = {name: values[-1] for name, values in query_values(request).items() if values[-1]}
    algorithm, scope, version = query.get("algorithm", ""), query.get("scope", ""), query.get("version")
    name = _name(algorithm, scope, scopes, field="algorithm")
    if version is not None and not (version.isdecimal() and len(version) <= 10 and int(version) <= MAX_VERSION):
        refuse_fields(invalid("version", "must be an integer", seen=f"version {version[:40]!r}"))
    key = context.keys.of_replies(name, None if version is None else int(version))
    if key is None:
        message = "must be the version of a key that there is"
        refuse_fields(invalid("version", message, code="NOT_FOUND", seen=f"version {version}", status=404))
    return Response(
        status=200,
        json={
            "keyId": key.id,
            "version": key.version,
            "keyMaterial": {"algorithm": algorithm, "keyMaterial": key.spki},
            "scope": scope,
        },
    )


def _name(algorithm: str, scope: str, scopes: Mapping[str, Mapping[str, str]], *, field: str) -> str:
    """The algorithm as a JOSE header has it, where there is one of that name for that scope. Raises Stop."""
    known = [name for names in scopes.values() for name in names]
    if algorithm not in known:
        refuse_fields(invalid(field, f"must be one of {', '.join(known)}", seen=f"algorithm {algorithm[:40]!r}"))
    if scope not in scopes:
        refuse_fields(invalid("scope", f"must be {' or '.join(scopes)}", seen=f"scope {scope[:40]!r}"))
    if algorithm not in scopes[scope]:
        message = f"must be one of {', '.join(scopes[scope])} for {scope}"
        refuse_fields(invalid(field, message, seen=f"algorithm {algorithm[:40]!r}"))
    return scopes[scope][algorithm]


def _read(said: Mapping[str, Any]) -> NewKey:
    material = said.get("publicKeyMaterial")
    if not isinstance(material, dict) or not isinstance(material.get("keyMaterial"), str):
        refuse_fields(invalid("publicKeyMaterial.keyMaterial", "must be base64 of a DER SubjectPublicKeyInfo"))
    algorithm, scope = material.get("algorithm"), said.get("scope")
    if not isinstance(algorithm, str):
        refuse_fields(invalid("publicKeyMaterial.algorithm", f"must be one of {', '.join(_NAMES)}"))
    if not isinstance(scope, str):
        refuse_fields(invalid("scope", f"must be {' or '.join(SCOPES)}", seen=f"{scope!r:.40}"))
    # One that is not for calls is refused where keys are taken, which says more of it than that it is not in a list.
    # RSA-OAEP-256 with hyphens would be taken there, for whatever scope: here it has another name.
    unknown = algorithm not in (*_NAMES, *_NAMES.values()) and scope in SCOPES
    jose_name = algorithm if unknown else _name(algorithm, scope, SCOPES, field="publicKeyMaterial.algorithm")
    kid = said.get("keyId")
    needed = scope == ENCRYPTION_SCOPE  # the JWE guide: "required", for calls name it; a signing key may go without
    if (kid is not None or needed) and not (isinstance(kid, str) and _UUID.match(kid)):
        refuse_fields(invalid("keyId", "must be a UUID", seen=f"{kid!r:.60}"))
    times = []
    for name in ("validFrom", "validTill"):
        at = _instant(said.get(name))
        if isinstance(at, str):
            refuse_fields(invalid(name, "must be yyyy-MM-dd HH:mm:ss, UTC", seen=at))
        times.append(at)
    if times[0] and times[1] and times[1] <= times[0]:  # own; the sample of an older page has the two exchanged
        refuse_fields(invalid("validTill", "must be after validFrom", seen=f"{said['validTill']!r:.60}"))
    return NewKey(
        kid=kid,
        algorithm=jose_name,
        material=material["keyMaterial"],
        active_from=times[0],
        expires_at=times[1],
    )


def _instant(said: object) -> datetime | str | None:
    """The instant, or what stands in its place."""
    if said is None:
        return None
    try:
        return datetime.strptime(str(said), _TIME).replace(tzinfo=UTC)
    except ValueError:
        return f"{said!r:.60}"


def _not_taken(refused: Refused) -> Response:
    reasons = refused.reasons
    if reasons[0].code == "signature.alg_unsupported":  # told by the names that this call takes
        reasons = (replace(reasons[0], expected=f"one of {', '.join(_NAMES)}"),)
    reason = reasons[0]
    unique = reason.code == "provider.not_unique"
    path = "keyId" if unique else "publicKeyMaterial"
    error: dict[str, object] = {
        "code": "NOT_UNIQUE" if unique else "NOT_VALID",
        "message": f"must be {reason.expected}",
        "path": path,
        "arguments": [],
    }
    return Response(status=400, json={"errors": [error]}, reasons=reasons)


def jwe_playground_get(request: Request, context: Context) -> Response:
    """Says no message back, encrypted: a GET has none."""
    return _played("", request)


def jose_playground(request: Request, context: Context) -> Response:
    """Says the message back, sealed as it came; a call that is not sealed as it must be never comes here."""
    message = parse(request.payload).get("message")
    if not isinstance(message, str):
        refuse_fields(invalid("message", "must be a text", seen=f"{message!r:.40}"))
    if len(message) > MAX_MESSAGE:
        length = f"size must be between 0 and {MAX_MESSAGE}"
        refuse_fields(invalid("message", length, code="Size", seen=f"{len(message)} characters"))
    return _played(message, request)


def _played(message: str, request: Request) -> Response:
    return Response(status=200, json={"message": f"jose-playground-response-{message}", "method": request.method})


_SEALED = replace(STYLE, accepts=(JOSE_JSON, JSON))
_PLAYGROUND = "/v1/auth/jose/playground"


ENDPOINTS = told(
    action("POST", "/v1/auth/jose/request/public-keys", register_key, STYLE),
    # The first key of an algorithm is made when somebody asks for it: a write.
    action("GET", "/v1/auth/jose/response/public-keys", reply_key, STYLE, body=False),
    action("POST", f"{_PLAYGROUND}/jws", jose_playground, _SEALED, signing="required"),
    action("GET", f"{_PLAYGROUND}/jwe", jwe_playground_get, STYLE, encryption="required", body=False),
    action("POST", f"{_PLAYGROUND}/jwe", jose_playground, _SEALED, encryption="required"),
    action("POST", f"{_PLAYGROUND}/jwe-direct-encryption", jose_playground, _SEALED, encryption="direct"),
    action("POST", f"{_PLAYGROUND}/jwsjwe", jose_playground, _SEALED, signing="required", encryption="required"),
    source="JWS and JWE guides; description 2026Q3",
    tokens=(CLIENT,),
)
LEGACY = told(
    action("GET", "/v1/auth/jwt-public-key", old_reply_key, STYLE, body=False),
    source="JWS guide",
)
