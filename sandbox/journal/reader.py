"""Who reads a next step: its commands, which must run as they stand, and the lines of a terminal, which break none.

The tables write commands for the usual state and program. A reader has another program name or another folder; the
client and the provider are filled in by ``causes``."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

_PROGRAM = re.compile(
    r"(?<![\w./-])(?:(?:[\w.~-]*/)*sandbank|python[\w.]* -m sandbank|openssl|curl|printf|python3|pip)(?= [-\w'\"%])"
)
"""Where a command begins: our own, and those of others that our advice has."""
_HEAD = re.compile(
    r"(?<![\w./-])sandbank (?:(?:client|certificate|key|resource|webhook|clock|state) [a-z][a-z-]*"
    r"|(?:serve|wait|hub|ca|journal|seed|status|stop)\b)"
)
"""Our commands that work on a state; it is named after these words."""
# fmt: off
_PROSE = frozenset({
    "and", "brings", "comes", "does", "gives", "has", "it", "lifts", "lists", "makes", "must", "names", "or", "prints",
    "puts", "registers", "removes", "restores", "saves", "says", "shows", "tries", "with", "writes",
})
# fmt: on
"""Words by which our sentences go on after a command."""
_ENDS = (";", ",", ".", ":", ")", "`")
_WHOLE = re.compile(
    r"(?:\S*sandbank|python[\w.]* -m sandbank|printf|python3|pip) |openssl \w+ -|curl .*(?:://|\bURL\b)"
)
"""A command that can be copied and typed: "curl -v" is a hint, and "openssl does" is our sentence."""


NEW = "client-new"
"""The beginning of the names of all files that a step makes: never those of the guides, nor of a key that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """The person at whom a next step is directed."""

    program: str = "sandbank"
    """How this reader's shell finds the program."""
    state: str = ""
    """The folder, written for a shell; empty where commands mean it by themselves."""
    new: str = NEW
    """How files are called that a step makes, such as a new key; another name where this one is taken."""

    def step(self, said: str) -> str:
        """The next step with commands that run as they stand, for this reader."""
        if self.new != NEW:
            said = said.replace(NEW, self.new)
        if self.state:
            said = "".join(self._with_state(part) for part in pieces(said))
        if self.program != "sandbank":
            said = re.sub(r"(?<![\w./-])sandbank(?= [a-z])", lambda _: self.program, said)
        return said

    def _with_state(self, part: str) -> str:
        if "--state" in part:
            return part
        return _HEAD.sub(lambda head: f"{head[0]} --state {self.state}", part)


HERE = Audience()
"""Whoever stands where the state is, and finds the program by its name."""


def commands(said: str) -> list[str]:
    """The commands in a text that can be typed, each without what follows it."""
    return [said[begin:end] for begin, end in spans(said) if _WHOLE.match(said, begin, end)]


def lead_in(said: str) -> str:
    """What a text says before the one command with which it ends; all of it where that is not how it is made."""
    found = commands(said)
    before = said.removesuffix(found[0]) if len(found) == 1 else said
    return before.rstrip() if before.rstrip().endswith(":") else said


def pieces(said: str) -> Iterator[str]:
    """The text in parts, each a whole command or what stands between two."""
    last = 0
    for begin, end in spans(said):
        yield from (said[last:begin], said[begin:end])
        last = end
    yield said[last:]


def spans(said: str) -> Iterator[tuple[int, int]]:
    """Where each command begins and ends: at a comma, a semicolon, a bracket or a quotation mark, or where our sentence
    goes on."""
    last = 0
    for found in _PROGRAM.finditer(said):
        if found.start() >= last:
            last = _end(said, found.end())
            yield found.start(), last


def _end(said: str, place: int) -> int:
    """The end of the command whose program ends at *place*."""
    for word in re.finditer(r"(?:'[^']*'|\"[^\"]*\"|[^\s'\"])+", said[place:]):
        text = word[0]
        if text in _PROSE:
            return place + len(said[place : place + word.start()].rstrip())
        if text.endswith(_ENDS):
            return place + word.end() - (len(text) - len(text.rstrip("".join(_ENDS))))
    return len(said.rstrip())


NARROWEST = 40
"""Columns below which a text is not folded further: each line would hold a word or two."""
_GLUE = "\0"
"""Stands for the blanks of a command while lines are folded."""


def fold(said: str, width: int, *, first: str = "", hang: str = "") -> list[str]:
    """The text as lines of that width, *first* before the first and *hang* before each other. A word or a command that
    is longer stands on a line of its own. Width 0: one line."""
    if not width:
        return [f"{first}{said}"]
    parts = list(pieces(said.replace(_GLUE, " ")))
    parts[1::2] = [command.replace(" ", _GLUE) for command in parts[1::2]]
    lines = textwrap.wrap(
        "".join(parts),
        max(width, NARROWEST),
        initial_indent=first,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in lines] or [first.rstrip()]


def labelled(name: str, said: str, width: int, *, indent: str, column: int) -> list[str]:
    """A name and what is said of it, which hangs in a column of its own."""
    return fold(said, width, first=f"{indent}{name:<{column}}", hang=" " * (len(indent) + column))
