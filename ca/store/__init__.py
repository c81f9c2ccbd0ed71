"""What the authority keeps: certificates, keys, revocations."""
