"""Text for a terminal: folded at its width, never inside a word or a command."""

import textwrap

from sandbox.journal.reader import pieces

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
