"""One call in HTTP/1.1 as bytes: what goes out, and what of the answer is read. Pure; `delivery` carries it to and fro.

By h11, which comes with Hypercorn and does no input or output of its own, so that it goes over our own TLS without an
adapter. A client library would bring pools, proxies and retries, none of which a webhook may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, quote, urlsplit

import h11

FIRST_BYTES = 512
"""Of an answer, that are kept: enough for the message of an error page, and bounded by us and not by the receiver."""
MOST_HEAD = 65_536
"""Bytes of an answer's head: a receiver that never ends it must not fill our memory."""
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE = f"{_PATH_SAFE}?"


class NotHttp(Exception):
    """What was answered is not HTTP."""


class NoUrl(Exception):
    """A URL that leads nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A call to be made."""

    method: str
    url: SplitResult
    headers: Mapping[str, str]
    """The provider's own; those of HTTP itself are added where it has none of that name."""
    body: bytes = field(repr=False)

    def written(self) -> list[tuple[str, str]]:
        """All headers, in their order."""
        own = {name.lower() for name in self.headers}
        usual = {
            "host": host_header(self.url),
            "user-agent": "Sandbank",
            "accept": "*/*",
            "content-length": str(len(self.body)),
            "connection": "close",
        }
        return [*((name, value) for name, value in usual.items() if name not in own), *self.headers.items()]

    @property
    def target(self) -> str:
        """Path and query, with percent-encoding where a person has left it out."""
        query = f"?{quote(self.url.query, safe=_QUERY_SAFE)}" if self.url.query else ""
        return (quote(self.url.path, safe=_PATH_SAFE) or "/") + query


class Exchange:
    """A call and its answer, as far as that is read."""

    def __init__(self, message: Message) -> None:
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        self._message = message
        self.status = 0
        """0 until the head of the answer has come."""
        self.headers: dict[str, str] = {}
        self.answer = b""

    def call(self) -> bytes:
        """What to send."""
        message = self._message
        events = (
            h11.Request(method=message.method, target=message.target, headers=message.written()),
            h11.Data(data=message.body),
            h11.EndOfMessage(),
        )
        return b"".join(self._connection.send(event) or b"" for event in events)

    def receive(self, data: bytes) -> bool:
        """Read on with *data*, which is empty at the end of the connection; whether enough was read. Raises NotHttp."""
        try:
            self._connection.receive_data(data)
            while (event := self._connection.next_event()) is not h11.NEED_DATA:
                if self._done(event):
                    return True
        except h11.RemoteProtocolError as error:
            raise NotHttp(str(error)[:200]) from None
        return False

    def _done(self, event: object) -> bool:
        if isinstance(event, h11.Response):
            self.status = event.status_code
            self.headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            self.answer = (self.answer + bytes(event.data))[:FIRST_BYTES]
            return len(self.answer) == FIRST_BYTES
        return isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED


def read_url(url: str) -> SplitResult:
    """Raises NoUrl for what is no http or https URL with a host."""
    try:
        read = urlsplit(url)
        if read.scheme in ("http", "https") and read.hostname and read.port != 0:
            return read
    except ValueError:
        pass
    raise NoUrl(f"the URL {url[:200]!r}")


def host_of(url: SplitResult) -> str:
    """The host as it is looked up, named in TLS and compared with certificates: an internationalised name in its ASCII
    form. Raises NoUrl."""
    host = (url.hostname or "").rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise NoUrl(f"the host {host[:100]!r}") from None


def port_of(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def host_header(url: SplitResult) -> str:
    """RFC 9110 section 7.2: without the user that a URL may name."""
    host = host_of(url)
    host = f"[{host}]" if ":" in host else host
    return host if url.port is None else f"{host}:{url.port}"


def without_secrets(url: str) -> str:
    """A URL as it may be told: its query and its user are often a secret."""
    try:
        read = read_url(url)
        return f"{read.scheme}://{host_header(read)}{read.path}"
    except NoUrl:
        return "a URL that leads nowhere"


def read_retry_after(value: str) -> datetime | timedelta | None:
    """RFC 9110 section 10.2.3: seconds, or a date. What is neither asks for nothing."""
    if not value:
        return None
    if value.isascii() and value.isdecimal() and len(value) <= 9:
        return timedelta(seconds=int(value))
    from email.utils import parsedate_to_datetime  # the mail parser is nothing that a start should wait for

    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
