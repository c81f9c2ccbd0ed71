"""What is known of providers without loading one: the usual one, and the domains of those to come."""

USUAL = "wise"


RESERVED_DOMAINS: tuple[str, ...] = (
    # Treezor, docs.treezor.com/guide: one sub-domain per client, webhook management, the PCI host.
    "sandbox.treezor.co",
    "preprod.secure.treezor.co",
)
