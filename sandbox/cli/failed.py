"""A command that failed: what was typed, and next steps for whoever typed it."""

import os
import re
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
    file: str = ""
    """The file that it was to read."""

    @property
    def as_json(self) -> bool:
        return wants_json(self.words)

    def step(self, said: str) -> str:
        """A next step that can be run as it stands: with the file, client, provider and state of this command."""
        said = self._with_file(said)
        if "sandbank" not in said and "client-new" not in said:
            return said
        from sandbox.cli.guide import reader
        from sandbox.journal.causes import for_client, with_provider

        other = "" if self.provider == DEFAULT_PROVIDER else self.provider
        return reader(self.state).step(with_provider(for_client(said, self.client), other))

    def _with_file(self, said: str) -> str:
        """Commands that read a file read this one. Standard input has no name, and what they write is not read."""
        if self.file in ("", "-") or Path(self.file).name.startswith("clean."):
            return said
        from sandbox.cli.guide import quoted

        return _READ.sub(lambda found: f"{found[1]}{quoted(Path(self.file))}", said)


_READ = re.compile(
    r"(certificate (?:sign|upload) |< |-in |-inform DER -in |cp |puttygen |keystore |-f |--data-binary @)"
    r"(?:FILE|sandbox-certificate-request\.csr|sandbox-CERTIFICATE\.pem)(?![\w.])"
)
"""Where a command reads what the tables call FILE, or by the name that the providers' guides give it."""
