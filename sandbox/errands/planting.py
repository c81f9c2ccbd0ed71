"""A seed file on the way to a served state; what reads and applies one is loaded only where one is named."""

from collections.abc import Callable
from pathlib import Path

from sandbox.errands.state import State


def planting(seed: Path | None) -> Callable[[State], None]:
    """What applies the file to a state. It is read now, so that a mistake in it is told before a state is made."""
    if seed is None:
        return lambda state: None
    from sandbox.errands.seed import apply_seed, read_seed

    read = read_seed(seed)

    def plant(state: State) -> None:
        apply_seed(state, read)

    return plant
