"""Where the authority's door is, as the pointers in client certificates have it."""

from sandbox.errands.doors import AUTHORITY_OFFSET, known_host, known_port
from sandbox.storage import facts
from sandbox.storage.work import Work

AUTHORITY = "authority"
FACT = "authority_url"


def authority_url(work: Work) -> str:
    """Where certificates say that their CRL is: as it was set, else the authority's door as it last listened."""
    return facts.get(work, FACT) or _door(work)


def _door(work: Work) -> str:
    return f"http://{known_host(work, AUTHORITY)}:{known_port(work, AUTHORITY, AUTHORITY_OFFSET)}"
