"""The causes of the TLS layer: why a handshake failed. Rows of the table in ``causes``."""

_NEW = "sandbank certificate new --client demo"

CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "tls.front_name_unknown",
        "A front door answers under the providers' own host names only, and the client named another or none.",
        "point one of the names that were expected at this machine in /etc/hosts, and call it by that name",
    ),
    (
        "tls.certificate_missing",
        (
            "The door requires a client certificate and none came. Some clients send none when the file is wrong, or "
            "its key is of a kind that TLS 1.3 does not sign with."
        ),
        f"pass --cert and --key to curl; if you have no certificate yet: {_NEW}",
    ),
    (
        "tls.certificate_unknown_issuer",
        "The client certificate was not issued by this sandbox (or by another state folder of it).",
        f"sign your CSR here: sandbank certificate sign FILE.csr --client demo; or: {_NEW}",
    ),
    (
        "tls.certificate_of_other_provider",
        "The client certificate was issued or uploaded here, but for another provider than the one that is called.",
        "present the certificate of the provider that is called: sandbank certificate list --client demo shows them",
    ),
    (
        "tls.certificate_expired",
        "The client certificate has expired by the sandbox's clock (notAfter).",
        f"sign your CSR again under a new name, or: {_NEW}",
    ),
    (
        "tls.certificate_not_yet_valid",
        "The client certificate is not valid yet by the sandbox's clock (notBefore).",
        f"compare the clocks of the machine that signed and of this one, or: {_NEW}",
    ),
    (
        "tls.certificate_revoked",
        "The client certificate has been revoked.",
        f"use another certificate, or: {_NEW}",
    ),
    (
        "tls.certificate_wrong_usage",
        "The certificate is not meant for TLS clients: its extended key usage lacks clientAuth.",
        f"present the certificate that was issued for your CSR, not a server's; or: {_NEW}",
    ),
    (
        "tls.certificate_key_usage",
        "The certificate's key may not sign: its key usage lacks digitalSignature, which TLS asks of a client.",
        f"have one issued with key usage digitalSignature; one that has it comes from: {_NEW}",
    ),
    (
        "tls.certificate_key_weak",
        "The key of the client certificate, or of a CA above it, is too short.",
        f"make a key of RSA 2048 bits or EC P-256 and have a certificate issued for it; or: {_NEW}",
    ),
    (
        "tls.certificate_hash_weak",
        "The client certificate, or a CA above it, is signed over SHA-1 or MD5, which can be forged.",
        f"have the certificate issued anew with SHA-256; or: {_NEW}",
    ),
    (
        "tls.certificate_proof_wrong",
        "The client showed a certificate and signed with another private key than the certificate's.",
        (
            "pair them again; these two print the same for a pair: openssl x509 -in CERTIFICATE.pem -noout -pubkey; "
            f"openssl pkey -in PRIVATE.key -pubout. A new pair comes from: {_NEW}"
        ),
    ),
    (
        "tls.certificate_key_unsupported",
        "The client certificate is for a kind of key with which no handshake is made here.",
        f"make a key of RSA 2048 bits or EC P-256 and have a certificate issued for it; or: {_NEW}",
    ),
    (
        "tls.certificate_unreadable",
        "The client sent something in the place of its certificate that is none.",
        f"openssl x509 -in CERTIFICATE.pem -noout -text must be able to read it; a good one comes from: {_NEW}",
    ),
    (
        "tls.certificate_too_large",
        "The client's certificate and chain together are longer than a handshake may carry.",
        f"send the client's own certificate alone, without a bundle of CAs; or: {_NEW}",
    ),
    (
        "tls.certificate_refused",
        "OpenSSL refused the client certificate; the reason is under seen.",
        f"openssl x509 -in CERTIFICATE.pem -noout -text shows it; a good one comes from: {_NEW}",
    ),
    (
        "tls.client_distrusts_server",
        (
            "The client left after it had seen our certificate. It does not trust the sandbox's CA, "
            "or it could not load its own certificate or key; a probe of TLS looks the same."
        ),
        (
            "sandbank ca > ca.pem, and give that file to the client: curl --cacert ca.pem; Python verify='ca.pem'; "
            "Node NODE_EXTRA_CA_CERTS=ca.pem; Go RootCAs; PHP CURLOPT_CAINFO; .NET and Java a trust store "
            "(sandbank ca --format p12 --out truststore.p12); nginx proxy_ssl_trusted_certificate; HAProxy ca-file. "
            "If it has that file: look into its log for an error about its own certificate or key"
        ),
    ),
    (
        "tls.client_clock_wrong",
        "The client left because our certificate has expired by its clock; by the real time it has not.",
        (
            "set the clock of the client's computer or container right (date -u shows it); the sandbox's own clock, "
            "which can be moved, does not count for the server's certificate"
        ),
    ),
    (
        "tls.name_not_covered",
        "The client called the door by a name or address that our certificate does not have, and left.",
        (
            "start the server with that name: sandbank serve --server-name NAME; or call the door as localhost or by "
            "the provider's sandbox host name"
        ),
    ),
    (
        "tls.client_alert",
        "The client aborted the handshake with a TLS alert.",
        "look up the alert in the client's own log; it says what the client could not accept",
    ),
    (
        "tls.version_unsupported",
        "The client offers no TLS version that the door supports: TLS 1.2 or 1.3.",
        "let the client offer TLS 1.2 or newer (curl --tlsv1.2)",
    ),
    (
        "tls.no_shared_cipher",
        "The client and the door have no cipher suite or signature algorithm in common.",
        "let the client offer TLS 1.3, or a suite of TLS 1.2 with ECDHE and AES-GCM (ECDSA or RSA)",
    ),
    (
        "tls.plain_http",
        "The client sent plain HTTP to a door that speaks TLS.",
        "write https:// instead of http:// in the client's base URL",
    ),
    (
        "tls.hello_malformed",
        "The client's first message is a TLS hello that breaks the rules of TLS.",
        "try the door with curl -v to see a good one; then look for a proxy that changes bytes, or update the library",
    ),
    (
        "tls.proxy_protocol",
        "A load balancer puts a line of its own before the TLS hello (the PROXY protocol), which no door here reads.",
        "switch it off towards the sandbox: HAProxy without send-proxy, nginx proxy_protocol off",
    ),
    (
        "tls.not_tls",
        "The first bytes are not a TLS ClientHello.",
        "check that the client speaks TLS and that this is the port you meant (sandbank client env demo)",
    ),
    (
        "tls.handshake_changed",
        "Client and door have seen different handshakes: something between them changes messages.",
        "connect without the proxy or the inspection that stands between them",
    ),
    (
        "tls.record_corrupt",
        "A record came that was not encrypted with the keys of this connection, or was changed on its way.",
        "look for a proxy that changes bytes, or a client that writes into the socket beside its TLS library",
    ),
    (
        "tls.record_too_long",
        "A TLS record is longer than 16 KiB.",
        "look for a client that writes into the socket beside its TLS library, or update the library",
    ),
    (
        "tls.renegotiation",
        "The client wants a second handshake on the same connection (TLS 1.2 renegotiation), which is off here.",
        "give the client its certificate before it connects: it is asked for in the first handshake",
    ),
    (
        "tls.protocol_error",
        "The client broke the rules of TLS; what OpenSSL says of it was seen.",
        "try the same with curl -v or openssl s_client to tell whose fault it is; then update the client's TLS library",
    ),
    (
        "tls.closed_early",
        "The client connected and left before it had sent a hello: a probe of the port, or a client that gave up.",
        (
            "if it was no probe, the client could not load its own certificate or key (curl error 58; PHP, Guzzle): "
            "give it both, --cert CERTIFICATE.pem --key PRIVATE.key, and look into its log"
        ),
    ),
    (
        "tls.handshake_slow",
        "The handshake was not complete within the door's time limit.",
        "look for a proxy or a debugger that holds the connection",
    ),
)
