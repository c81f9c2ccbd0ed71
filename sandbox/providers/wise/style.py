"""How Wise's calls speak: bare JSON, and for a body or a query that is not taken a list of ``errors``.

Source: https://docs.wise.com/guides/developer/errors.
"""

from collections.abc import Sequence

from sandbox.providers.kit.calls import Style
from sandbox.providers.kit.problems import ErrorStyle, Problem, Stage


def _errors(stage: Stage, problems: Sequence[Problem]) -> object:
    """One error for each field; what is absent is named by the parameter of the path."""
    if stage == "absent":
        kind = problems[0].field
        return {"errors": [_error("NOT_FOUND", f"{kind.capitalize()} not found", f"{kind}Id")]}
    return {"errors": [_error(problem.code or "NOT_VALID", problem.message, problem.field) for problem in problems]}


def _error(code: str, message: str, path: str) -> object:
    return {"code": code, "message": message, "path": path, "arguments": []}


def invalid(field: str, message: str, *, code: str = "NOT_VALID", seen: str = "", status: int = 0) -> Problem:
    """What is wrong with one field."""
    seen = seen.removeprefix(f"{field}: ") or "something else"
    return Problem(code=code, field=field, message=message, expected=message, seen=seen, status=status)


STYLE = Style(
    errors=ErrorStyle(body=_errors),
    one=lambda resource, body: body,
    many=lambda resource, uri, bodies, page: list(bodies),
)
