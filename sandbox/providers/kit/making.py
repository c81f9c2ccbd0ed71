"""What a resource is made from, and how it gets its id and its place in lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.providers.context import Body, Context, NoRows, ReadContext, ReadRows, Request
from sandbox.providers.kit.fields import Values, at
from sandbox.providers.kit.values import Kind, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a resource is made or changed from; rules judge it, and defaults are functions of it."""

    id: str = ""
    """Of a new resource empty while rules judge: it is made afterwards."""
    given: Values
    """What the call gives, read: dates as dates, amounts as decimals."""
    now: datetime
    params: Mapping[str, str] = field(default_factory=dict)
    """Of the path."""
    request: Request | None = None
    context: Context | None = None
    """None for a row of a seed."""
    before: Body | None = None
    """The resource as it was, for a call that changes it."""
    partly: bool = False
    """Whether the call changes only what it gives."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What the handler found out on the way."""

    @property
    def rows(self) -> ReadRows:
        return self.context.resources if self.context else NoRows()

    def value(self, path: str) -> Any:
        """What the resource will have at this path, as far as the call says it or leaves it."""
        given = at(self.given, path)
        return at(self.before or {}, path) if given is None and self.partly else given

    @property
    def today(self) -> str:
        return today(self.now)

    def random(self, length: int) -> str:
        """A new text of small letters and digits. For a seed the id stands in: the same file makes the same row."""
        return self.context.ids.base36(length) if self.context else self.id[:length]


def stays(name: str, new: Callable[[Making], Any]) -> Callable[[Making], Any]:
    """A change leaves this member as it was; a new resource gets what *new* makes."""
    return lambda making: making.before[name] if making.before else new(making)


def today(now: datetime) -> str:
    """The date in UTC."""
    return f"{now.astimezone(UTC):%Y-%m-%d}"


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return int(at.timestamp() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """How a resource gets its id, and what a person may put as one."""

    name: str = "id"
    """The member that shows it."""
    new: Callable[[Context, str], str]
    """From the context and the kind."""
    kind: Kind
    number: bool = False
    """Whether the resource shows it as a number."""

    def shown(self, id: str) -> str | int:
        return int(id) if self.number else id


def random_id(
    length: int, *, name: str = "id", says: str = "lower-case letters and digits such as 6bee3razby"
) -> Identity:
    """Small letters and digits."""
    kind = text(longest=255, shortest=1, pattern="[0-9a-z]+", says=says)
    return Identity(name=name, new=lambda context, _: context.ids.base36(length), kind=kind)


def uuid_id(*, name: str = "id") -> Identity:
    """A random UUID (RFC 9562, version 4)."""
    kind = text(longest=255, shortest=1, pattern="[0-9a-zA-Z_-]+", says="a UUID, or letters and digits")
    return Identity(name=name, new=lambda context, _: context.ids.uuid(), kind=kind)


def hex_id(digits: int, *, name: str = "id") -> Identity:
    """So many hexadecimal digits."""
    kind = text(longest=255, shortest=1, pattern="[0-9a-f]+", says="hexadecimal digits")
    return Identity(name=name, new=lambda context, _: context.ids.hex(digits), kind=kind)


def counted(first: int, *, name: str = "id") -> Identity:
    """Whole numbers, counted per client and kind from *first*. Numbers that people have put are passed over."""
    kind = text(
        longest=18, shortest=1, pattern="[1-9][0-9]*", says="a positive number of at most 18 digits", loose=True
    )
    return Identity(name=name, new=lambda context, kind: str(next_number(context, kind, first)), kind=kind, number=True)


def peek_number(context: ReadContext, kind: str, first: int) -> int:
    """The number that comes next, which stays the next one."""
    return int((context.resources.get("counter", kind) or {"next": first})["next"])


def next_number(context: Context, kind: str, first: int) -> int:
    """Counted in a row of its own: looking at all rows of the kind would cost more with each."""
    number = peek_number(context, kind, first)
    context.resources.put("counter", kind, {"next": number + 1})
    return number


def next_order(context: Context) -> int:
    """Later than every row before it, and than those that people have put by now."""
    last = (context.resources.get("counter", "order") or {"last": 0})["last"]
    order = max(int(last) + 1, milliseconds(context.now))
    context.resources.put("counter", "order", {"last": order})
    return order
