"""What is known of providers without loading one."""

USUAL = "wise"
"""The one that commands mean where none is named."""
