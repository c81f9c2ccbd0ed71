"""What the upgrade of an older state has to know of each provider; loaded when there is one to make."""

import re
from functools import partial

from sandbox.ids import Ids
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Registration
from sandbox.storage.hashing import Custom


def _is_ours(registration: Registration, secret: str) -> bool:
    """Whether it has the form of those that are made: what a person chose hardly ever does."""
    return _form(secret) == _form(registration.secret(Ids()))


def _form(secret: str) -> str:
    return re.sub("[0-9a-f]", "0", secret)


CUSTOMS: tuple[Custom, ...] = tuple(
    Custom(
        provider=provider.name,
        demo=provider.registration.demo,
        secret_alone=provider.registration.secret_alone,
        made=partial(_is_ours, provider.registration),
    )
    for provider in PROVIDERS
)
