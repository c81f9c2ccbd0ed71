"""Next steps for a program or a test: where a command would be typed at a terminal, the method that does the same; and
what to do where a proxy keeps it from the sandbox."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sandbox.errors import Refusal, Refused, SandbankError
from sandbox.journal.causes import advice, for_client
from sandbox.journal.entry import Entry
from sandbox.journal.reader import Audience, pieces
from sandbox.providers import USUAL

_FLAGS = frozenset(
    {"--all", "--mtls", "--refused", "--webhooks", "--clients", "--crl", "--production", "--production-names"}
)
"""Options without a value, among those that next steps have."""
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of ours, taken apart."""

    head: str
    """``certificate new``, ``ca``."""
    arguments: Sequence[str]
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How a reader of Python names the sandbox and the clients in it."""

    sandbox: str
    """The variable: ``sandbox``, ``sandbank``, ``sandbank_alone``."""
    clock: str
    """Where there is a clock that may be moved: the fixture that all tests share has none."""
    named: str
    """How a server gets another name: ``Sandbox(server_names=…)``, or the fixture with its settings."""
    state: str
    """The folder, for what only a command does."""
    client: Callable[[str, str | None], str]
    """The expression for a provider's client of that id; None where it never became clear who it was."""

    def entry(self, entry: Entry) -> Entry:
        """The entry with next steps for this reader."""
        if not entry.reasons:
            return entry
        return replace(entry, reasons=tuple(self._reason(one, entry.provider, entry.client) for one in entry.reasons))

    @contextmanager
    def refusals(self, provider: str, client: str) -> Iterator[None]:
        """What is refused within has next steps for this reader, and its traceback ends with the first."""
        try:
            yield
        except Refused as refused:
            told = (self._reason(one, provider, client) for one in refused.reasons)
            raise _noted(Refused(*told, detail=refused.detail)) from None
        except SandbankError as error:
            error.next_step = self._said(error.next_step, provider, client)
            raise _noted(error) from None

    def _reason(self, reason: Refusal, provider: str | None, client: str | None) -> Refusal:
        return replace(reason, next=self._said(advice(reason), provider, client))

    def _said(self, step: str, provider: str | None, client: str | None) -> str:
        return "".join(self._part(part, provider, client) for part in pieces(step))

    def _part(self, part: str, of: str | None, client: str | None) -> str:
        command = taken_apart(part)
        if command is None:
            return part
        provider = command.options.get("--provider") or of or USUAL
        made = _METHODS.get(command.head, _nothing)(self, command, self.client(provider, client))
        return made or Audience(state=self.state).step(for_client(part, client or ""))


def _noted(error: SandbankError) -> SandbankError:
    if error.next_step:
        error.add_note(f"next: {error.next_step}")
    return error


def taken_apart(part: str) -> Command | None:
    """The command that a part of a text is; None for one of another program, and for what is none."""
    words = part.partition(" > ")[0]
    found = re.match(r"sandbank ((?:client|certificate|key|resource|webhook|clock|state) [a-z][a-z-]*|[a-z]+)", words)
    if found is None:
        return None
    left, arguments, options = shlex.split(words[found.end() :]), [], {}
    while left:
        word = left.pop(0)
        if not word.startswith("--"):
            arguments.append(word)
        else:
            options[word] = "" if word in _FLAGS or not left else left.pop(0)
    return Command(head=found[1], arguments=arguments, options=options)


def _nothing(speaker: Speaker, command: Command, client: str) -> str:
    return ""


def _new(speaker: Speaker, command: Command, client: str) -> str:
    purpose = command.options.get("--purpose")
    return f"{client}.new_certificate({f'purpose={purpose!r}' if purpose else ''})"


def _sign(speaker: Speaker, command: Command, client: str) -> str:
    return f"{client}.sign(csr, name={command.options.get('--name', 'mine')!r})"


def _upload(speaker: Speaker, command: Command, client: str) -> str:
    return f"{client}.upload(certificate, name={command.options.get('--name', 'mine')!r})"


def _release(speaker: Speaker, command: Command, client: str) -> str:
    return f"{client}.revoke({command.arguments[0]!r}, reason='cessationOfOperation')"


def _add(speaker: Speaker, command: Command, client: str) -> str:
    provider = command.options.get("--provider", USUAL)
    fixed = f", id={command.options['--id']!r}" if "--id" in command.options else ""
    return f"{speaker.sandbox}.{provider}.new_client({command.arguments[0]!r}{fixed})"


