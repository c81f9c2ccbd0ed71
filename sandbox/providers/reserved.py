"""Sandbox domains of the providers that are still to come.

They are here because the server CA's name constraints are cut when the state is founded: a name that is missing then
would cost everybody a new CA file later.
"""

RESERVED_DOMAINS: tuple[str, ...] = (
    # Treezor, docs.treezor.com/guide: one sub-domain per client, webhook management, the PCI host.
    "sandbox.treezor.co",
    "preprod.secure.treezor.co",
    # Transcrypts, sdk.transcrypts.com: the sandbox host of its mTLS page until February 2026; it has no other.
    "api-sandbox-mtls.transcrypts.com",
)
