"""Names that a shell completes: what the state knows of them, and silence where there is none to ask."""

from typing import TYPE_CHECKING

import click

from sandbox.cli.options import DEFAULT_PROVIDER, listed

if TYPE_CHECKING:
    from sandbox.services.state import State

OFFERED = 50
"""Of the newest: a screen full; whoever wants an older one types its beginning."""


def complete_entries(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Ids of the newest entries of the journal."""
    from sandbox.journal.entry import View
    from sandbox.services.journal import read_journal

    def ids(state: "State") -> list[str]:
        return [entry.id for _, entry in read_journal(state, View(limit=OFFERED))]

    return listed(ctx, incomplete, ids)


def complete_certificates(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of the provider's certificates, of the client where one is named."""
    from sandbox.services.certificates import list_certificates

    def names(state: "State") -> list[str]:
        found = list_certificates(state, ctx.params.get("provider") or DEFAULT_PROVIDER, ctx.params.get("client"))
        return list(dict.fromkeys(record.name for record in found if record.revoked_at is None))

    return listed(ctx, incomplete, names)


def complete_deliveries(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Ids of the newest deliveries."""
    from sandbox.services.webhooks import list_deliveries

    def ids(state: "State") -> list[str]:
        return [one.id for one in list_deliveries(state, limit=OFFERED)]

    return listed(ctx, incomplete, ids)
