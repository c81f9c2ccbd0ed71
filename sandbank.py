"""The public face of Sandbank: ``from sandbank import Sandbox``. Imports nothing until it is asked for something."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.embed import Client, Issued, Sandbox
    from sandbox.errors import Refused, SandbankError

__all__ = ["Client", "Issued", "Refused", "SandbankError", "Sandbox"]

_HOME = {
    "Client": "sandbox.embed",
    "Issued": "sandbox.embed",
    "Sandbox": "sandbox.embed",
    "Refused": "sandbox.errors",
    "SandbankError": "sandbox.errors",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'sandbank' has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(home), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sandbox", "ca"):
            raise
        raise ImportError(_hidden(error.name or "")) from error


def _hidden(module: str) -> str:
    """Why our own package cannot be found: nearly always a folder of the same name in the user's project."""
    from importlib.util import find_spec

    top = module.partition(".")[0]
    spec = find_spec(top)
    places = list(spec.submodule_search_locations or ()) if spec else []
    where = spec.origin or ", ".join(places) if spec else "nowhere"
    return (
        f"Sandbank's own package {top!r} is hidden by another of that name: Python finds {where}. "
        f"Rename that folder, or run from elsewhere, so that Sandbank's {top!r} comes first on sys.path."
    )
