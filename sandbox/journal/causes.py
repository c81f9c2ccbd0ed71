"""The table of every refusal on every layer: a stable code, what it means, what to do. Pure data and its reading."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ca.errors import Refusal
from ca.rules import RULES, RefusalRule
from sandbox.errors import NotThere, Refused
from sandbox.journal import doors, encryption, http, keys, sca, signature, webhooks
from sandbox.journal.reader import HERE, Audience, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A row of the table. ``code`` is ``layer.reason`` and is never renamed: programs and people search for it."""

    code: str
    meaning: str
    next: str

    @property
    def layer(self) -> str:
        return self.code.partition(".")[0]


def _table(*rows: Iterable[tuple[str, str, str]]) -> Mapping[str, Cause]:
    causes = {code: Cause(code=code, meaning=meaning, next=next_) for part in rows for code, meaning, next_ in part}
    return MappingProxyType(dict(sorted(causes.items())))


_RELEASE = (
    "Release certificates that are no longer used: certificate release and a name that this lists: "
    "sandbank certificate list --client demo; all of them, with tokens, keys and changed rows, are released by: "
    "sandbank client reset demo --all; then "
)
# Refusals that one of our commands fixes. The authority knows no commands, so its own table says less.
_BY_COMMAND = {
    "certificate.limit_reached": (
        f"{_RELEASE}send the same CSR again.",
        f"{_RELEASE}upload the same certificate again.",
    ),
    "certificate.no_authority": ("Start a server over this state; it makes an authority: sandbank serve", ""),
    "certificate.serials_exhausted": ("Use another state (--state DIR), which starts from the beginning.", ""),
    "certificate.name_taken": (
        "Choose another name, or release the certificate that has this one: sandbank certificate list --client demo",
        "",
    ),
    "certificate.not_found": (
        "List the certificates, and copy the id or the serial from there: sandbank certificate list",
        "",
    ),
}


def _by_command(rule: RefusalRule) -> RefusalRule:
    next_, uploading = _BY_COMMAND.get(rule.code, (rule.next, rule.uploading))
    return replace(rule, next=next_, uploading=uploading)


_RULES = {code: _by_command(rule) for code, rule in RULES.items()}

CAUSES: Mapping[str, Cause] = _table(
    doors.CAUSES,
    http.CAUSES,
    http.LOGIN_CAUSES,
    http.PROVIDER_CAUSES,
    signature.CAUSES,
    encryption.CAUSES,
    keys.CAUSES,
    sca.CAUSES,
    webhooks.CAUSES,
    ((rule.code, rule.meaning, rule.next) for rule in _RULES.values()),
)


def explain(code: str) -> Cause:
    """The row of *code*. Raises NotThere, naming the nearest codes."""
    if cause := CAUSES.get(code):
        return cause
    import difflib

    near = difflib.get_close_matches(code, CAUSES, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "sandbank explain --list shows all causes"
    raise NotThere(f"there is no cause {code!r}: {hint}", next_step="sandbank explain --list")


def answered_as(refused: Refused) -> Refused:
    """The refusal as a provider knows it, whose table has one row where the journal may know several causes."""
    usual = http.ANSWERED_AS.get(refused.code)
    if usual is None:
        return refused
    first, *others = refused.reasons
    return Refused(replace(first, code=usual), *others)


def with_command(refusal: Refusal) -> Refusal:
    """A refusal of the authority with the command that fixes it, unless the refusal has a better step of its own."""
    usual, ours = RULES[refusal.code], _RULES[refusal.code]
    if refusal.next == usual.next:
        return replace(refusal, next=ours.next)
    return replace(refusal, next=ours.uploading) if refusal.next == usual.uploading else refusal


def advice(reason: Refusal, client: str | None = None, reader: Audience = HERE) -> str:
    """What to do next, for the name or id of the refused client, and for whoever reads it."""
    return reader.step(for_client(reason.next or CAUSES[reason.code].next, client or ""))


def for_client(said: str, client: str) -> str:
    """The tables' example client is demo; the name or id of the one that is meant replaces it."""
    return _EXAMPLE_CLIENT.sub(lambda found: f"{found[1]} {client}", said) if client else said


def at_provider(reason: Refusal, *, name: str, advice: Mapping[str, str]) -> Refusal:
    """The reason with the next step as it is for the clients of one provider: its own advice before the table's, and
    its *name* in each command that asks for one; an empty name is that of whom commands mean by themselves."""
    usual = CAUSES[reason.code].next
    # A refusal of the authority's brings the table's own step with it.
    said = reason.next if reason.next not in ("", usual) else advice.get(reason.code, usual)
    return replace(reason, next=with_provider(said, name))


def with_provider(said: str, name: str) -> str:
    """A next step with the provider's *name* in each command that asks for one; an empty name changes nothing."""
    if not name:
        return said
    return "".join(
        part if "--provider" in part else _OF_A_PROVIDER.sub(rf"\g<0> --provider {name}", part) for part in pieces(said)
    )


_EXAMPLE_CLIENT = re.compile(r"(--client|client (?:env|reset|secret|set|show|token)(?: --provider \w+)?) demo\b")
_OF_A_PROVIDER = re.compile(
    r"sandbank (?:(?:client|certificate|key|resource) [a-z]+"
    r"|webhook (?:send-test|configure|certificate|csr|key|listen)\b|calls\b)"
)


def explained(reason: Refusal, client: str | None = None, reader: Audience = HERE) -> dict[str, Any]:
    """A reason with its row beside it, as JSON types."""
    cause = CAUSES[reason.code]
    return {
        "code": reason.code,
        "meaning": cause.meaning,
        "seen": reason.seen,
        "expected": reason.expected,
        "next": advice(reason, client, reader),
    }


def paragraph(reason: Refusal, client: str | None = None, reader: Audience = HERE, width: int = 0) -> str:
    """A reason for a person: its meaning, and three indented rows; folded at *width*, if there is one."""
    from sandbox.journal.reader import fold, labelled

    rows = (
        ("seen", reason.seen or "-"),
        ("expected", reason.expected or "-"),
        ("next", advice(reason, client, reader)),
    )
    lines = fold(f"{reason.code}: {CAUSES[reason.code].meaning}", width, first="  ", hang="    ")
    for name, said in rows:
        lines += labelled(name, said, width, indent="    ", column=10)
    return "\n".join(lines)
