"""The steps that make the tables, ca's before ours, each applied once; the store of a newer version is refused."""

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ca.store.store import SCHEMA as CA_STEPS
from sandbox.errors import StateNewer
from sandbox.storage import facts
from sandbox.storage.work import Store, Work, load, text

if TYPE_CHECKING:
    from sandbox.storage.hashing import Custom

Customs = Callable[[], "Collection[Custom]"]
"""What a step has to know of each provider's clients; asked for by a step that needs it."""
Step = str | Callable[[Work, Customs], None]
"""SQL, or a function where that is not enough, over the tables as the steps before it have left them."""


def _hash_secrets(work: Work, customs: Customs) -> None:
    """Loaded when an older state is upgraded, or a new one made."""
    from sandbox.storage.hashing import hash_secrets

    hash_secrets(work, customs())


OUR_STEPS: tuple[Step, ...] = (
    text("schema_001"),
    text("schema_002"),
    text("schema_003"),
    text("schema_004"),
    _hash_secrets,
    text("webhooks_schema"),
)
_ROOMS: tuple[tuple[str, tuple[Step, ...]], ...] = (("sandbank", OUR_STEPS), ("ca", CA_STEPS))


def bring_up_to_date(store: Store, customs: Customs = tuple) -> None:
    """Apply the steps that this store has not seen, all in one transaction, and after a copy. Raises StateNewer.

    A store without clients needs no *customs*.
    """
    with store.read() as work:
        if _applied(work) == {room: len(steps) for room, steps in _ROOMS}:
            return
    with store.write() as work:
        applied = _applied(work)
        if any(applied.values()):
            store.back_up("schema-" + "-".join(f"{room}-{applied[room]}" for room, _ in _ROOMS))
        for room, steps in _ROOMS:
            for number, step in enumerate(steps, start=1):
                if number > applied[room]:
                    _apply(step, work, customs)
                    facts.put(work, f"schema.{room}", str(number))


def _apply(step: Step, work: Work, customs: Customs) -> None:
    if not isinstance(step, str):
        step(work, customs)
        return
    for statement in _statements(step):
        # Sorted by its bytes, whatever the database does: pages are read on from where the last one ended.
        work.connection.execute(re.sub(r"\bTEXT\b", work.text_type, statement))


def drop(work: Work) -> None:
    """Remove every table that a step ever made, and nothing else. Only in a database that is shared."""
    texts = [step for _, steps in _ROOMS for step in steps if isinstance(step, str)]
    made = re.findall(r"^CREATE TABLE (\w+)", "\n".join(texts), re.MULTILINE)
    work.connection.execute(f"DROP TABLE IF EXISTS {', '.join(dict.fromkeys(made))}")


def _statements(step: str) -> list[str]:
    """The statements of a step. Comments go first: a semicolon in one ends nothing."""
    code = "\n".join(line for line in step.splitlines() if not line.lstrip().startswith("--"))
    return [statement for statement in code.split(";") if statement.strip()]


def has_tables(work: Work) -> bool:
    """Whether any step was ever applied."""
    return bool(load(f"catalogue_{work.driver}", work.driver).facts_there(work.connection))


def _applied(work: Work) -> dict[str, int]:
    made = has_tables(work)
    applied = {room: int(facts.get(work, f"schema.{room}") or 0) if made else 0 for room, _ in _ROOMS}
    if any(applied[room] > len(steps) for room, steps in _ROOMS):
        raise StateNewer(
            "this state was written by a newer version of Sandbank than the one that you run",
            next_step="pip install --upgrade sandbank, or use another folder with --state DIR",
        )
    return applied
