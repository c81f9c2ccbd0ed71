"""What certificates are made of: names, keys, DER, extensions."""
