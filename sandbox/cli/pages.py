"""Long lists, which are read from the store and written page by page: how far one is, where it takes its time."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sandbox.cli.output import note

PATIENCE_SECONDS = 2.0
"""Before the first word, and from word to word: a list that is shorter has said everything by itself."""

_Row = TypeVar("_Row")


def followed(pages: Iterator[Sequence[_Row]]) -> Iterator[Sequence[_Row]]:
    """The same pages. Where it takes longer, and nobody sees the rows go by, a remark says how many there were."""
    due, count = time.monotonic() + PATIENCE_SECONDS, 0
    for page in pages:
        if count and time.monotonic() >= due and not sys.stdout.isatty():
            note(f"{count} so far, and more to come ...")
            due = time.monotonic() + PATIENCE_SECONDS
        count += len(page)
        yield page
