"""By which values a row is found, and the rules that fields good by themselves may break."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, ReadRows, Where
from sandbox.providers.kit.fields import at
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, Stage


def plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_SEVERAL = (list, tuple)


def folded(value: Any) -> str:
    """Upper and lower case are alike."""
    return plain(value).lower()


def amounts(value: Any) -> str:
    """Amounts of money, so that texts sort as the amounts do."""
    return f"{Decimal(str(value)):024.2f}"


def counts(value: Any) -> str:
    """Whole numbers from zero, so that texts sort as the numbers do."""
    return f"{int(value):020d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One value of a row by which lists and rules find it."""

    name: str
    """The path in the body, unless ``of`` says where the value is."""
    of: Callable[[Body], Any] | None = None
    """One value or a list of several; None: the row has none."""
    write: Callable[[Any], str] = plain

    def values(self, body: Body) -> list[str]:
        found = self.of(body) if self.of else at(body, self.name)
        if not isinstance(found, _SEVERAL):
            return [] if found is None else [self.write(found)]
        return [self.write(value) for value in found if value is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that fields good by themselves may break. All rules of a stage are judged, then the call stops."""

    check: Callable[[Making], Iterable[Problem]]
    stage: Stage = "rules"


def exists(path: str, kind: str, code: str, *, key: str = "") -> Rule:
    """The member at *path* names a row of that kind: by its id, or by the index value *key*."""

    def check(making: Making) -> Iterable[Problem]:
        wanted = at(making.given, path)
        if wanted is not None and not _there(making.rows, kind, key, plain(wanted)):
            seen = f"{plain(wanted)[:40]!a}, which is no {kind} of this client"
            says = f"the {key.rpartition('.')[2] or 'id'} of a {kind} of this client"
            yield Problem(code=code, field=path, seen=seen, says=says, cause="provider.not_found")

    return Rule(check=check)


def unique(path: str, kind: str, code: str, *, key: str = "", within: str = "") -> Rule:
    """No other row of that kind has the same value; with *within*, none that also has the same value there."""

    def check(making: Making) -> Iterable[Problem]:
        wanted = at(making.given, path)
        if wanted is None:
            return
        where = [equals(key or path, wanted)]
        if within:
            where.append(equals(within, making.value(within)))
        for row in making.rows.find(kind, where, size=2).rows:
            if row.id != making.id:
                name = path.rpartition(".")[2]
                seen, says = f"the {kind} {row.id} of the same {name}", f"a {name} that no other {kind} has"
                yield Problem(code=code, field=path, seen=seen, says=says, cause="provider.not_unique")
                return

    return Rule(check=check)


def needs_one_of(*paths: str, code: str, field: str = "") -> Rule:
    """At least one of these members is given."""

    def check(making: Making) -> Iterable[Problem]:
        if not any(making.value(path) for path in paths):
            either = " or ".join(paths)
            yield Problem(code=code, field=field or paths[0], seen=f"neither {either}", says=f"given: {either}")

    return Rule(check=check, stage="fields")


def equals(key: str, *values: Any) -> Where:
    """The index value is one of these."""
    return Where(key=key, how="in", values=tuple(map(plain, values)))


def _there(rows: ReadRows, kind: str, key: str, wanted: str) -> bool:
    if not key:
        return rows.get(kind, wanted) is not None
    return rows.find(kind, (equals(key, wanted),), size=1).total > 0
