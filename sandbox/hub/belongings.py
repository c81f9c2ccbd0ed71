"""What else a client has: public keys by which its signed calls are judged, and the rows that its calls work on."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from sandbox.errors import Misuse, NotThere, Refused, SandbankError
from sandbox.hub.clients import chosen
from sandbox.hub.page import HubPage, HubRoute, Redirect, Visit, base, broken_rules, status_of
from sandbox.journal.keys import for_purpose
from sandbox.providers import named
from sandbox.providers.context import Row
from sandbox.providers.kit.resource import NOTES
from sandbox.services.clock import read_instant
from sandbox.services.keys import add_key, algorithms, key_status, key_text, list_keys, new_key, remove_key
from sandbox.services.resources import kinds_of, list_resources, put_resource
from sandbox.services.state import State

NOTHING = "-"
"""Stands for a field without a value."""
GIST_FIELDS = 4
"""As many as stand beside an id in one line."""
MOST_ROWS = 200
"""Rows on one page; a program that has more lists them over the control API."""
_TIMES = {"active_from": "active_from", "expires_at": "expires_at", "delete_at": "deleted_at"}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_NO_CLIENT = "add a client on the page Authentication"


def keys(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """A client's keys, and a form for another."""
    provider, clients, client = chosen(state, visit)
    if client is None:
        raise NotThere(f"{provider.title} has no client yet", next_step=_NO_CLIENT)
    taken = algorithms(provider.name)
    if not taken:
        raise NotThere(f"calls of {provider.title} are not signed by keys", next_step="nothing is registered here")
    algorithm = visit.said("algorithm") or taken[0]
    values = {
        "provider": provider,
        "clients": clients,
        "client": client,
        "keys": [(key, key_status(key, visit.now)) for key in list_keys(state, provider.name, client.name)],
        "algorithms": taken,
        "algorithm": algorithm,
        "lines": key_lines(algorithm),
        "broken": broken_rules(error, provider=provider.name, client=client.name, about=_about_key) if error else (),
        "form": visit.kept,
    }
    return HubPage(template="keys.html", values=values, status=status_of(error) if error else 200)


def send_key(state: State, visit: Visit) -> HubPage | Redirect:
    """Register a public key; a private one is refused, and nothing of it is kept."""
    provider, client = visit.params["provider"], visit.said("client")
    try:
        times: dict[str, datetime] = {
            field: read_instant(visit.said(name)) for name, field in _TIMES.items() if visit.said(name)
        }
        made = new_key(visit.said("algorithm"), key_text(visit.text("key")), kid=visit.said("kid") or None, **times)
        add_key(state, provider, client, made)
    except (Refused, Misuse) as error:
        return keys(state, visit, error)
    return Redirect(to=f"{base(named(provider))}/keys?{urlencode({'client': client})}", done="key")


def delete_key(state: State, visit: Visit) -> Redirect:
    """Signatures by it are refused from now on."""
    provider, client = visit.params["provider"], visit.said("client")
    remove_key(state, provider, client, visit.params["key"])
    return Redirect(to=f"{base(named(provider))}/keys?{urlencode({'client': client})}", done="key_deleted")


def key_lines(algorithm: str) -> str:
    """What a person types to make a key pair for that algorithm."""
    curve = _CURVES.get(algorithm)
    kind = f"EC -pkeyopt ec_paramgen_curve:{curve}" if curve else "RSA -pkeyopt rsa_keygen_bits:2048"
    return for_purpose(
        algorithm,
        f"openssl genpkey -algorithm {kind} -out client-new-jws.key\n"
        "openssl pkey -in client-new-jws.key -pubout -out client-new-jws.pem",
    )


