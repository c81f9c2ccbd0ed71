"""What others may ask about certificates: CRLs and OCSP answers."""
