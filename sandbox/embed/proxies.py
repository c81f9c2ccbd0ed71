"""Whether the environment keeps a program from reaching a server on its own computer."""

from urllib.request import getproxies, proxy_bypass

_HERE = "localhost"
_OBEYED = ("https", "all")
"""Kinds of proxies that clients use for an https:// address."""


def proxy_in_between() -> str:
    """What to do where a proxy stands between a program and this computer; empty where none does.

    The proxy's address is not told: it may have a password.
    """
    named = [kind for kind in _OBEYED if getproxies().get(kind)]
    if not named or proxy_bypass(_HERE):
        return ""
    variables = " and ".join(f"{kind.upper()}_PROXY" for kind in named)
    return (
        f"No call of this test reached the sandbox, and {variables} names a proxy that cannot reach {_HERE} of this "
        f"computer. Set NO_PROXY=localhost,127.0.0.1,::1 for the program under test."
    )
