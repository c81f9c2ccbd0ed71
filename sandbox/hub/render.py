"""Templates and the files beside them: how a page becomes text. Which page it is, and what is in it, others say."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.hub import words
from sandbox.hub.page import base, certificate_page, delivery_page, first_certificate, menu_of
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
            took=words.took,
            headline=words.headline,
            row_outcome=words.row_outcome,
            outcome=words.outcome,
            beside=words.beside,
            tone=words.tone,
            door=words.door,
            exact=words.exact,
            grouped=words.grouped,
            step=reader.step,
            commands=commands,
            lead_in=lead_in,
            bare_url=without_secrets,
        )

    def page(self, template: str, values: Mapping[str, object], *, now: datetime, path: str) -> str:
        """The whole text of a page."""
        when = partial(words.when, now=now)
        return self._jinja.get_template(template).render(**{"here": path, "now": now, "when": when, **values})
