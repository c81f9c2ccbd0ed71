"""What can go wrong in the sandbox itself, as one tree; the provider's table turns it into the provider's envelope.

SandbankError                 everything that we raise on purpose
├── Refused                   a call or a service broke a rule: one or more causes of the table
├── NotThere                  a client, certificate, entry or cause that does not exist
├── Misuse                    a service was called with arguments that make no sense
│   ├── Taken
│   └── SeedRefused
└── Surroundings              the machine is not as we need it
    ├── PortTaken
    ├── StateMissing
    ├── StateLocked
    ├── StateNewer
    ├── StateUnusable
    │   ├── StateOlder
    │   ├── StateRemoved
    │   ├── StateUnreachable
    │   └── StateUncertain
    ├── PassphraseMissing
    └── PassphraseWrong
"""

from collections.abc import Sequence
from typing import ClassVar

from ca.errors import Refusal as Refusal  # noqa: PLC0414  raised and told here, made there


class SandbankError(Exception):
    """Raised on purpose, with a sentence for people, a stable code for programs and what to do next."""

    code: str = "sandbank.error"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str, *, next_step: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.next_step = next_step

    def advice(self) -> str:
        """What the person should do now, one sentence or one command; empty when there is nothing to say."""
        return self.next_step


class Refused(SandbankError):
    """A call or a service broke a rule of the table of causes. The first reason decides the answer."""

    def __init__(self, *reasons: Refusal, detail: str = "", wait: int = 0) -> None:
        self.reasons = reasons
        self.wait = wait
        """Whole seconds until the same call would be let in; 0: no time is known after which it would."""
        first = self.reasons[0]
        self.code = first.code
        super().__init__(detail or f"{first.code}: seen {first.seen}; expected {first.expected}", next_step=first.next)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Every broken rule, by the name that the authority has for them."""
        return self.reasons


def refuse(code: str, *, seen: str = "", expected: str = "", next_step: str = "") -> Refused:
    """The usual refusal: one cause."""
    return Refused(Refusal(code=code, seen=seen, expected=expected, next=next_step))


class NotThere(SandbankError):
    """Something was named that this sandbox does not have."""

    code = "sandbank.not_there"


class Misuse(SandbankError):
    """A service was called with arguments that make no sense: an impossible id, a name that is taken."""

    code = "sandbank.misuse"
    exit_code = 2


class Taken(Misuse):
    """A name or an id that is another client's already."""

    code = "sandbank.taken"
    exit_code = 1


class SeedRefused(Misuse):
    """A seed file that cannot be read or cannot be applied here, with everything that is wrong with it."""

    code = "sandbank.seed_refused"

    def __init__(self, detail: str, *, next_step: str = "", file: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(detail, next_step=next_step)
        self.file = file
        self.problems = tuple(problems)
        """Each with its place in the file: ``wise.clients[0].name: missing``."""


class Surroundings(SandbankError):
    """The machine is not as we need it: ports, rights, the state folder."""

    code = "sandbank.surroundings"
    exit_code = 3


class PortTaken(Surroundings):
    """An address that a door wants to listen on is in use, or may not be used."""

    code = "sandbank.port_taken"


class StateMissing(Surroundings):
    """There is no state in the folder that was named. Only a server, `state new` and `Sandbox()` make one."""

    code = "sandbank.state_missing"


class StateLocked(Surroundings):
    """Another process holds the store for longer than we are willing to wait."""

    code = "sandbank.state_locked"


class StateNewer(Surroundings):
    """The state was written by a newer Sandbank; reading it could destroy it."""

    code = "sandbank.state_newer"


class StateUnusable(Surroundings):
    """The state folder cannot be made, read or written, or is not one of ours."""

    code = "sandbank.state_unusable"


class StateOlder(StateUnusable):
    """The state was made by an earlier version, whose tables this one does not read."""

    code = "sandbank.state_older"


class StateRemoved(StateUnusable):
    """The files of an open state are no longer those at their paths: what is written into them is lost."""

    code = "sandbank.state_removed"


class StateUnreachable(StateUnusable):
    """The database in which the state is kept does not answer, or hung up in the middle of a call."""

    code = "sandbank.state_unreachable"


class StateUncertain(StateUnusable):
    """The connection broke during a commit: the change was made as a whole, or not at all."""

    code = "sandbank.state_uncertain"


class PassphraseMissing(Surroundings):
    """The private keys of the state are encrypted, and no passphrase was given."""

    code = "sandbank.passphrase_missing"


class PassphraseWrong(Surroundings):
    """The private keys are encrypted with another passphrase than the given one."""

    code = "sandbank.passphrase_wrong"
