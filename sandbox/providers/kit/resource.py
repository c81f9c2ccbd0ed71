"""A resource: everything that is fact about one kind of rows, declared once.

Calls, seed files, ``sandbank resource put`` and the control API all make their rows here, so that nothing is validated
twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sandbox.errors import Misuse
from sandbox.providers.context import Body, Context, ReadContext, Row
from sandbox.providers.kit.fields import Apart, Field, at, field_at, table, written
from sandbox.providers.kit.making import Identity, Making, milliseconds, next_order
from sandbox.providers.kit.problems import Stage, Stop, refuse_absent
from sandbox.providers.kit.rules import Index, Rule, equals, plain
from sandbox.providers.kit.values import Kind

NOTES = "sandbox"
"""The member of a kept row that holds the sandbox's own notes. No reply shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """The path of a call names a parent: ``/schemes/{schemeId}/mandates/{mandateId}``."""

    param: str
    key: str
    """The index value that holds the parent's id. One that begins with ``sandbox.`` is noted by the kit itself."""
    resource: "Resource | None" = None
    """The parent; None: it is no resource, but the environment that the caller's secret names."""
    must_exist: bool = True
    """Whether a list below a parent that does not exist is refused; otherwise it is empty."""

    @property
    def note(self) -> str:
        """The name of the note; empty: the resource itself shows its parent."""
        return self.key.removeprefix(f"{NOTES}.") if self.key.startswith(f"{NOTES}.") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One field of the rows that people put. Its value is judged as the field of the resource that it stands for."""

    name: str
    at: str = ""
    """The path of that field; empty: its name. A field that only seeds have gives a ``kind`` of its own."""
    kind: Kind | None = None
    default: Any = None
    """What stands there when it is not given: as a person would type it, or a function of the id and the time."""
    param: str = ""
    """It stands for a parameter of the path, and not for a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of rows: what a call may give, what comes of it, and how it is found again."""

    kind: str
    id: Identity
    fields: tuple[Field, ...] = ()
    """What a body may give. Without ``body`` also the members of the resource, in this order, behind its id."""
    apart: tuple[Apart, ...] = ()
    body: Callable[[Making], Body] | None = None
    """How the resource looks, where that is more than its fields."""
    notes: Callable[[Making], Body] | None = None
    """What the sandbox remembers of it and does not show."""
    rules: tuple[Rule, ...] = ()
    plural: str = ""
    """Empty: the kind and an s."""
    below: tuple[Below, ...] = ()
    """Its parents, the nearest first."""
    index: tuple[str | Index, ...] = ()
    """By which values lists and rules find it; a text is the path of a member."""
    show: Callable[[Body], Body] | None = None
    """Changes what a reply shows."""
    touch: Callable[[datetime], Body] | None = None
    """What every change of a row sets besides: when it was changed."""
    seeds: tuple[Seed, ...] | None = None
    """What people may put; None: nobody can put one."""
    rows: Mapping[str, Body] = field(default_factory=dict)
    """The rows that every new client has, by id, as a person would put them."""
    ordered: bool = True
    """Whether lists are by age. Otherwise rows have no notes, and lists are by id."""
    _indexes: tuple[Index, ...] | None = field(default=None, init=False, repr=False, compare=False)
    """Those of ``index``, from the first time on that they are asked for: every row that is kept asks."""

    @property
    def table(self) -> Field:
        return table(*self.fields, apart=self.apart)

    @property
    def many(self) -> str:
        return self.plural or f"{self.kind}s"

    @property
    def indexes(self) -> tuple[Index, ...]:
        made = self._indexes
        if made is None:
            made = tuple(Index(name=one) if isinstance(one, str) else one for one in self.index)
            object.__setattr__(self, "_indexes", made)  # frozen for everybody else
        return made

    # What the store and the seed file ask: see `declare.RowKind`.

    @property
    def puttable(self) -> bool:
        return self.seeds is not None

    @property
    def takes(self) -> Sequence[str] | None:
        return None if self.seeds is None else tuple(seed.name for seed in self.seeds)

    def position(self, body: Body) -> int | None:
        return int(body[NOTES]["order"]) if self.ordered else None

    def has_index(self, name: str) -> bool:
        return any(index.name == name for index in self.indexes)

    def keys(self, body: Body) -> Sequence[tuple[str, str]] | None:
        return [(index.name, value) for index in self.indexes for value in index.values(body)] if self.index else None

    def starts(self, now: datetime) -> Sequence[Row]:
        return [Row(kind=self.kind, id=one, body=self.complete(one, {}, now)) for one in self.rows]

    def complete(self, id: str, given: Body, now: datetime) -> Body:
        """The whole row from the little that a person gives. Raises Misuse with the first thing that is wrong."""
        put, faults = self._put(id, given, now)
        if faults:
            raise Misuse(
                faults[0], next_step=f"mend it; the fields that can be given: {', '.join(self.takes or ()) or 'none'}"
            )
        return self._kept(put, order=milliseconds(now))

    def faults(self, id: str, given: Body, now: datetime) -> Sequence[str]:
        """Everything that is wrong with what a person gives, in words."""
        return self._put(id, given, now)[1]

    def offered(self, id: str, body: Body, now: datetime) -> Mapping[str, str]:
        """The fields that a person may give, as they are in *body* or else when they are not given."""
        usual = self.rows.get(id, {})
        return {seed.name: self._written(seed, id, body, usual, now) for seed in self.seeds or ()}

    def _written(self, seed: Seed, id: str, body: Body, usual: Body, now: datetime) -> str:
        """One of them. Of an object in the row nobody can say how a person would write it."""
        path = next((one.key for one in self.below if seed.param == one.param), seed.at or seed.name)
        there = at(body, path)
        if there is None or isinstance(there, dict | list):
            default = seed.default(id, now) if callable(seed.default) else seed.default
            there = usual.get(seed.name, default)
        return "" if there is None else plain(there)

    def _put(self, id: str, given: Body, now: datetime) -> tuple[Making, list[str]]:
        """What a person gives for a row, read, and what is wrong with it."""
        seeds = self.seeds or ()
        there = ", ".join(seed.name for seed in seeds) or "none"
        unknown = sorted(set(given) - {seed.name for seed in seeds})
        faults = [f"unknown field {name[:40]!r}; there are: {there}" for name in unknown]
        good_id = self.id.kind.read(id) is not None
        if not good_id:
            faults.append(f"id must be {self.id.kind.says}, not {id!r:.40}")
        put = {**self.rows.get(id, {}), **given}
        making = _Put(values={}, params={})
        for seed in seeds:
            if seed.name not in put and (seed.default is None or not good_id):
                continue
            usual = seed.default(id, now) if callable(seed.default) else seed.default
            typed = put.get(seed.name, usual)
            kind = self._kind_of(seed)
            value = None if typed is None else kind.read(kind.typed(typed))
            if value is None:
                faults.append(f"{seed.name} must be {kind.says}, not {typed!r:.40}")
            else:
                making.place(seed, value)
        return Making(id=id, given=making.values, now=now, params=making.params), faults

    def _kind_of(self, seed: Seed) -> Kind:
        kind = seed.kind or field_at(self.table, seed.at or seed.name).kind
        if kind is None:
            raise LookupError(f"the seed {seed.name!r} stands for an object: give it a kind")
        return kind

    # What calls do with it.

    def existing(self, context: ReadContext, id: str, params: Mapping[str, str] | None = None) -> Body:
        """The row of that id, if it is below what *params* name. Raises Stop: it is absent."""
        body = context.resources.get(self.kind, id)
        if body is None:
            refuse_absent(self.kind, id)
        for parent in self.below:
            wanted = (params or {}).get(parent.param)
            if wanted is not None and plain(at(body, parent.key)) != wanted:
                refuse_absent(self.kind, id)
        return body

    def all(self, context: ReadContext, **wanted: Any) -> list[Body]:
        """Every row whose index values are these, the newest first."""
        where = [equals(key, value) for key, value in wanted.items()]
        return [row.body for row in context.resources.find(self.kind, where).rows]

    def judge(self, making: Making) -> None:
        """Every rule, stage by stage. Raises Stop."""
        stages: tuple[Stage, ...] = ("fields", "rules")
        for stage in stages:
            problems = [problem for rule in self.rules if rule.stage == stage for problem in rule.check(making)]
            if problems:
                raise Stop(stage, problems)

    def add(self, context: Context, making: Making) -> Body:
        """Keep a new row; what was kept."""
        body = self._kept(replace(making, id=self.free_id(context)), order=next_order(context) if self.ordered else 0)
        context.resources.put(self.kind, plain(body[self.id.name]), body)
        return body

    def change(self, context: Context, body: Body, **changed: object) -> Body:
        """Keep a row with some members changed; what was kept."""
        body = {**body, **(self.touch(context.now) if self.touch else {}), **changed}
        context.resources.put(self.kind, plain(body[self.id.name]), body)
        return body

    def renew(self, context: Context, making: Making) -> Body:
        """Make the row ``making.before`` anew from what is given; its id and its notes stay."""
        before = making.before or {}
        body = self.made(replace(making, id=plain(before[self.id.name])))
        return self.change(context, {**body, **({NOTES: before[NOTES]} if NOTES in before else {})})

    def merge(self, context: Context, making: Making) -> Body:
        """Change only the members that are given, and those that every change makes anew."""
        given = written(making.given, table(*(member for member in self.fields if member.shown)))
        anew = {member.name: member.make(making) for member in self.fields if member.make and member.anew}
        return self.change(context, making.before or {}, **given, **anew)

    def free_id(self, context: Context) -> str:
        """An id that no row of the kind has: a seeded source of ids may say the same again."""
        while context.resources.get(self.kind, new := self.id.new(context, self.kind)) is not None:
            pass
        return new

    def shown(self, body: Body) -> Body:
        """The resource as the provider shows it."""
        body = {name: value for name, value in body.items() if name != NOTES}
        for member in self.fields:
            if member.kind and member.kind.show and body.get(member.name) is not None:
                body[member.name] = member.kind.show(body[member.name])
        return self.show(body) if self.show else body

    def made(self, making: Making) -> Body:
        """The resource, from what is given and from defaults."""
        if self.body:
            return self.body(making)
        body = {self.id.name: self.id.shown(making.id)}
        given = written(making.given, self.table)
        for member in self.fields:
            if not member.shown:
                continue
            if member.make:
                body[member.name] = member.make(making)
            elif member.name in given:
                body[member.name] = given[member.name]
            else:
                body[member.name] = member.default(making) if callable(member.default) else member.default
        return body

    def _kept(self, making: Making, *, order: int) -> Body:
        body = self.made(making)
        if not self.ordered:
            return body
        parents = {
            parent.note: making.params[parent.param]
            for parent in self.below
            if parent.note and parent.param in making.params
        }
        return {**body, NOTES: {"order": order, **parents, **(self.notes(making) if self.notes else {})}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Put:
    """What a person gave, each value where a call would have given it."""

    values: dict[str, Any]
    params: dict[str, str]

    def place(self, seed: Seed, value: Any) -> None:
        if seed.param:
            self.params[seed.param] = plain(value)
            return
        *above, name = (seed.at or seed.name).split(".")
        values = self.values
        for step in above:
            values = values.setdefault(step, {})
        values[name] = value
