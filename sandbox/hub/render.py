"""Templates and the files beside them: how a page becomes text, and how it writes times, sizes and outcomes for people.

Which page it is, and what is in it, others say; every function is told what time it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ca.clock import write_time
from sandbox.hub.page import base, certificate_page, delivery_page, first_certificate, menu_of
from sandbox.journal.entry import Entry
from sandbox.journal.reader import Audience, commands, lead_in
from sandbox.providers import PROVIDERS
from sandbox.providers.known import in_command
from sandbox.webhooks.message import without_secrets

FORM_TOKEN = "form_token"
"""The field in which every form carries the token of this state."""
_HERE = Path(__file__).parent
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A style sheet, a script or an image, read once."""

    data: bytes = field(repr=False)
    media_type: str
    mark: str
    """Changes with the content, and stands in its address: so that a browser may keep what it has."""


def static_files() -> Mapping[str, StaticFile]:
    """All of them by name."""
    files = {}
    for path in sorted((_HERE / "static").iterdir()):
        data = path.read_bytes()
        mark = hashlib.sha256(data).hexdigest()[:8]
        files[path.name] = StaticFile(data=data, media_type=_MEDIA_TYPES[path.suffix], mark=mark)
    return files


class Renderer:
    """Writes pages; its environment is made once."""

    def __init__(self, files: Mapping[str, StaticFile], form_token: str, reader: Audience) -> None:
        """*reader* is whoever types what a page says."""
        self._jinja = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals.update(
            form_token=form_token,
            providers=PROVIDERS,
            base=base,
            menu_of=menu_of,
            certificate_page=certificate_page,
            delivery_page=delivery_page,
            first_certificate=first_certificate,
            in_command=in_command,
            static=lambda name: f"/hub/static/{name}?{files[name].mark}",
        )
        self._jinja.filters.update(
            took=took,
            headline=headline,
            row_outcome=row_outcome,
            outcome=outcome,
            beside=beside,
            tone=tone,
            door=door,
            exact=exact,
            grouped=grouped,
            step=reader.step,
            commands=commands,
            lead_in=lead_in,
            bare_url=without_secrets,
        )

    def page(self, template: str, values: Mapping[str, object], *, now: datetime, path: str) -> str:
        """The whole text of a page."""
        at = partial(when, now=now)
        return self._jinja.get_template(template).render(**{"here": path, "now": now, "when": at, **values})


_UNITS = (
    ("year", 365 * 86_400),
    ("month", 30 * 86_400),
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)
JUST_NOW = 5
"""Seconds that nobody counts."""
_MILLISECOND = 1_000
_SECOND = 1_000_000


def relative(at: datetime, now: datetime) -> str:
    """3 minutes ago; in 12 months; just now."""
    seconds = round((at - now).total_seconds())
    if abs(seconds) < JUST_NOW:
        return "just now"
    unit, size = next((unit, size) for unit, size in _UNITS if abs(seconds) >= size)
    count = round(abs(seconds) / size)
    words = f"{count} {unit}{'s' if count > 1 else ''}"
    return f"in {words}" if seconds > 0 else f"{words} ago"


def exact(at: datetime) -> str:
    """2026-05-11 09:30:00 UTC"""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def when(at: datetime, now: datetime) -> Markup:
    """The relative time, with the exact one where the pointer rests on it."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(write_time(at), exact(at), relative(at, now))


def took(microseconds: int) -> str:
    """How long something lasted, to the digit that matters."""
    if microseconds < _MILLISECOND:
        return f"{microseconds} µs"
    if microseconds < _SECOND:
        return f"{microseconds / _MILLISECOND:.1f} ms"
    return f"{timedelta(microseconds=microseconds).total_seconds():.1f} s"


def row_outcome(entry: Entry) -> str:
    """The same for the badge of a row, which has little room: the rest of it stands beside it."""
    return "alert" if entry.outcome.startswith("alert ") else outcome(entry).partition(",")[0]


def beside(entry: Entry) -> str:
    """What the badge of a row leaves out of the outcome; empty where it has all of it."""
    said = outcome(entry)
    return said if entry.outcome.startswith("alert ") else said.partition(", ")[2]


def headline(entry: Entry) -> str:
    """What it was, in a line: the call as it was made, a handshake as such."""
    return f"Handshake, {entry.title}" if entry.kind == "handshake" else entry.title


def outcome(entry: Entry) -> str:
    """How it ended, in a word or two."""
    return entry.outcome.replace("_", " ") or "-"


def tone(entry: Entry) -> str:
    """good, bad or plain: the colour of the badge; never the only sign."""
    if entry.refused or entry.status >= 400:
        return "bad"
    return "good" if all(stage.ok for stage in entry.stages) else "plain"


def door(name: str) -> str:
    """wise.mtls as "wise mtls"; what came by a command, the control API or a page came through no door."""
    return "no door" if name == "errand" else name.replace(".", " ")


def grouped(digits: str) -> str:
    """A serial or a fingerprint in pairs, as programs print it."""
    return ":".join(digits[index : index + 2] for index in range(0, len(digits), 2)).upper()
