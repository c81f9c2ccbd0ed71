"""What is known of providers without loading one: the usual one, and the domains of those to come."""

USUAL = "wise"


RESERVED_DOMAINS: tuple[str, ...] = (
    # Transcrypts, sdk.transcrypts.com: the sandbox host of its mTLS page until February 2026; it has no other.
    "api-sandbox-mtls.transcrypts.com",
)