def _reset(speaker: Speaker, command: Command, client: str) -> str:
    return f"{client}.reset({'everything=True' if '--all' in command.options else ''})"


def _add_key(speaker: Speaker, command: Command, client: str) -> str:
    return f"{client}.add_key(pem, algorithm={command.options.get('--algorithm', 'ES512')!r})"


def _rows(speaker: Speaker, command: Command, client: str) -> str:
    return f"{client}.resources({command.arguments[0]!r})" if command.arguments else ""


def _put(speaker: Speaker, command: Command, client: str) -> str:
    kind, row = command.arguments
    name, _, value = command.options.get("--set", "").partition("=")
    return f"{client}.put({kind!r}, {row!r}{f', {name}={value!r}' if name else ''})"


def _configure(speaker: Speaker, command: Command, client: str) -> str:
    files = {"--webhook-ca": "ca", "--certificate": "certificate"}
    said = ["mtls=True"] if "--mtls" in command.options else []
    said += [
        f"{name}=open({command.options[one]!r}, 'rb').read()" for one, name in files.items() if one in command.options
    ]
    return f"{client}.configure_webhooks({', '.join(said)})"


def _ca(speaker: Speaker, command: Command, client: str) -> str:
    if "--webhooks" in command.options:
        return _of_provider("webhook_ca()")(speaker, command, client)
    return "" if command.options else f"{speaker.sandbox}.ca_file"


def _move(speaker: Speaker, command: Command, client: str) -> str:
    found = re.fullmatch(r"\+(\d+)([dhms])", command.arguments[0])
    return f"{speaker.clock}.move(timedelta({_UNITS[found[2]]}={found[1]}))" if found else ""


def _serve(speaker: Speaker, command: Command, client: str) -> str:
    name = command.options.get("--server-name")
    return speaker.named.format(name=repr(name)) if name else ""


def _entries(speaker: Speaker, command: Command, client: str) -> str:
    return f"{speaker.sandbox}.journal.entries({'refused=True' if '--refused' in command.options else ''})"


def _of_provider(method: str) -> Callable[[Speaker, Command, str], str]:
    return lambda speaker, command, client: f"{client.partition('.client')[0]}.{method}"


def _simple(method: str) -> Callable[[Speaker, Command, str], str]:
    return lambda speaker, command, client: f"{client}.{method}"


_METHODS: Mapping[str, Callable[[Speaker, Command, str], str]] = {
    "ca": _ca,
    "certificate list": _simple("certificates()"),
    "certificate new": _new,
    "certificate release": _release,
    "certificate sign": _sign,
    "certificate upload": _upload,
    "client add": _add,
    "client env": _simple("environment()"),
    "client reset": _reset,
    "client secret": _simple("new_secret()"),
    "client token": _simple("personal_token()"),
    "clock move": _move,
    "clock show": lambda speaker, command, client: f"{speaker.clock}.now",
    "journal": _entries,
    "key add": _add_key,
    "key list": _simple("keys()"),
    "resource list": _rows,
    "resource put": _put,
    "serve": _serve,
    "webhook certificate": _of_provider("webhook_certificate()"),
    "webhook configure": _configure,
    "webhook csr": _of_provider("webhook_csr()"),
    "webhook key": _of_provider("webhook_key()"),
    "webhook list": _simple("webhooks"),
    "webhook send-test": _simple("send_test_webhook()"),
    "webhook show": _simple("webhooks"),
}
"""What does in Python what a command does at a terminal; of what is not here the command is told, with the folder."""


_HERE = "localhost"
_OBEYED = ("https", "all")
"""Kinds of proxies that clients use for an https:// address."""


def proxy_in_between() -> str:
    """What to do where a proxy stands between a program and this computer; empty where none does.

    The proxy's address is not told: it may have a password.
    """
    from urllib.request import getproxies, proxy_bypass  # needed only where no call came

    named = [kind for kind in _OBEYED if getproxies().get(kind)]
    if not named or proxy_bypass(_HERE):
        return ""
    variables = " and ".join(f"{kind.upper()}_PROXY" for kind in named)
    return (
        f"No call of this test reached the sandbox, and {variables} names a proxy that cannot reach {_HERE} of this "
        f"computer. Set NO_PROXY=localhost,127.0.0.1,::1 for the program under test."
    )
