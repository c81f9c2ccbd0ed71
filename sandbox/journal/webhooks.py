"""The causes of webhooks that did not arrive, or whose receiver is not safe. Rows of the table in ``causes``."""

_CA = "sandbank ca --webhooks > webhooks-ca.pem"
_TRY = "then: sandbank webhook send-test --client demo"

CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        "webhook.no_certificate_asked",
        "The receiver asked for no client certificate, so anybody could have sent this webhook.",
        (
            f"let the receiver ask: {_CA}; in nginx ssl_verify_client on with ssl_client_certificate webhooks-ca.pem, "
            f"in Python context.verify_mode = ssl.CERT_REQUIRED with load_verify_locations; {_TRY}"
        ),
    ),
    (
        "webhook.ca_not_listed",
        "The receiver asked for a client certificate but did not list the sender's CA, so none was shown.",
        f"add the sender's CA to those that the receiver trusts and lists: {_CA}; {_TRY}",
    ),
    (
        "webhook.certificate_refused",
        "The receiver refused the sender's certificate.",
        f"let the receiver trust its CA: {_CA}; the certificate itself: sandbank webhook certificate",
    ),
    (
        "webhook.certificate_ends",
        "The certificate that the client's own CA has issued for the sender ends within 28 days, or has ended.",
        (
            "get a new one for the same key in time: sandbank webhook csr > sender.csr; then: "
            "sandbank webhook configure --client demo --certificate sender.pem"
        ),
    ),
    (
        "webhook.certificate_wanted",
        "The receiver demands a client certificate, but the sender shows none.",
        "switch mutual TLS on: sandbank webhook configure --client demo --mtls",
    ),
    (
        "webhook.plain_http",
        "The subscription's URL begins with http://: there is no TLS, and no certificate can be asked for or shown.",
        "change the subscription's URL to https://; a test receiver: sandbank webhook listen --mtls",
    ),
    (
        "webhook.server_untrusted",
        "The receiver's own certificate is not from a CA that the sender trusts.",
        "name its CA: sandbank webhook configure --client demo --webhook-ca ca.pem",
    ),
    (
        "webhook.server_expired",
        "The receiver's own certificate has expired, or is not valid yet, by real time.",
        "give the receiver a new certificate; openssl x509 -in certificate.pem -noout -dates shows the old one's",
    ),
    (
        "webhook.server_wrong_name",
        "The receiver's own certificate is valid, but not for the host name in the subscription's URL.",
        (
            "give it a certificate whose subjectAltName has that name (RFC 9525: the common name does not count), or "
            "change the URL"
        ),
    ),
    (
        "webhook.server_refused",
        "OpenSSL refused the receiver's own certificate; the reason is under seen.",
        "openssl x509 -in certificate.pem -noout -text shows it; it must be for server authentication",
    ),
    (
        "webhook.tls_failed",
        "The connection was made, but TLS failed: no common version or cipher suite, or the receiver speaks no TLS.",
        "let the receiver speak TLS 1.2 or 1.3 on that port; openssl s_client -connect HOST:PORT tries it",
    ),
    (
        "webhook.unresolved",
        "The host name in the subscription's URL has no address.",
        "correct the URL of the subscription, or make the name resolve on this machine",
    ),
    (
        "webhook.connection_refused",
        "Nobody listens at the address to which the webhook was sent, or it cannot be reached.",
        "start the receiver on that port; a test receiver: sandbank webhook listen",
    ),
    (
        "webhook.timeout",
        "The receiver did not answer within the provider's time limit.",
        "answer first and work afterwards: store the message, answer, then act on it",
    ),
    (
        "webhook.reset",
        "The receiver closed the connection before it answered.",
        "look into the receiver's own log; a proxy in front of it may have closed the connection",
    ),
    (
        "webhook.not_http",
        "What the receiver answered is not HTTP.",
        "check that the port of the subscription's URL is that of an HTTP server",
    ),
    (
        "webhook.redirect",
        "The receiver redirects; the provider does not follow redirects and counts them as failures.",
        "put the final address into the subscription's URL; a missing slash at its end is the usual reason",
    ),
    (
        "webhook.status",
        "The receiver answered with a status that the provider does not count as a success.",
        (
            "look into the receiver's own log; what it answered is kept with each attempt: "
            "sandbank webhook list --client demo"
        ),
    ),
    (
        "webhook.address_forbidden",
        "Other machines can reach this server, so it sends no webhooks to private addresses by default.",
        "start the server with --webhook-allow HOST, or let its doors listen on loopback only",
    ),
    (
        "webhook.unsubscribed",
        "The subscription was removed or disabled before this could be delivered; nothing more is sent.",
        (
            "create it again, or enable it, by the provider's own calls; then send again what failed: "
            "sandbank webhook list --status dead --client demo"
        ),
    ),
    (
        "webhook.blocked",
        "An earlier delivery to this subscription failed for good, so the provider sends it nothing more.",
        "fix the receiver, then send the failed delivery again: sandbank webhook list --status dead --client demo",
    ),
)

OF_A_DELIVERY = {
    "webhook.status": "look into the receiver's own log; the first bytes of its answer: sandbank webhook show {id}",
    "webhook.unsubscribed": (
        "create it again, or enable it, by the provider's own calls; then: sandbank webhook resend {id}"
    ),
}
"""The same steps where it is known which delivery they are about."""
