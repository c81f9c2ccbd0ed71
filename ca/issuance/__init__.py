"""From an approved CSR to a certificate: planned, signed, read back."""
