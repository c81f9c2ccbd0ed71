"""Which providers are imitated: one explicit tuple, one folder each."""

from sandbox.errors import NotThere
from sandbox.providers.declare import Provider
from sandbox.providers.doors import wildcards
from sandbox.providers.nuapay.provider import NUAPAY
from sandbox.providers.transcrypts.provider import TRANSCRYPTS
from sandbox.providers.transcrypts.truv import TRUV
from sandbox.providers.treezor.provider import TREEZOR
from sandbox.providers.wise.provider import WISE

PROVIDERS: tuple[Provider, ...] = (WISE, NUAPAY, TREEZOR, TRANSCRYPTS, TRUV)
"""The first is the usual one, which commands mean where none is named."""

DOMAINS: tuple[str, ...] = tuple(d for provider in PROVIDERS for d in provider.domains)
"""What the server CA is constrained to, besides localhost, loopback addresses and the server names asked for."""

PRODUCTION_HOSTS: tuple[str, ...] = tuple(
    dict.fromkeys(host for provider in PROVIDERS for door in provider.doors for host in wildcards(door.production))
)
"""The providers' live host names, which a server answers to only where it is told to."""


def in_production(name: str) -> bool:
    """Whether a host name is a live one of a provider's."""
    return any(door.in_production(name.lower()) for provider in PROVIDERS for door in provider.doors)


def hinted(name: str) -> str:
    """The name as a command has to say it: empty for the one that commands mean by themselves."""
    return "" if name == PROVIDERS[0].name else name


def in_command(name: str) -> str:
    """The option by which a command names the provider, after a space; nothing for the one that commands mean."""
    return f" --provider {name}" if hinted(name) else ""


def named(name: str) -> Provider:
    """The provider of that name. Raises NotThere."""
    for provider in PROVIDERS:
        if provider.name == name:
            return provider
    known = ", ".join(provider.name for provider in PROVIDERS)
    raise NotThere(f"there is no provider {name!r}; there are: {known}", next_step="use --provider with one of those")
