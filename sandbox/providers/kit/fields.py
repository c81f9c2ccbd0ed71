"""A body read against the fields that a resource declares: everything that is wrong with it at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.providers.kit.problems import Problem, Stop
from sandbox.providers.kit.values import Kind, read_json

LONGEST_SEEN = 40
"""Characters of a value that the journal repeats."""
Values = Mapping[str, Any]
"""What was given, read: dates as dates, amounts as decimals, objects as mappings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Two members of one object of which at most one may be given."""

    one: str
    other: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One member of a body. Members without a field are ignored."""

    name: str
    kind: Kind | None = None
    """None: an object, with ``members`` of its own; without them no call gives it."""
    wrong: str = ""
    """The provider's code for a value that cannot be."""
    missing: str = ""
    """The provider's code when it is not given; empty: it need not be."""
    default: Any = None
    """What a new resource has when it is not given: a value, or a function of the `Making`."""
    make: "Callable[[Any], Any] | None" = None
    """What the resource shows, as a function of the `Making`, whatever was given."""
    anew: bool = False
    """Whether ``make`` is also asked where a change leaves everything else as it was: the time of the last change."""
    given: bool = True
    """Whether a call may give it. Otherwise a new resource has its default, and only seeds may set another."""
    shown: bool = True
    """Whether it is a member of the resource; otherwise it is only an instruction to the call."""
    fixed: bool = False
    """Whether a change of only what is given passes it over."""
    members: tuple["Field", ...] = ()
    apart: tuple[Apart, ...] = ()
    most: int = 0
    """With ``members``: it is an array of at least one and at most so many such objects; 0: it is one object."""
    secret: bool = False
    """Its value is repeated nowhere."""


def table(*members: Field, apart: tuple[Apart, ...] = ()) -> Field:
    """The body itself, as a field."""
    return Field(name="", members=members, apart=apart)


def read(payload: bytes, fields: Field, *, partly: bool = False) -> Values:
    """The members that a body has, as values to work with. Raises Stop with everything that is wrong.

    What cannot be is told first; what cannot be together only when each member by itself is good. *partly*: the body
    changes a resource, and nothing is missing.
    """
    return read_object(parse(payload), fields, partly=partly)


def parse(payload: bytes) -> Values:
    """The JSON object of a body. Raises Stop."""
    try:
        body = read_json(payload)
    except (ValueError, RecursionError):
        raise _malformed(f"{len(payload)} bytes that are not JSON{_sealed(payload)}", "JSON") from None
    if not isinstance(body, dict):
        raise _malformed(f"JSON of another kind: {type(body).__name__}", "a JSON object")
    return body


def _sealed(payload: bytes) -> str:
    """Of a JWS or JWE, that it is one: the call was not opened, or only the outer one of two."""
    kinds = {3: "a JWS", 5: "a JWE"}  # RFC 7515 and 7516, sections 7.1 each
    found = kinds.get(payload.count(b".") + 1) if payload.startswith(b"eyJ") else None
    return f", but {found}" if found else ""


def read_object(body: Values, fields: Field, *, partly: bool = False) -> Values:
    """The same of an object that is parsed already: a query, a form."""
    reading = _Reading(wrong=[], together=[], partly=partly)
    values = reading.members(body, fields, "")
    if reading.wrong:
        raise Stop("fields", reading.wrong)
    if reading.together:
        raise Stop("rules", reading.together)
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was found to be wrong so far."""

    wrong: list[Problem]
    together: list[Problem]
    partly: bool

    def members(self, given: Values, field: Field, path: str) -> dict[str, Any]:
        values = {}
        for member in field.members:
            if not member.given or (self.partly and member.fixed) or not (member.kind or member.members):
                continue
            value = self._member(given.get(member.name), member, f"{path}{member.name}")
            if value is not None:
                values[member.name] = value
        for rule in field.apart:
            if rule.one in values and rule.other in values:
                seen, says = f"both {rule.one} and {rule.other}", f"given without {rule.other}"
                self.together.append(Problem(code=rule.code, field=f"{path}{rule.one}", seen=seen, says=says))
        return values

    def _member(self, value: object, member: Field, where: str) -> Any:
        if value is None:
            if member.missing and not self.partly:
                self.wrong.append(Problem(code=member.missing, field=where, seen="nothing", says=_says(member)))
            return None
        if member.kind is None and member.most:
            if isinstance(value, list) and 0 < len(value) <= member.most:
                return [self._object(one, member, f"{where}[{at}]") for at, one in enumerate(value)]
        elif member.kind is None and isinstance(value, dict):
            return self.members(value, member, f"{where}.")
        found = member.kind.read(value) if member.kind else None
        if found is None:
            problem = Problem(code=member.wrong, field=where, seen=_seen(value, member), says=_says(member))
            self.wrong.append(problem)
        return found

    def _object(self, value: object, field: Field, where: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return self.members(value, field, f"{where}.")
        self.wrong.append(Problem(code=field.wrong, field=where, seen=_seen(value, field), says="an object"))
        return {}


def at(body: Values, path: str) -> Any:
    """The member at a path such as ``debtorAccount.iban``; None where there is none."""
    if "." not in path:  # most are names, and every row that is kept is asked for several
        return body.get(path)
    found: Any = body
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def field_at(fields: Field, path: str) -> Field:
    """The field at a path. A wrong path is a fault of the declaration."""
    name, _, rest = path.partition(".")
    for member in fields.members:
        if member.name == name:
            return field_at(member, rest) if rest else member
    raise LookupError(f"no field is declared at {path!r}")


def written(values: Values, fields: Field) -> dict[str, Any]:
    """What was given, as JSON: each member as its kind writes it."""
    kept = {}
    for member in fields.members:
        if member.name in values:
            value = values[member.name]
            if member.kind:
                kept[member.name] = member.kind.write(value)
            elif member.most:
                kept[member.name] = [written(one, member) for one in value]
            else:
                kept[member.name] = written(value, member)
    return kept


def with_nulls(kept: Values, fields: Field) -> dict[str, Any]:
    """What was written, with null for every member that was not given; of an object that was not given one null."""
    shown: dict[str, Any] = {}
    for member in fields.members:
        value = kept.get(member.name)
        if value is not None and member.members and not member.most:
            value = with_nulls(value, member)
        shown[member.name] = value
    return shown


def _malformed(seen: str, says: str) -> Stop:
    return Stop("malformed", (Problem(seen=seen, expected="a JSON object", says=says),))


def _says(field: Field) -> str:
    if field.most:
        return f"an array of 1 to {field.most} objects"
    return field.kind.says if field.kind else "an object"


def _seen(value: object, field: Field) -> str:
    if field.secret:
        return f"{len(value)} characters" if isinstance(value, str) else f"JSON of another kind: {type(value).__name__}"
    if isinstance(value, str):
        # As in a Python text: half a surrogate pair could not be written down.
        return ascii(value[:LONGEST_SEEN])
    if isinstance(value, dict | list):
        return f"JSON of another kind: {type(value).__name__}"
    return f"{value!s:.{LONGEST_SEEN}}"
