"""Wise's envelope for a body or a query that it does not take: a list of ``errors``, one for each field.

Source: https://docs.wise.com/guides/developer/errors.
"""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.errors import Reason
from sandbox.providers.context import Response


def invalid(path: str, message: str, *, code: str = "NOT_VALID", seen: str = "", status: int = 400) -> Response:
    """The refusal of one field."""
    return Response(
        status=status,
        json={"errors": [{"code": code, "message": message, "path": path, "arguments": []}]},
        reasons=(Reason(code="provider.invalid_body", seen=seen or f"{path or 'the body'}", expected=message),),
    )


def read_object(body: bytes) -> Mapping[str, Any] | Response:
    """The JSON object of a body, or the refusal of what is none."""
    try:
        said = json.loads(body.decode())
    except (ValueError, RecursionError):
        return invalid("", "must be JSON", seen=f"{len(body)} bytes that are not JSON")
    if not isinstance(said, dict):
        return invalid("", "must be a JSON object", seen=f"JSON of another kind: {type(said).__name__}")
    return said
