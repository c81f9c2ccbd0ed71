"""A body read against a table of its members: everything that is wrong with it at once, with Nuapay's codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.providers.context import Response
from sandbox.providers.nuapay.problems import Manner, Problem, fields_refused, malformed, rules_refused
from sandbox.providers.nuapay.values import Kind, read_json

LONGEST_SEEN = 40
"""Characters of a value that the journal repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Two members of one object of which at most one may be given."""

    one: str
    other: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One member of a body. Members that no table names are passed over, as Nuapay seems to do."""

    name: str
    wrong: str
    """Nuapay's code for a value that cannot be."""
    missing: str = ""
    """Nuapay's code when it is not given; empty: it need not be."""
    kind: Kind | None = None
    """None: an object, with members of its own."""
    members: tuple["Field", ...] = ()
    apart: tuple[Apart, ...] = ()
    secret: bool = False
    """Its value is repeated nowhere."""


def read(said: bytes, table: Field, manner: Manner) -> Mapping[str, Any] | Response:
    """The members that the body has, as values to work with, or the refusal of the whole.

    What cannot be is told first (400); what cannot be together only when each member by itself is good (422).
    """
    try:
        body = read_json(said)
    except (ValueError, RecursionError):
        return malformed(manner, f"{len(said)} bytes that are not JSON")
    if not isinstance(body, dict):
        return malformed(manner, f"JSON of another kind: {type(body).__name__}")
    wrong: list[Problem] = []
    together: list[Problem] = []
    values = _object(body, table, "", wrong, together)
    if wrong:
        return fields_refused(wrong, manner)
    return rules_refused(together, manner) if together else values


def table(*members: Field, apart: tuple[Apart, ...] = ()) -> Field:
    """The body itself."""
    return Field(name="", wrong="", members=members, apart=apart)


def _object(
    given: Mapping[str, Any], field: Field, path: str, wrong: list[Problem], together: list[Problem]
) -> dict[str, Any]:
    values = {}
    for member in field.members:
        where = f"{path}{member.name}"
        value = given.get(member.name)
        if value is None:
            if member.missing:
                wrong.append(Problem(code=member.missing, field=where, seen="nothing"))
        elif member.kind is None and isinstance(value, dict):
            values[member.name] = _object(value, member, f"{where}.", wrong, together)
        elif member.kind is None or (read := member.kind(value)) is None:
            wrong.append(Problem(code=member.wrong, field=where, seen=_seen(value, member)))
        else:
            values[member.name] = read
    together += _not_apart(values, field.apart, path)
    return values


def _not_apart(values: Mapping[str, Any], apart: Sequence[Apart], path: str) -> list[Problem]:
    return [
        Problem(code=rule.code, field=f"{path}{rule.one}", seen=f"both {rule.one} and {rule.other}")
        for rule in apart
        if rule.one in values and rule.other in values
    ]


def _seen(value: object, field: Field) -> str:
    if field.secret:
        return f"{len(value)} characters" if isinstance(value, str) else f"JSON of another kind: {type(value).__name__}"
    if isinstance(value, str):
        # As in a Python text: half a surrogate pair could not be written down.
        return ascii(value[:LONGEST_SEEN])
    if isinstance(value, dict | list):
        return f"JSON of another kind: {type(value).__name__}"
    return f"{value!s:.{LONGEST_SEEN}}"
