"""A command that failed: what was typed, and next steps for whoever typed it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.cli.options import DEFAULT_PROVIDER, DEFAULT_STATE, variable


def wants_json(args: Sequence[str]) -> bool:
    """Whether errors must be JSON. Reads the raw arguments, because some errors come before the options are read."""
    words = args[: args.index("--")] if "--" in args else args
    said = os.environ.get(variable("--json"), "").strip().lower()
    return "--json" in words or said in ("1", "true", "t", "yes", "y", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The command that failed, as far as it was understood: next steps are made for it."""

    words: Sequence[str] = ()
    """As they were typed, without the program."""
    command: str = ""
    """Which command it is: ``certificate sign``."""
    state: Path = DEFAULT_STATE
    client: str = ""
    provider: str = ""

    @property
    def as_json(self) -> bool:
        return wants_json(self.words)

    def step(self, said: str) -> str:
        """A next step that can be run as it stands: with the client, the provider and the state of this command."""
        if "sandbank" not in said:
            return said
        from sandbox.cli.guide import reader
        from sandbox.journal.causes import for_client, with_provider

        other = "" if self.provider == DEFAULT_PROVIDER else self.provider
        return reader(self.state).step(with_provider(for_client(said, self.client), other))
