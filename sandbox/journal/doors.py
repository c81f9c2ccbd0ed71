"""The causes of the TLS layer: why a handshake failed. Rows of the table in ``causes``."""

_NEW = "sandbank certificate new --client demo"

CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "tls.certificate_missing",
        "The door requires a client certificate and none came. Some clients send none when the file is wrong.",
        f"pass --cert and --key to curl; if you have no certificate yet: {_NEW}",
    ),
    (
        "tls.certificate_unknown_issuer",
        "The client certificate was not issued by this sandbox (or by another state folder of it).",
        f"sign your CSR here: sandbank certificate sign FILE.csr --client demo --name NAME; or: {_NEW}",
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
        "tls.certificate_refused",
        "OpenSSL refused the client certificate; the reason is under seen.",
        f"openssl x509 -in CERTIFICATE.pem -noout -text shows it; a good one comes from: {_NEW}",
    ),
    (
        "tls.client_distrusts_server",
        "The client aborted the handshake because it does not trust the sandbox's server certificate or its name.",
        (
            "sandbank ca > ca.pem, give that file to the client (curl --cacert ca.pem), and call the door "
            "by a name in its certificate (localhost, the provider's sandbox host name, or a --server-name)"
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
        "let the client offer an ECDHE-ECDSA suite of TLS 1.2, or TLS 1.3",
    ),
    (
        "tls.plain_http",
        "The client sent plain HTTP to a door that speaks TLS.",
        "write https:// instead of http:// in the client's base URL",
    ),
    (
        "tls.not_tls",
        "The first bytes are not a TLS ClientHello.",
        "check that the client speaks TLS and that this is the port you meant (sandbank client env demo)",
    ),
    (
        "tls.closed_early",
        "The client closed the connection before the handshake was complete: a port probe, or a client that gave up.",
        "nothing, if it was a probe; else look into the client's own log",
    ),
    (
        "tls.handshake_slow",
        "The handshake was not complete within the door's time limit.",
        "look for a proxy or a debugger that holds the connection",
    ),
)
