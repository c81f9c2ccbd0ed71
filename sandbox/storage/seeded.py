"""The rows that a seed file gave a client, kept apart from those that calls move; a reset puts them back from here."""

import json

from sandbox.storage.queries import load
from sandbox.storage.resources import Body
from sandbox.storage.work import Work


def put(work: Work, provider: str, client: str, kind: str, id: str, body: Body) -> None:
    """Keep *body* under its kind and id, in place of what was there."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    load("queries", work.driver).put_seeded_row(
        work.connection, provider=provider, client=client, kind=kind, id=id, body=text
    )


def all_of(work: Work, provider: str, client: str) -> dict[tuple[str, str], Body]:
    """Bodies by kind and id."""
    rows = load("queries", work.driver).seeded_rows(work.connection, provider=provider, client=client)
    return {(kind, key): json.loads(text) for kind, key, text in rows}


def remove_of(work: Work, provider: str, client: str) -> None:
    load("queries", work.driver).remove_seeded_rows(work.connection, provider=provider, client=client)
