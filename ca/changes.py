"""What differs between a CSR and the certificate that answers it, and why: told to whoever sent the CSR.

What the certificate will hold is decided in `naming` and `profile`."""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509

from ca.csr import Csr
from ca.errors import visible
from ca.names import AlternativeName, name_set, rfc4514
from ca.naming import Naming


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs between the CSR and the certificate, and why."""

    field: str
    from_: str
    to: str
    why: str

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "from": self.from_, "to": self.to, "why": self.why}


def changes(
    csr: Csr, naming: Naming, holder: str, subject: x509.Name, alternatives: tuple[AlternativeName, ...]
) -> tuple[Change, ...]:
    """Everything that differs: subject, its layout, what was asked for, what was added."""
    return (
        *(_replaced(csr, naming, subject) if naming.subject == "template" else ()),
        *(_kept(csr, naming, holder) if naming.subject == "keep" else ()),
        *_layout(csr, naming, subject),
        *_alternatives(csr, naming, alternatives),
        *_asked(csr, alternatives),
    )


def _replaced(csr: Csr, naming: Naming, subject: x509.Name) -> Iterator[Change]:
    if name_set(csr.name) != name_set(subject):
        why = f"{naming.profile} takes nothing of the subject from the CSR"
        yield Change(field="subject", from_=visible(rfc4514(csr.name)), to=visible(rfc4514(subject)), why=why)


def _kept(csr: Csr, naming: Naming, holder: str) -> Iterator[Change]:
    asked = [value for short, value in csr.subject if short == "CN"]
    if naming.common_name == "holder" and asked != [holder]:
        why = "the common name is always the client id"
        yield Change(field="CN", from_=visible(", ".join(asked)), to=holder, why=why)
    for short, value in csr.subject:
        if short not in naming.keep and short != "CN":
            yield Change(field=short, from_=visible(value), to="", why=f"{naming.profile} does not keep {short}")


def _layout(csr: Csr, naming: Naming, subject: x509.Name) -> Iterator[Change]:
    if naming.one_set and len(csr.name.rdns) > 1:
        why = f"{naming.profile} puts all attributes into one RDN"
        were, are = f"{len(csr.name.rdns)} RDNs", f"one RDN of {len(list(subject))} attributes"
        yield Change(field="RDN", from_=were, to=are, why=why)


def _alternatives(csr: Csr, naming: Naming, alternatives: tuple[AlternativeName, ...]) -> Iterator[Change]:
    if alternatives and set(csr.alternative_names) != set(alternatives):
        asked, put = ", ".join(map(str, csr.alternative_names)), ", ".join(map(str, alternatives))
        why = f"{naming.profile} gives the alternative names itself"
        yield Change(field="subjectAltName", from_=visible(asked), to=visible(put), why=why)


def _asked(csr: Csr, alternatives: tuple[AlternativeName, ...]) -> Iterator[Change]:
    for extension in csr.extensions:
        if alternatives and extension.name == "subjectAltName":
            continue  # told already, or the same
        seen = visible(f"{extension.name}: {extension.value}")
        yield Change(field="extension", from_=seen, to="", why="requested extensions are never copied")
    for name in csr.attributes:
        # The value is a secret or of no use: it was not even read.
        yield Change(field=name, from_="(not shown)", to="", why="attributes of the CSR are not used")