def rows(state: State, visit: Visit, error: SandbankError | None = None) -> HubPage:
    """A client's rows of one kind, and a form to put one."""
    provider, clients, client = chosen(state, visit)
    if client is None:
        raise NotThere(f"{provider.title} has no client yet", next_step=_NO_CLIENT)
    kinds = kinds_of(state, provider.name, client.name)
    filled = (each for each in kinds if list_resources(state, provider.name, client.name, each))
    kind = visit.said("kind") or next(filled, next(iter(kinds), ""))
    found = list_resources(state, provider.name, client.name, kind)
    declared, wanted = provider.chapters().kinds.get(kind), visit.query.get("change", "")
    changed = next((row.body for row in found if row.id == wanted), None)
    offered = declared.offered(wanted, changed or {}, visit.now) if declared and declared.puttable else {}
    values = {
        "provider": provider,
        "clients": clients,
        "client": client,
        "kinds": kinds,
        "kind": kind,
        "rows": [shown_row(row) for row in found[:MOST_ROWS]],
        "open": visit.said("row") or (found[0].id if len(found) == 1 else ""),
        "count": len(found),
        "takes": declared.takes if declared else None,
        "offered": field_lines(offered),
        "changed": changed is not None,
        "broken": broken_rules(error, about=lambda code: "fields") if error else (),
        "form": visit.kept or ({"id": wanted, "fields": field_lines(offered)} if changed else {}),
    }
    return HubPage(template="rows_of_client.html", values=values, status=status_of(error) if error else 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row as a page shows it."""

    id: str
    fields: list[tuple[str, str]]

    @property
    def gist(self) -> str:
        """What tells it from its neighbours, in a line: the first fields that say something, without the id again."""
        told = (f"{name}: {said}" for name, said in self.fields if said not in (self.id, NOTHING))
        return ", ".join(islice(told, GIST_FIELDS))


def shown_row(row: Row) -> ShownRow:
    """A row without our own notes, which no call shows."""
    return ShownRow(id=row.id, fields=flat({name: said for name, said in row.body.items() if name != NOTES}))


def put_row(state: State, visit: Visit) -> HubPage | Redirect:
    """Make a row, or another in its place."""
    provider, client, kind = visit.params["provider"], visit.said("client"), visit.said("kind")
    try:
        put_resource(state, provider, client, kind, visit.said("id"), read_fields(visit.said("fields")))
    except (Refused, Misuse) as error:
        return rows(state, visit, error)
    put = urlencode({"client": client, "kind": kind, "row": visit.said("id")})
    return Redirect(to=f"{base(named(provider))}/rows?{put}", done="row")


def read_fields(text: str) -> dict[str, Any]:
    """Fields of a row as a person writes them: a line each, `name = value`; or one JSON object. Raises Misuse."""
    if text.startswith("{"):
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            raise Misuse("that is not a JSON object", next_step="or write a field a line: name = value") from None
        return dict(said)
    given: dict[str, Any] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, mark, value = (part.strip() for part in line.partition("="))
        if not mark or not name or name in given:
            raise Misuse(f"{line[:40]!r} is not a field, or is there twice", next_step="a field a line: name = value")
        given[name] = value
    return given


def field_lines(offered: Mapping[str, str]) -> str:
    """The fields of a row as `read_fields` reads them; one that holds nothing is left out."""
    return "\n".join(f"{name} = {said}" for name, said in offered.items() if said)


def flat(body: object, above: str = "") -> list[tuple[str, str]]:
    """The fields of a row for a person, those within others under the names of both: `details.reference`."""
    if isinstance(body, dict) and body:
        pairs = [flat(said, f"{above}.{name}" if above else str(name)) for name, said in body.items()]
        return [pair for part in pairs for pair in part]
    if isinstance(body, list) and body:
        pairs = [flat(said, f"{above}[{number}]") for number, said in enumerate(body)]
        return [pair for part in pairs for pair in part]
    if body in ({}, [], None, ""):
        return [(above, NOTHING)]
    return [(above, ("no", "yes")[body] if isinstance(body, bool) else str(body))]


_KEY_FIELD = re.compile(r"signature\.alg_|.*algorithm")


def _about_key(code: str) -> str:
    if code == "provider.not_unique":
        return "kid"
    return "algorithm" if _KEY_FIELD.match(code) else "key"


_AT = "/hub/providers/{provider}"

ROUTES = (
    HubRoute(path=f"{_AT}/keys", view=keys),
    HubRoute(path=f"{_AT}/keys", view=send_key, method="POST"),
    HubRoute(path=f"{_AT}/keys/{{key}}/delete", view=delete_key, method="POST"),
    HubRoute(path=f"{_AT}/rows", view=rows),
    HubRoute(path=f"{_AT}/rows", view=put_row, method="POST"),
)
