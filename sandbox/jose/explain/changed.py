"""Good signatures that belong to something else: another key of the client, or a header that said something else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.claims import spellings
from sandbox.jose.explain.rewritten import Layout, layout_of, write
from sandbox.jose.explain.signatures import Suspect
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import Header
from sandbox.jose.scheme import ALGORITHMS, Algorithm

# A header of four members is 150 bytes; finding the layout of 1 kB takes some milliseconds.
MAX_SEARCHED_HEADER = 1024
# ES512 verifies in 0.4 ms: the search takes 30 ms at most.
MAX_CHANGES = 64
# Members that are taken away one by one.
MAX_MEMBERS = 12

# The last is how a header stands in a guide, in a file that ends with a line feed.
_LAYOUTS = (
    Layout(words="compact", separators=(",", ":")),
    Layout(words="with spaces", separators=(", ", ": ")),
    Layout(words="indented by 2", separators=(",", ": "), indent=2, tail="\n"),
)
_TYPES = ("JWT", "JOSE", "jwt")
_USUAL_ORDER = ("alg", "typ", "kid", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredHeader:
    """A header that may have been signed instead of the one that came, and whose signature it would have been."""

    name: str
    """The member that would have been changed after signing."""
    header: Mapping[str, object]
    key: VerifyingKey
    algorithm: Algorithm


def by_another_key(suspect: Suspect) -> Refused | None:
    """The header names one key, and another key of the client made the signature."""
    for key in suspect.other_keys():
        if suspect.holds(suspect.jws.signing_input, key=key):
            return no(
                "signature.other_key",
                seen=f"a signature by {key} ({key.status(suspect.now).replace('_', ' ')})",
                expected=f"one by {suspect.key}, which {_named_by(suspect)}",
                next_step=suspect.compare,
            )
    return None


def header_changed(suspect: Suspect) -> Refused | None:
    """One member of the header was changed, added or taken away after signing."""
    if len(suspect.jws.header_bytes) > MAX_SEARCHED_HEADER:
        return None
    for change, header in islice(_headers(suspect), MAX_CHANGES):
        if suspect.holds(suspect.jws.input_for(header=header), key=change.key, algorithm=change.algorithm):
            return no(
                "signature.header_tampered",
                seen=f"{_says(suspect.jws.header, change.name)}; signed was {_says(change.header, change.name)}",
                expected="the header that was signed",
            )
    return None


def _named_by(suspect: Suspect) -> str:
    return "the header names" if "kid" in suspect.jws.header else "is the only active one"


def _says(header: Header, name: str) -> str:
    return f"{name}: {shown(header[name])}" if name in header else f"no {name}"


def _headers(suspect: Suspect) -> Iterator[tuple[AlteredHeader, bytes]]:
    """Each change in the layout that the header is in, and in the usual ones."""
    found = layout_of(suspect.jws.header, suspect.jws.header_bytes)
    tried = set()
    for layout in (*((found,) if found else ()), *_LAYOUTS):
        for change in _changes(suspect):
            header = write(change.header, layout).encode("utf-8", "surrogatepass")
            if (header, change.key.kid, change.algorithm.name) not in tried:
                tried.add((header, change.key.kid, change.algorithm.name))
                yield change, header


def _changes(suspect: Suspect) -> Iterator[AlteredHeader]:
    """The likeliest first."""
    for name, value in _values(suspect):
        yield from _with(suspect, name, value, suspect.key, suspect.algorithm)
    for key in suspect.other_keys():
        if key.kid is not None:
            yield from _with(suspect, "kid", key.kid, key, suspect.algorithm)
        else:
            yield _without(suspect, "kid", key)
    for name in islice(suspect.jws.header, MAX_MEMBERS):
        if name != "alg":
            yield _without(suspect, name, suspect.key)
    for algorithm in map(ALGORITHMS.__getitem__, suspect.scheme.algorithms):
        if algorithm is not suspect.algorithm and algorithm.fits(suspect.key.public_key):
            yield from _with(suspect, "alg", algorithm.name, suspect.key, algorithm)


def _values(suspect: Suspect) -> Iterator[tuple[str, object]]:
    path, scheme = suspect.path, suspect.scheme
    for url in (path, path.rstrip("/"), f"{path}/", unquote(path)) if path else ():
        yield "url", url
    if suspect.key.kid is not None:
        yield "kid", suspect.key.kid
    if scheme.issuer and suspect.key.name is not None:
        for iss in spellings(suspect.key.name):
            yield "iss", iss
    if scheme.issued_at:
        yield "iat", 0
    for typ in _TYPES:
        yield "typ", typ


def _with(
    suspect: Suspect, name: str, value: object, key: VerifyingKey, algorithm: Algorithm
) -> Iterator[AlteredHeader]:
    """The header with another value of a member; one that is missing is put at the end, and where it usually stands."""
    said = suspect.jws.header
    if said.get(name) == value:
        return
    header = {**said, name: value}
    yield AlteredHeader(name=name, header=header, key=key, algorithm=algorithm)
    if name not in said:
        usual = {each: header[each] for each in _USUAL_ORDER if each in header}
        yield AlteredHeader(name=name, header={**usual, **header}, key=key, algorithm=algorithm)


def _without(suspect: Suspect, name: str, key: VerifyingKey) -> AlteredHeader:
    header = {each: value for each, value in suspect.jws.header.items() if each != name}
    return AlteredHeader(name=name, header=header, key=key, algorithm=suspect.algorithm)
