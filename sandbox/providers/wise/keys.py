"""Wise's public-key endpoints: handing in a key of one's own, and fetching the key that verifies a reply.

Sources: https://docs.wise.com/guides/developer/auth-and-security/jose and Wise's OpenAPI description. How a bad key is
refused is not published; the validation envelope is the sandbox's choice.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.errors import Refused
from sandbox.providers.context import Context, NewKey, Request, Response
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.lists import query_values
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.wise.signing import ALGORITHMS
from sandbox.providers.wise.style import invalid

SIGNING_SCOPE = "PAYLOAD_SIGNING"
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_TIME = "%Y-%m-%d %H:%M:%S"
MAX_VERSION = 2**31 - 1
"""The version is an int32."""


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
    if said.get("scope") != SIGNING_SCOPE:
        message = f"must be {SIGNING_SCOPE}; encryption is not imitated"
        refuse_fields(invalid("scope", message, seen=f"{said.get('scope')!r:.40}"))
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
