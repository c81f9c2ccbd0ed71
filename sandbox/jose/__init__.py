"""What a signature says and whether it is true (RFC 7515 to 7518, RFC 7797). Keys are kept, and clocks read, elsewhere.

joserfc makes and checks the signatures. Our own reader judges the form, the exact bytes, ``crit`` and the choice of the
key. ``explain`` is loaded only after a failure. Here is how this room refuses: with one cause, and with no text that is
long, unprintable or secret.
"""

from ca.errors import visible
from sandbox.errors import Refused, refuse

# A sentence of ours with two values of the caller's in it.
SENTENCE_LIMIT = 400
# Enough for a time in nanoseconds and for a serial number of 20 bytes (RFC 5280 section 4.1.2.2).
NUMBER_LIMIT = 50


def no(code: str, *, seen: str, expected: str, next_step: str = "") -> Refused:
    """A refusal with one cause, to be raised by the caller."""
    return refuse(
        code,
        seen=visible(seen, SENTENCE_LIMIT),
        expected=visible(expected, SENTENCE_LIMIT),
        next_step=visible(next_step, SENTENCE_LIMIT),
    )


def shown(value: object) -> str:
    """A value of a JOSE header as a person may see it: texts in quotes, numbers, and the JSON kind of anything else."""
    if isinstance(value, str):
        return f'"{visible(value)}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"the number {visible(str(value), NUMBER_LIMIT)}"
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "something else"
