"""The options that commands share, their environment variables, and the names that a shell completes.

What an option means is its command's. Completion is silent where there is no state to ask."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from sandbox.services.providers import USUAL_PROVIDER

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.services.state import State
    from sandbox.settings import Database

PREFIX = "SANDBANK_"
DEFAULT_STATE = Path(".sandbank")
DEFAULT_PROVIDER = USUAL_PROVIDER
DEFAULT_CLIENT = "demo"

OFFERED = 50
"""Of the newest: a screen full; whoever wants an older one types its beginning."""

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


def variable(option: str) -> str:
    """The environment variable of an option, on any command: ``--port-base`` is ``SANDBANK_PORT_BASE``."""
    return PREFIX + option.removeprefix("--").replace("-", "_").upper()


class EnvironmentOption(click.Option):
    """An option that may also be set in the environment. Several values are separated by blanks there."""

    def __init__(self, declarations: Sequence[str] | None = None, **attributes: Any) -> None:
        super().__init__(declarations, **attributes)
        self.envvar = variable(next(name for name in self.opts if name.startswith("--")))

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Names the variable when that is where the wrong value came from: nobody sees it on the command line."""
        hint = super().get_error_hint(ctx)  # type: ignore[arg-type, unused-ignore]
        source = ctx.get_parameter_source(self.name) if ctx is not None and self.name else None
        return f"{hint} (from {self.envvar})" if source is ParameterSource.ENVIRONMENT else hint


def option(*declarations: str, **attributes: Any) -> Callable[[_Decorated], _Decorated]:
    """``click.option``, with the environment variable. Every option of every command is declared with this one."""
    return click.option(*declarations, cls=EnvironmentOption, **attributes)


def common(command: _Decorated) -> _Decorated:
    """What stands on every command: where the state is, and JSON for programs."""
    state = option(
        "--state",
        type=click.Path(path_type=Path, file_okay=False),
        default=DEFAULT_STATE,
        show_default=True,
        metavar="DIR",
        help="Folder of the sandbox's state.",
        callback=_remember_state,
    )
    as_json = option("--json", "as_json", is_flag=True, help="Print JSON, errors included.")
    database = option(
        "--database",
        metavar="URL",
        expose_value=False,
        help="postgresql://… of a state that several machines share; the folder remembers it without the password.",
        callback=_remember_database,
    )
    return state(database(as_json(command)))


def _remember_state(ctx: click.Context, parameter: click.Parameter, value: Path) -> Path:
    """Kept for the last resort in `failures`, which writes down a fault where its finder looks for it."""
    ctx.meta["sandbank.state"] = value
    return value


def _remember_database(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Kept for whoever opens the state: no command does anything else with it."""
    ctx.meta["sandbank.database"] = value


def database_of(ctx: click.Context) -> "Database | None":
    """The database that was named for this command. Raises Misuse."""
    if not (said := ctx.meta.get("sandbank.database")):
        return None
    from sandbox.settings import Database

    return Database(said)


def provider_option(default: str | None = DEFAULT_PROVIDER) -> Callable[[_Decorated], _Decorated]:
    return option(
        "--provider",
        default=default,
        show_default=default is not None,
        metavar="NAME",
        help="Name of the provider.",
        shell_complete=complete_providers,
    )


def client_option(
    default: str | None = None, help: str = "Name or id of the client."
) -> Callable[[_Decorated], _Decorated]:
    return option(
        "--client",
        default=default,
        show_default=default is not None,
        metavar="NAME|ID",
        help=help,
        shell_complete=complete_clients,
    )


def instant(ctx: click.Context, parameter: click.Parameter, value: str | None) -> "datetime | None":
    """The callback of whatever is a time: ISO 8601, UTC without a zone."""
    from sandbox.errors import Misuse
    from sandbox.services.clock import read_instant

    try:
        return None if value is None else read_instant(value)
    except Misuse as misuse:
        raise click.BadParameter(misuse.detail) from None


def complete_clients(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of the clients in the state, where there is one; in a shell's completion nothing else may be said."""
    from sandbox.services.clients import list_clients

    def names(state: "State") -> list[str]:
        return [client.name for client in list_clients(state, ctx.params.get("provider") or DEFAULT_PROVIDER)]

    return listed(ctx, incomplete, names)


def complete_providers(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Those that are imitated."""
    from sandbox.services.providers import provider_names

    return [name for name in provider_names() if name.startswith(incomplete)]


def listed(ctx: click.Context, incomplete: str, names: "Callable[[State], Sequence[str]]") -> list[str]:
    """Those of the names that the state knows which begin so; none, and no word, where there is no state to ask."""
    from ca.errors import AuthorityError
    from sandbox.errors import SandbankError
    from sandbox.services.state import opened

    try:
        path = ctx.params.get("state") or DEFAULT_STATE
        with opened(path, database=database_of(ctx), make_new=False) as state:
            known = names(state)
    except (SandbankError, AuthorityError, OSError):
        return []
    return [name for name in known if name.startswith(incomplete)]


def complete_causes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Codes of the table of causes."""
    from sandbox.journal.causes import CAUSES

    return [code for code in CAUSES if code.startswith(incomplete)]


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


client_argument = click.argument("client", metavar="NAME|ID", shell_complete=complete_clients)
"""Which client a verb of ``sandbank client`` is about."""
out_option = option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to this file instead of standard output."
)
