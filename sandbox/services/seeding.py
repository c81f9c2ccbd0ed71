"""A seed file for a server that starts. The code that reads and applies one is loaded only if one is named."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.services.state import State
from sandbox.storage import clients

if TYPE_CHECKING:
    from sandbox.services.secrets import Known


def seeding(seed: Path | None) -> "Callable[[State], Known]":
    """A function that applies the file to a state. The file is read now, so that mistakes are reported before a state
    is made."""
    if seed is None:
        return lambda state: {}
    from sandbox.services.secrets import SeedSecrets
    from sandbox.services.seed import apply_seed, read_seed

    read = read_seed(seed)
    given = {(one.provider, one.name): one.secret for one in read.clients}

    def seed_state(state: State) -> "Known":
        known: dict[tuple[str, str], SeedSecrets] = {}
        applied = apply_seed(state, read)
        with state.store.read() as work:
            for one in applied:
                secret = one.secret or given[one.provider, one.name]
                if secret and (client := clients.by_id(work, one.provider, one.id)):
                    known[one.provider, one.id] = SeedSecrets(secret=secret, made=bool(one.secret), kept=client.secret)
        return known

    return seed_state
