"""The providers' guides, step by step: which there are. Who plays or shows them is others' business."""

from sandbox.errors import NotThere
from sandbox.providers import PROVIDERS, named
from sandbox.providers.declare import Tour, TourStep

__all__ = ["Tour", "TourStep", "tours_of"]


def tours_of(provider: str) -> tuple[Tour, ...]:
    """The provider's guides. Raises NotThere where it has none that can be played."""
    found = named(provider).tours()
    if not found:
        have = ", ".join(each.name for each in PROVIDERS if each.tours())
        raise NotThere(f"{provider} has no guide that can be played", next_step=f"sandbank tour --provider {have}")
    return found
