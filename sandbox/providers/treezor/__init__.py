"""Treezor, imitated: the folder reads like its page on mutual TLS and its official description.

``provider`` is the contents page. Here is what it shares with its chapters and a start needs: a purpose of
certificates, and advice about refusals.
"""

from collections.abc import Mapping

PCI = "pci"
"""The purpose of certificates for the door of calls about whole card numbers."""

ADVICE: Mapping[str, str] = {
    # "If you were to send us your private key, you would have to generate new ones and start the process from scratch."
    "certificate.private_key_sent": (
        "Start the process from scratch: delete this key, and the CSRs and certificates made with it, make new ones "
        "(openssl genrsa -out client-new.key 2048; "
        "openssl req -new -key client-new.key -out client-new.csr) and send the CSR only"
    ),
    "certificate.key_of_other_purpose": (
        "Make a key of its own for each CSR: openssl genrsa -out client-new.key 2048; "
        "openssl req -new -key client-new.key -out client-new.csr"
    ),
    "certificate.wrong_purpose": (
        "show the certificate that was made for this door: --purpose transport for the mtls door, pci for the pci door"
    ),
}
