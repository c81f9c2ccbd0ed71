"""The header's ``url``: the path of the call, as the client asked for it, without scheme, host, query or fragment."""

import re
from urllib.parse import unquote

from sandbox.errors import Refused
from sandbox.jose.header import Header, text_of
from sandbox.jose.refusing import no, shown

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|//")


def judge_url(header: Header, path: str) -> None:
    """Raises Refused unless ``url`` is *path*, character for character."""
    url = text_of(header, "url")
    if url != path:
        raise _wrong(url, path)


def _wrong(url: str | None, path: str) -> Refused:
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
