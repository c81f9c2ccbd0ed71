"""A call that was refused, once more: the command that makes it again, and those few that the sandbox makes itself.

The journal keeps no header, query or body, and the client's private key never comes here. So the sandbox repeats only a
call that had nothing of the kind to say; for any other it tells the command, and what is to be filled in."""

import http.client
import shlex
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from sandbox.errors import Misuse, NotThere
from sandbox.journal.entry import Entry, View
from sandbox.oauth.credentials import InHeaders, Way
from sandbox.providers import named
from sandbox.providers.declare import Endpoint, Provider
from sandbox.providers.doors import Door
from sandbox.services.environment import client_environment, first_calls, urls_of
from sandbox.services.making import GUIDE_FILES
from sandbox.services.state import State

REPEAT_SECONDS = 10.0
"""For the whole answer: longer than a door ever takes, and not for ever."""
ENTRY_SECONDS = 1.0
"""Another process may have answered, which writes its journal a tenth of a second later."""
LOOK_SECONDS = 0.02
LONGEST_KEPT = 200
"""Characters of a path that the journal keeps: of one that is as long, the end may be missing."""
NOTHING_SENT = ("token.missing", "token.credentials_missing")
"""Causes that say that the caller named no credentials at all."""
WITH_BODY = ("POST", "PUT", "PATCH")
TOKEN = "<access_token>"
_SAFE = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How a call is made once more."""

    command: str
    """For a shell."""
    fill_in: tuple[str, ...]
    """What the command cannot have, and whoever types it has to put there."""
    here: bool
    """Whether the sandbox can make it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What the journal has of a call or of a handshake without one."""

    provider: Provider
    door: Door
    endpoint: Endpoint | None
    method: str
    path: str

    @property
    def asks_nothing(self) -> bool:
        """Whether it went to a door without a certificate, and had no body."""
        return self.door.client_certificate == "none" and self.method == "GET" and len(self.path) < LONGEST_KEPT


def repeat_of(state: State, entry: Entry) -> Repeat | None:
    """None for what is neither a call nor a handshake at a provider's door."""
    call = _read(entry)
    if call is None:
        return None
    variables = _variables(state, call.provider, entry.client)
    words, fill_in = ["curl", "--cacert", str(state.folder.ca_file)], list[str]()
    prefix = call.provider.name.upper()
    if call.door.client_certificate != "none":
        certificate = variables.get(f"{prefix}_CERTIFICATE_FILE", "")
        words += ["--cert", certificate or GUIDE_FILES[2], "--key", variables.get(f"{prefix}_KEY_FILE", GUIDE_FILES[0])]
        fill_in += [] if certificate else ["the files of the client's certificate and key"]
    if known := _known_call(call, words):
        filled = _filled_in(known, variables)
        return Repeat(command=filled, fill_in=(*fill_in, *_left(filled)), here=False)
    for word, missing in _login(call, variables):
        words += word
        fill_in += [missing] if missing else []
    words += {"GET": [], "HEAD": ["--head"]}.get(call.method, ["-X", call.method])
    if call.method in WITH_BODY:
        words += ["-d", "@body.json", "-H", "Content-Type: application/json"]
        fill_in.append("the body, in body.json")
    words.append(f"{urls_of(state, call.provider.name)[call.door.name]}{quote(call.path, safe=_SAFE)}")
    return Repeat(command=shlex.join(words), fill_in=tuple(fill_in), here=_can(entry, call))


def repeat(state: State, entry: Entry) -> Entry:
    """Make the call again, and give its new entry. Raises Misuse where that is not ours to do, or nobody answers."""
    call = _read(entry)
    if call is None or not _can(entry, call):
        raise Misuse("this call cannot be repeated from here", next_step="type the command that the page shows")
    before, path = state.journal.newest(), quote(call.path, safe=_SAFE)
    url = urlsplit(urls_of(state, call.provider.name)[call.door.name])
    trust = ssl.create_default_context(cafile=state.folder.ca_file)
    connection = http.client.HTTPSConnection(url.hostname or "", url.port, timeout=REPEAT_SECONDS, context=trust)
    try:
        connection.request(call.method, path, headers={"User-Agent": "Sandbank hub"})
        connection.getresponse().read(1)
    except (OSError, http.client.HTTPException) as error:
        raise Misuse(f"the door {call.door.name} did not answer: {error}", next_step="sandbank serve") from None
    finally:
        connection.close()
    return _newer(state, View(provider=call.provider.name, door=entry.door, path=call.path, after=before))


