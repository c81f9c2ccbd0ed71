"""TLS as a door speaks it: contexts, handshakes and their refusals; pyOpenSSL lives only here."""
