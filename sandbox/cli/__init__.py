"""The command line, `sandbank`: nouns and verbs over the services, with or without a running server."""

TYPE_CHECKING = False  # nothing is imported before `main` can answer Ctrl-C
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

INTERRUPTED = 130
"""As shells count: 128, and the number of SIGINT."""


def main(args: "Sequence[str] | None" = None) -> None:
    """Run `sandbank`, and end the process with its exit code.

    Click and the options take a tenth of a second to import. Ctrl-C within it ends the command without a traceback, as
    it does later.
    """
    try:
        _clean_up_when_ended()
        from sandbox.cli.commands import root

        root.main(args, prog_name="sandbank")
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _clean_up_when_ended() -> None:
    """Have SIGTERM, and the end of the terminal, unwind what is under way: a state that is half made is a folder with
    private keys, and a file that is half written may be one. A server that serves answers them by itself."""
    import signal
    import threading

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, end)
