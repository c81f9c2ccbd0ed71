"""One thing that happened at a door or to a certificate, and which of them a reader wants.

How entries are kept and shown is left to others."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, get_args

from ca.clock import write_time
from sandbox.errors import Refusal

if TYPE_CHECKING:
    from sandbox.journal.reader import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which entries a reader wants. A client's view also has the entries that belong to nobody."""

    client: str | None = None
    """Name or id; the journal itself knows ids only."""
    among: tuple[str, ...] = ()
    """The ids that the client's name stands for, one at each provider that has such a client."""
    provider: str | None = None
    kind: "Kind | None" = None
    door: str | None = None
    path: str | None = None
    since: datetime | None = None
    refused: bool = False
    accepted: bool = False
    """Only what was not refused."""
    cause: str | None = None
    """Refused for one whose code begins so."""
    after: int = 0
    before: int = 0
    """Only entries with a lower number; 0: there is no end."""
    limit: int = 50


Kind = Literal["handshake", "call", "certificate", "webhook"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step on the way, and how it went."""

    name: str
    ok: bool
    note: str = ""


_TEXTS = ("peer", "certificate", "title", "outcome")


def one_line(text: str) -> str:
    """The text with what cannot be printed escaped: line ends, terminal controls, marks that turn the direction."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _reason_on_lines(reason: Refusal) -> Refusal:
    return replace(reason, seen=one_line(reason.seen), expected=one_line(reason.expected), next=one_line(reason.next))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A handshake, a call, a change to a certificate or an attempt to deliver a webhook. Never holds a secret, a
    private key or a whole token."""

    id: str
    """Sixteen hexadecimal digits; also the ``x-trace-id`` of the reply where the provider sends one."""
    at: datetime
    kind: Kind
    provider: str | None
    door: str
    """``wise.mtls``, ``wise.api``, or ``errand`` for what a service did: by command line, control API or Python."""
    client: str | None = None
    """Client id; None when it never became clear who it was (a handshake that failed, no credentials)."""
    peer: str = ""
    """Address of the other side, ``127.0.0.1:50432``."""
    certificate: str = ""
    """The certificate that was presented or made: subject and serial, in words."""
    title: str = ""
    """``GET /v1/authenticated/playground``, ``TLSv1.3 h2``, or the name of the certificate."""
    status: int = 0
    """HTTP status of a call; 0 for what is not a call."""
    outcome: str = ""
    """A word or two: ``200``, ``alert unknown_ca``, ``signed``, ``refused``."""
    microseconds: int = 0
    stages: tuple[Stage, ...] = ()
    reasons: tuple[Refusal, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    """Facts that only calls have: ``path`` and ``http``."""

    def __post_init__(self) -> None:
        """Nothing of a peer's reaches a line unescaped: a line feed in a subject or a path would forge lines."""
        texts = [self.peer, self.certificate, self.title, self.outcome, *self.extra.values()]
        texts += [stage.note for stage in self.stages]
        for reason in self.reasons:
            texts += (reason.seen, reason.expected, reason.next)
        if not "".join(texts).isprintable():  # asked once for all: every call has an entry, and hardly any such a text
            self._escape()

    def _escape(self) -> None:
        for name in _TEXTS:
            object.__setattr__(self, name, one_line(getattr(self, name)))
        object.__setattr__(self, "stages", tuple(replace(one, note=one_line(one.note)) for one in self.stages))
        object.__setattr__(self, "reasons", tuple(map(_reason_on_lines, self.reasons)))
        object.__setattr__(self, "extra", {name: one_line(value) for name, value in self.extra.items()})

    @property
    def refused(self) -> bool:
        return bool(self.reasons)

    def as_json(self, client: str = "", reader: "Audience | None" = None) -> dict[str, Any]:
        """The entry as JSON types, the causes explained: what the API, ``journal --json`` and the log show.

        *client* is its client's name, and *reader* whoever acts on the next steps."""
        reasons = self._explained(client, reader) if self.reasons else []
        return {**self._facts(), "reasons": reasons, **({"extra": self.extra} if self.extra else {})}

    def _facts(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": write_time(self.at),
            "kind": self.kind,
            "provider": self.provider,
            "door": self.door,
            "client": self.client,
            "peer": self.peer,
            "certificate": self.certificate,
            "title": self.title,
            "status": self.status,
            "outcome": self.outcome,
            "microseconds": self.microseconds,
            "stages": [{"name": s.name, "ok": s.ok, "note": s.note} for s in self.stages],
        }

    def _explained(self, client: str, reader: "Audience | None") -> list[dict[str, Any]]:
        from sandbox.journal import causes  # a table that is needed where something was refused
        from sandbox.journal.reader import HERE

        return [causes.explained(reason, client or self.client, reader or HERE) for reason in self.reasons]

    def explain(self, client: str = "", reader: "Audience | None" = None, width: int = 0) -> str:
        """The whole entry for a person: what happened at each stage, and for each refusal what to do next.

        *client* is its client's name; lines are folded at *width*, if there is one."""
        from sandbox.journal import causes
        from sandbox.journal.reader import HERE, fold, labelled

        head = f"{write_time(self.at)}  {self.kind} {self.id}  {self.door}  {self.title}  -> {self.outcome}"
        lines = fold(head, width, hang="    ")
        lines += labelled("client", client or self.client or "not known", width, indent="  ", column=13)
        if self.certificate:
            lines += labelled("certificate", self.certificate, width, indent="  ", column=13)
        for stage in self.stages:
            said = f"{'ok  ' if stage.ok else 'FAIL'} {stage.name}{': ' if stage.note else ''}{stage.note}"
            lines += fold(said, width, first="  ", hang="       ")
        for reason in self.reasons:
            lines.append(causes.paragraph(reason, client or self.client, reader or HERE, width))
        return "\n".join(lines)
