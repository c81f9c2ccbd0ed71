"""The command line, `sandbank`: nouns and verbs over the services, with or without a running server."""

import signal
from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> None:
    """Run `sandbank`, and end the process with its exit code.

    Click and the options take a tenth of a second to import. Ctrl-C within it ends the command without a traceback, as
    it does later.
    """
    try:
        from sandbox.cli.root import root

        root.main(args, prog_name="sandbank")
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None  # as shells count
