"""What a header claims of the call: for which path it was signed (``url``), by whom (``iss``) and when (``iat``).

All are asked last: a signature that does not hold vouches for no claim.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from cryptography import x509

from ca.clock import write_time
from ca.x509.names import name_set, read_name, spelled
from sandbox.errors import Refused
from sandbox.jose import no, shown
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.reading import Header, text_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# What lies within a year of now in another unit was meant in that one.
_NEAR = timedelta(days=365) // _MILLISECOND
# Attributes listed to a person; a name has five or six.
LISTED_ATTRIBUTES = 4
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|//")


def judge_url(header: Header, path: str) -> None:
    """Raises Refused unless ``url`` is the path of the call, as it was requested, without scheme, host and query."""
    url = text_of(header, "url")
    if url != path:
        raise _wrong_url(url, path)


def judge_issuer(header: Header, key: VerifyingKey) -> None:
    """Raises Refused unless ``iss`` is the name of the key's holder: the same attributes, in whatever order."""
    iss = text_of(header, "iss")
    if key.name is None:
        raise no(
            "signature.issuer_wrong",
            seen=f"{key}, which was registered without a certificate",
            expected="a key with a certificate, whose subject iss can be compared with",
        )
    if iss is None:
        raise no("signature.header_missing", seen="no iss in the header", expected=_iss(key.name))
    if read_name(iss) != name_set(key.name):
        raise _other_name(iss, key.name)


def judge_issued_at(header: Header, now: datetime) -> None:
    """Raises Refused unless ``iat`` is a whole number of milliseconds since 1970 that is not in the future.

    Seconds pass as well, being milliseconds of January 1970, and so does 0.
    """
    expected = "iat: 0, or the time in milliseconds since 1970"
    if "iat" not in header:
        raise no("signature.header_missing", seen="no iat in the header", expected=expected)
    iat = header["iat"]
    if isinstance(iat, bool) or not isinstance(iat, int) or iat < 0:
        seen = f"iat: {'a negative number' if isinstance(iat, int) and iat < 0 else _kind(iat)}"
        raise no("signature.issued_at_wrong", seen=seen, expected=f"{expected}, as a whole number without quotes")
    at = (now - _EPOCH) // _MILLISECOND
    if iat > at:
        raise no(
            "signature.issued_at_future",
            seen=f"iat: {iat}{_instant(iat)}",
            expected=f"at most {at}, which is {write_time(now)}, the time here",
            next_step=_unit(iat, at),
        )


def spellings(name: x509.Name) -> tuple[str, ...]:
    """The likeliest ways to write a name as ``iss``: from either end, with and without spaces."""
    forward = spelled(name)
    backward = spelled(x509.Name(list(reversed(list(name)))))
    return (forward, backward, forward.replace(", ", ","), backward.replace(", ", ","))


def _wrong_url(url: str | None, path: str) -> Refused:
    expected = f"url: {shown(path)}"
    if url is None:
        return no("signature.url_missing", seen="no url in the header", expected=expected)
    seen = f"url: {shown(url)}"
    if _ABSOLUTE.match(url):
        return no("signature.url_absolute", seen=seen, expected=expected)
    if "?" in url or "#" in url:
        return no("signature.url_query", seen=seen, expected=expected)
    return no("signature.url_wrong", seen=f"{seen}{_nearly(url, path)}", expected=expected)


def _nearly(url: str, path: str) -> str:
    """What the two differ in, when that is hard to see."""
    if url.strip("/") == path.strip("/"):
        return " (only a slash at an end differs)"
    if url.strip() == path:
        return " (only white space differs)"
    if url.lower() == path.lower():
        return " (only upper and lower case differ)"
    if unquote(url) == unquote(path):
        return " (only the percent-encoding differs; sign the path as it is requested)"
    return ""


def _other_name(iss: str, name: x509.Name) -> Refused:
    said, held = read_name(iss), name_set(name)
    if said is None:
        differs = "which is no distinguished name (a comma within a value is written \\,)"
    elif {(keyword, value.casefold()) for keyword, value in said} == {(k, v.casefold()) for k, v in held}:
        differs = "where only upper and lower case differ"
    else:
        # The holder's first: what the client put there may be long.
        lacks, exceeds = _listed("without ", held - said), _listed("with ", said - held)
        differs = " and ".join(filter(None, (lacks, exceeds)))
    return no("signature.issuer_wrong", seen=f"iss: {shown(iss)}, {differs}", expected=_iss(name))


def _listed(word: str, attributes: Iterable[tuple[str, str]]) -> str:
    listed = sorted(f"{keyword}={value}" for keyword, value in attributes)
    more = f" and {len(listed) - LISTED_ATTRIBUTES} more" if len(listed) > LISTED_ATTRIBUTES else ""
    return word + ", ".join(listed[:LISTED_ATTRIBUTES]) + more if listed else ""


def _iss(name: x509.Name) -> str:
    return f"iss: {shown(spelled(name))}, the subject of the certificate, in any order"


def _kind(value: object) -> str:
    return "a number that is not whole" if isinstance(value, float) else shown(value)


def _unit(iat: int, at: int) -> str:
    """The next step for a time in a finer unit; "" for one that is simply to come."""
    for unit, factor in (("microseconds", 1000), ("nanoseconds", 1_000_000)):
        if abs(iat // factor - at) < _NEAR:
            return f"these are {unit}: divide by {factor}, or write 0"
    return ""


def _instant(milliseconds: int) -> str:
    try:
        return f", which as milliseconds is {write_time(_EPOCH + milliseconds * _MILLISECOND)}"
    except OverflowError:
        return ", which as milliseconds is past the year 9999"