def _newer(state: State, view: View) -> Entry:
    ends = time.monotonic() + ENTRY_SECONDS
    while time.monotonic() < ends:
        for _, entry in state.journal.read(view):
            return entry
        time.sleep(LOOK_SECONDS)
    raise Misuse("the call was made, and the journal has no entry of it yet", next_step="look into the journal")


def _read(entry: Entry) -> _Call | None:
    if entry.kind not in ("call", "handshake") or not entry.provider:
        return None
    provider = named(entry.provider)
    door = next((door for door in provider.doors if f"{provider.name}.{door.name}" == entry.door), None)
    if door is None:
        return None
    method, path = (entry.title.partition(" ")[0], entry.extra.get("path", "/")) if entry.status else ("GET", "/")
    return _Call(provider=provider, door=door, endpoint=_endpoint(provider, entry, method), method=method, path=path)


def _endpoint(provider: Provider, entry: Entry, method: str) -> Endpoint | None:
    """That which the route led to, by the note of its stage."""
    route = next((stage.note for stage in entry.stages if stage.name == "route" and stage.ok), "")
    return next((one for one in provider.endpoints if one.method == method and one.path == route), None)


def _can(entry: Entry, call: _Call) -> bool:
    nobody_asked = call.endpoint is None or not call.endpoint.login
    nothing_sent = any(reason.code in NOTHING_SENT for reason in entry.reasons)
    return entry.kind == "call" and bool(entry.status) and call.asks_nothing and (nobody_asked or nothing_sent)


def _variables(state: State, provider: Provider, client: str | None) -> Mapping[str, str]:
    """Of the client, or of the one for the first try where nobody knows whose the call was."""
    for name in filter(None, (client, *provider.registration.demo[:1])):
        try:
            return client_environment(state, provider.name, name).variables
        except NotThere:
            continue
    return {}


def _known_call(call: _Call, words: list[str]) -> str:
    """That of the provider's first calls which goes to this path: there the body is known."""
    calls = first_calls(call.provider.name, curl=shlex.join(words))
    at = f"_{call.door.name.upper()}_URL{call.path}"
    usual = f"_{call.provider.doors[0].name.upper()}_URL"
    here = [one.replace(usual, f"_{call.door.name.upper()}_URL") for one in calls]
    return next((one for one in here if f'{at}"' in one or f"{at}?" in one), "")


def _filled_in(command: str, variables: Mapping[str, str]) -> str:
    for name in sorted(variables, key=len, reverse=True):
        command = command.replace(f"${name}", variables[name])
    return command


def _left(command: str) -> Iterator[str]:
    if TOKEN in command:
        yield f"a token for {TOKEN}"
    if "$" in command:
        yield "the client's secret, which is kept as a hash"


def _login(call: _Call, variables: Mapping[str, str]) -> Iterator[tuple[list[str], str]]:
    """The words by which the caller says who it is, each with what of it is not known here."""
    way: Way = call.endpoint.login[0] if call.endpoint and call.endpoint.login else "nobody"
    prefix, registration = call.provider.name.upper(), call.provider.registration
    caller = variables.get(f"{prefix}_{registration.id_name.upper()}", "<id>")
    known = variables.get(f"{prefix}_{registration.secret_name.upper()}")
    secret, missing = known or "<secret>", "" if known else f"the {registration.secret_name} for <secret>"
    if way == "bearer":
        yield ["-H", f"Authorization: Bearer {TOKEN}"], f"a token for {TOKEN}"
    elif way == "basic":
        yield ["-u", f"{caller}:{secret}"], missing
    elif way == "key":
        yield ["-u", f"{secret}:"], missing
    elif isinstance(way, InHeaders):
        yield ["-H", f"{way.id}: {caller}", "-H", f"{way.secret}: {secret}"], missing
