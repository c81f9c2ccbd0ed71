"""What is wrong with a call, and how a provider says so.

Who finds a problem raises `Stop`, and need not know how it is told: the endpoint's `ErrorStyle` makes the reply of it.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

from sandbox.errors import Refusal
from sandbox.providers.context import Response

Stage = Literal["malformed", "fields", "rules", "absent"]
"""``malformed``: the body is no JSON object. ``fields``: a field is missing or holds what it cannot. ``rules``: fields
that are good, and do not go together or with what is there. ``absent``: what the path names does not exist."""

_STATUSES: Mapping[Stage, int] = {"malformed": 400, "fields": 400, "rules": 422, "absent": 404}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One broken rule: in the provider's words for the reply, in ours for the journal."""

    code: str = ""
    """The provider's code."""
    field: str = ""
    """The JSON path of the member, or the name in the query."""
    seen: str
    """What came, for the journal."""
    expected: str = ""
    """For the journal; empty: the provider's own sentence says it."""
    message: str = ""
    """For the reply; empty: the sentence of the code in the style's table."""
    says: str = ""
    """What the field must be, in plain words; the last resort for both."""
    cause: str = "provider.invalid_body"
    """The row of `journal.causes`."""
    next: str = ""
    """A next step that is more exact than that of the table of causes."""
    status: int = 0
    """Zero: the status of its stage."""
    more: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Further members that the provider's reply has."""


class Stop(Exception):
    """The call cannot go on. Carries every problem that was found, at least one."""

    def __init__(self, stage: Stage, problems: Sequence[Problem]) -> None:
        super().__init__(stage, *problems)
        self.stage: Stage = stage
        self.problems = tuple(problems)


def read_all(*reads: Callable[[], Any]) -> list[Any]:
    """What each of them reads, in their order. Raises one Stop with what is wrong in all of them: whoever calls is told
    every mistake at once. What is no mistake in a field stops at once."""
    found: list[Any] = []
    problems: list[Problem] = []
    for one in reads:
        try:
            found.append(one())
        except Stop as stop:
            if stop.stage != "fields":
                raise
            problems += stop.problems
    if problems:
        raise Stop("fields", problems)
    return found


def refuse_fields(*problems: Problem) -> NoReturn:
    raise Stop("fields", problems)


def refuse_rules(*problems: Problem) -> NoReturn:
    raise Stop("rules", problems)


def refuse_if(condition: object, problem: Problem) -> None:
    """Stop the call when a rule is broken."""
    if condition:
        raise Stop("rules", (problem,))


def refuse_absent(kind: str, id: str) -> NoReturn:
    """What the path or the body names does not exist, or is another client's."""
    seen, expected = f"{kind} {id[:40]!r}", f"a {kind} of this client"
    raise Stop("absent", (Problem(field=kind, seen=seen, expected=expected, cause="provider.not_found"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorStyle:
    """How a provider, or a family of its calls, tells problems."""

    body: Callable[[Stage, Sequence[Problem]], object]
    """The JSON of a refusal. It gets every problem, each with its ``message`` filled in; a provider that tells only the
    first one uses only that. The journal has them all."""
    sentences: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Code to sentence, as the provider's table has them."""
    statuses: Mapping[Stage, int] = dataclasses.field(default_factory=lambda: _STATUSES)
    provider: str = ""
    """As a command has to name it, for the next step of what is absent."""
    media_type: str = ""

    def reply(self, stop: Stop) -> Response:
        problems = [self._worded(problem) for problem in stop.problems]
        return Response(
            status=problems[0].status or self.statuses[stop.stage],
            json=self.body(stop.stage, problems),
            reasons=tuple(self._reason(stop.stage, problem) for problem in problems),
            media_type=self.media_type,
        )

    def _worded(self, problem: Problem) -> Problem:
        plain = f"must be {problem.says}" if problem.says else ""
        message = problem.message or self.sentences.get(problem.code, plain)
        return replace(problem, message=message) if message != problem.message else problem

    def _reason(self, stage: Stage, problem: Problem) -> Refusal:
        told = f"{problem.message} ({problem.code})" if problem.message and problem.code else problem.message
        expected = problem.expected or told or problem.says
        if stage == "absent":
            of = f" --provider {self.provider}" if self.provider else ""
            see = f"sandbank resource list {problem.field}{of} --client demo shows those that it has"
            return Refusal(code=problem.cause, seen=problem.seen, expected=expected, next=problem.next or see)
        seen = f"{problem.field}: {problem.seen}" if problem.field else problem.seen
        return Refusal(code=problem.cause, seen=seen, expected=expected, next=problem.next)
