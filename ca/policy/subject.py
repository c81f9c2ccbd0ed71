"""The rules for a subject and for the alternative names that a CSR asks for: required, fixed, allowed, well-formed.

Values in, refusals out. What becomes of the subject in the certificate is left to `profile`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509

from ca.errors import Refusal, refuse
from ca.x509.names import (
    COUNTRY,
    DIRECTORY_STRINGS,
    IA5_STRINGS,
    PRINTABLE_STRINGS,
    SHORT_NAMES,
    STRING_TYPES,
    UPPER_BOUNDS,
    AlternativeName,
    Attribute,
    string_types,
    unprintable,
)

Subject = tuple[Attribute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRule:
    """What a provider asks of a subject.

    `required` are there once and with a value, `fixed` once and with exactly this value. No `forbidden` one is there,
    and where `allowed` is given, no other one. `common_name` is a regular expression for the whole of the one CN, in
    which {holder} stands for the client id as it is written; "" takes any, and any number. The example is one that
    fits, for people to whom the expression says nothing."""

    required: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    allowed: tuple[str, ...] | None = None
    forbidden: tuple[str, ...] = ()
    common_name: str = ""
    common_name_example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeRule:
    """An alternative name that a CSR has to ask for: its kind (URI, DNS, ...), and a regular expression for all of it.

    {holder} stands for the client id in it."""

    kind: str
    pattern: str

    def __post_init__(self) -> None:
        re.compile(self.pattern)  # a pattern that is none shows where it is written


def judge_subject(
    subject: Subject, rule: SubjectRule, who: str, page: str, words: Mapping[str, str]
) -> Iterator[Refusal]:
    """Every rule that the subject breaks, what the provider asks for first, then what RFC 5280 does."""
    yield from _present(subject, rule, who, page)
    yield from _common_name(subject, rule, who, page, words)
    yield from _allowed(subject, rule, who, page)
    yield from _well_formed(subject)


def judge_string_types(name: x509.Name) -> Iterator[Refusal]:
    """An attribute is of a string type that RFC 5280 allows for it: it is signed as it came, for others to read."""
    for short, tag in string_types(name):
        if short in PRINTABLE_STRINGS:
            allowed = {0x13: "PrintableString"}
        elif short in IA5_STRINGS:
            allowed = {0x16: "IA5String"}
        elif short in SHORT_NAMES.values() and short not in _OTHER_TYPES:
            allowed = DIRECTORY_STRINGS
        else:
            continue
        if tag not in allowed:
            yield refuse(
                "certificate.subject_string_type",
                detail=f"the attribute {short} of the subject is of a string type that RFC 5280 does not allow for it",
                seen=f"{short} as {STRING_TYPES.get(tag, f'tag {tag:02X}')}",
                expected=" or ".join(allowed.values()),
                rule="RFC 5280 appendix A.1",
            )


_OTHER_TYPES = frozenset({"unstructuredName"})  # RFC 2985 section 5.4.1 allows IA5String as well


def judge_alternatives(
    names: tuple[AlternativeName, ...],
    rules: tuple[AlternativeRule, ...],
    who: str,
    page: str,
    words: Mapping[str, str],
) -> Iterator[Refusal]:
    """One refusal for each rule that no name satisfies."""
    for rule in rules:
        if not any(name.kind == rule.kind and matches(rule.pattern, name.value, words) for name in names):
            yield refuse(
                "certificate.alternative_name_missing",
                detail=f"{who} asks for a subjectAltName of the kind {rule.kind}",
                seen=", ".join(map(str, names)) or "none",
                expected=f"{rule.kind}:{readable(rule.pattern, words)}",
                rule=page,
            )


def matches(pattern: str, text: str, words: Mapping[str, str]) -> bool:
    """Whether the whole text is as the pattern says, with the words put in for their placeholders."""
    for word, value in words.items():
        pattern = pattern.replace("{" + word + "}", re.escape(value))
    return re.fullmatch(pattern, text) is not None


def readable(pattern: str, words: Mapping[str, str]) -> str:
    """The pattern for people: with the words put in as they are."""
    for word, value in words.items():
        pattern = pattern.replace("{" + word + "}", value)
    return pattern


_EXAMPLES: Mapping[str, str] = {
    "C": "EU",
    "ST": "State",
    "L": "City",
    "O": "Acme",
    "OU": "Unit",
    "CN": "acme.example",
    "emailAddress": "pki@acme.example",
}
"""What stands in a subject that is made up, in the usual order."""
_PLAIN = re.compile(r"[\w .,:@'()-]+")
"""Values that a shell and ``openssl req -subj`` take as they are."""


def fitting(subject: Subject, rule: SubjectRule, words: Mapping[str, str]) -> str:
    """A subject that satisfies the rule, as ``openssl req -subj`` takes it: of what there is the values that may stay,
    for the rest an example."""
    fixed = dict(rule.fixed)
    asked = {"C", "O", *rule.required, *fixed, *(("CN",) if rule.common_name else ())}
    taken = {one for one in asked if one not in rule.forbidden and (rule.allowed is None or one in rule.allowed)}
    names = sorted(taken, key=lambda one: [*_EXAMPLES, one].index(one))
    return "".join(f"/{name}={fixed.get(name) or _value(name, subject, rule, words)}" for name in names)


def _value(name: str, subject: Subject, rule: SubjectRule, words: Mapping[str, str]) -> str:
    pattern = rule.common_name if name == "CN" else ""
    there = [each for each in subject if each.short == name]
    if len(there) == 1 and _PLAIN.fullmatch(there[0].value) and not any(_well_formed((there[0],))):
        value = there[0].value.strip()
        if value and (not pattern or matches(pattern, value, words)):
            return value
    return readable(rule.common_name_example or pattern, words) if pattern else _EXAMPLES.get(name, "Acme")


def _present(subject: Subject, rule: SubjectRule, who: str, page: str) -> Iterator[Refusal]:
    values: dict[str, list[str]] = {}
    for each in subject:
        values.setdefault(each.short, []).append(each.value)
    wanted = dict.fromkeys(rule.required, "") | dict(rule.fixed)
    for short, fixed in wanted.items():
        reason, seen = _presence(values.get(short, ()), fixed)
        if reason:
            asked = f"{short} to be {fixed}" if fixed else f"{short} in the subject, once and with a value"
            yield refuse(
                f"certificate.{reason}",
                detail=f"{who} asks for {asked}",
                seen=seen,
                expected=f"{short}={fixed or '...'}",
                rule=page,
            )


def _presence(values: Sequence[str], fixed: str) -> tuple[str, str]:
    if not values:
        return "attribute_missing", "not there"
    if len(values) > 1:
        return "attribute_repeated", f"there {len(values)} times"
    (value,) = values
    if not value.strip():
        return "attribute_empty", "there, and empty"
    return ("attribute_wrong", value) if fixed and value != fixed else ("", "")


def _common_name(
    subject: Subject, rule: SubjectRule, who: str, page: str, words: Mapping[str, str]
) -> Iterator[Refusal]:
    names = [each.value for each in subject if each.short == "CN"]
    if not rule.common_name or (len(names) == 1 and matches(rule.common_name, names[0], words)):
        return
    yield refuse(
        "certificate.common_name_wrong",
        detail=f"{who} asks for one CN in the form that it gives",
        seen=", ".join(names) or "no CN",
        expected=f"CN={readable(rule.common_name_example or rule.common_name, words)}",
        rule=page,
    )


def _allowed(subject: Subject, rule: SubjectRule, who: str, page: str) -> Iterator[Refusal]:
    for short in dict.fromkeys(each.short for each in subject):
        if short in rule.forbidden or (rule.allowed is not None and short not in rule.allowed):
            yield refuse(
                "certificate.attribute_refused",
                detail=f"{who} does not accept {short} in the subject",
                seen=short,
                expected=", ".join(rule.allowed) or "an empty subject" if rule.allowed is not None else f"no {short}",
                rule=page,
            )


def _well_formed(subject: Subject) -> Iterator[Refusal]:
    for short, value in subject:
        seen = f"{short}={value}"
        bound = UPPER_BOUNDS.get(short)
        if bound is not None and len(value) > bound:
            detail = f"{short} has {len(value)} characters"
            yield malformed("attribute_too_long", detail, seen, f"{bound} characters at most")
        if unprintable(value):
            yield malformed("attribute_unprintable", f"{short} has control characters", seen, "printable text")
        elif short == "C" and not COUNTRY.fullmatch(value):
            yield malformed("country_malformed", "C is not two letters", seen, "two letters, such as EU")


def malformed(reason: str, detail: str, seen: str, expected: str) -> Refusal:
    """What the standard refuses, whoever asks."""
    return refuse(f"certificate.{reason}", detail=detail, seen=seen, expected=expected, rule="RFC 5280 appendix A.1")
