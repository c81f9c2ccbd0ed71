"""What a test expects of the journal, held against what came; whose entries these are is the caller's business."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.errors import Misuse
from sandbox.journal.entry import Entry

KEPT_PATH = 200
"""As many characters of a path stand in an entry."""
SHOWN = 12
"""So many entries of those that came are listed: a test makes a few calls; of a loop the newest say enough."""

ALIKE = 0.8
"""From here on two paths are one with a slip in it: an s too many, another version, another id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What is to be in the journal, and how often. An empty text or 0 asks nothing."""

    method: str = ""
    path: str = ""
    """Without the query, percent-encoded as it was called."""
    status: int = 0
    cause: str = ""
    """The code of a refusal, one of the table. Raises NotThere for another."""
    times: int | None = None
    """None: once at least."""

    def __post_init__(self) -> None:
        if not (self.method or self.path or self.status or self.cause):
            raise Misuse(
                "give at least one of method, path, status, cause",
                next_step='for instance: expect(path="/v1/profiles")',
            )
        if "?" in self.path:
            raise Misuse(
                f"the journal keeps paths without the query: expect {self.path.partition('?')[0]!r}",
                next_step="leave out the question mark and what follows it",
            )
        # A slip in these would be in no entry: with times=0 the test would be green whatever came.
        if self.path and not self.path.startswith(("/", "*")):
            raise Misuse(
                f"a path begins with a slash, and has no host before it, other than {self.path[:60]!r}",
                next_step="give the path as the journal shows it: sandbank journal",
            )
        if self.method != self.method.upper():
            raise Misuse(
                f"methods are written in capitals: expect {self.method.upper()!r}", next_step="write it in capitals"
            )
        if self.cause:
            from sandbox.journal.causes import explain  # the table costs time at every start

            explain(self.cause)

    def found(self, came: Sequence[Entry]) -> tuple[Entry, ...]:
        """The entries that are so."""
        return tuple(entry for entry in came if not self._differences(entry))

    def miss(self, came: Sequence[Entry]) -> str:
        """What is wrong with what came, for a person, the nearest to what was expected first; empty when nothing is."""
        found = len(self.found(came))
        if found == self.times or (self.times is None and found):
            return ""
        said = [f"expected {self}; it came {_times(found)}"]
        if found < (1 if self.times is None else self.times) and (nearest := self._nearest(came)):
            said += [f"the nearest has {_listed(self._differences(nearest))}:", nearest.explain()]
        return "\n".join([*said, *_all_that(came)])

    def __str__(self) -> str:
        call = " ".join(filter(None, (self.method, self.path))) or ("a call" if self.status else "an entry")
        result = f" -> {self.status}" if self.status else ""
        reason = f" refused with {self.cause}" if self.cause else ""
        return f"{call}{result}{reason}, {'at least once' if self.times is None else _times(self.times)}"

    def _differences(self, entry: Entry) -> tuple[str, ...]:
        """In what *entry* is another than the one that is expected; nothing when it is such a one."""
        path = entry.extra.get("path", "")
        pairs = (
            ("path", bool(self.path) and path != self.path[:KEPT_PATH]),
            ("method", bool(self.method) and _method(entry) != self.method),
            ("status", bool(self.status) and entry.status != self.status),
            ("cause", bool(self.cause) and self.cause not in [reason.code for reason in entry.reasons]),
        )
        return tuple(name for name, differs in pairs if differs)

    def _nearest(self, came: Sequence[Entry]) -> Entry | None:
        """The newest of the likest that are not as expected, if any call or refusal came."""
        import difflib  # costs time at every start, and only a failing test needs it

        def likeness(entry: Entry) -> tuple[float, bool, int, float]:
            path = difflib.SequenceMatcher(None, self.path, entry.extra.get("path", "")).ratio()
            # A slip in the path first; then a refusal, for it may be why the call that is expected never came.
            return path if path >= ALIKE else 0, entry.refused, -len(self._differences(entry)), path

        misses = [entry for entry in came if self._differences(entry) and (entry.refused or entry.kind == "call")]
        return max(reversed(misses), key=likeness, default=None)


def _method(entry: Entry) -> str:
    return entry.title.partition(" ")[0] if entry.kind == "call" else ""


def _times(number: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _listed(differences: Sequence[str]) -> str:
    """another status; another path and status"""
    *first, last = differences
    return f"another {', '.join(first)} and {last}" if first else f"another {last}"


def _all_that(came: Sequence[Entry]) -> list[str]:
    if not came:
        return ["nothing came at all: does the program under test call this sandbox?"]
    left_out = len(came) - SHOWN
    shown = [f"  {entry.kind:<11}  {entry.door}  {entry.title} -> {_result(entry)}" for entry in came[-SHOWN:]]
    return [f"everything that came, oldest first{f', without the first {left_out}' if left_out > 0 else ''}:", *shown]


def _result(entry: Entry) -> str:
    return " ".join([entry.outcome, *(reason.code for reason in entry.reasons)])
