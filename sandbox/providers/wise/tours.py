"""Wise's two guides, told in steps: what a person types. Played by a tour, and shown by the hub for copying.

Sources: https://docs.wise.com/guides/developer/auth-and-security/mtls and …/auth-and-security/jose/jose-jws.
"""

from sandbox.providers.declare import Tour, TourStep

_CURL = (
    "curl -sS --key sandbox-PRIVATE-KEY.key --cert sandbox-CERTIFICATE.pem \\\n"
    "    --cacert wise.ca-certificate.sandbox.pem"
)

MTLS = Tour(
    title="Mutual TLS",
    url="https://docs.wise.com/guides/developer/auth-and-security/mtls",
    steps=(
        TourStep(
            say="Make a private key and a certificate signing request. The key never leaves this machine.",
            command=(
                "openssl req -nodes -newkey rsa:4096 -keyout sandbox-PRIVATE-KEY.key \\\n"
                '    -out sandbox-certificate-request.csr -subj "/C=EU/O=Acme"'
            ),
        ),
        TourStep(
            say="Generate certificate: submit the CSR, and keep the certificate that comes back.",
            command=(
                "sandbank certificate sign sandbox-certificate-request.csr --client demo --name laptop \\\n"
                "    > sandbox-CERTIFICATE.pem"
            ),
        ),
        TourStep(
            say="Get Wise Certificate: the CA by which your client trusts the doors.",
            command="sandbank ca > wise.ca-certificate.sandbox.pem",
        ),
        TourStep(
            say="Key and certificate belong together: both lines must be the same.",
            command=(
                "openssl rsa -in sandbox-PRIVATE-KEY.key -noout -modulus | openssl sha256\n"
                "openssl x509 -in sandbox-CERTIFICATE.pem -noout -modulus | openssl sha256"
            ),
        ),
        TourStep(
            say="Ask for a token with the client's id and secret, over mutual TLS.",
            command=(
                'eval "$(sandbank client env demo --format sh)"\n'
                f"TOKEN=$({_CURL} \\\n"
                '    -u "$WISE_CLIENT_ID:$WISE_CLIENT_SECRET" -d grant_type=client_credentials \\\n'
                '    "$WISE_MTLS_URL/oauth/token" | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')\n'
                'echo "$TOKEN"'
            ),
        ),
        TourStep(
            say="The call that the guide ends with.",
            command=f'{_CURL} \\\n    "$WISE_MTLS_URL/v1/authenticated/playground" -H "Authorization: Bearer $TOKEN"',
        ),
        TourStep(
            say="The same without the certificate. The door refuses it in the handshake, and its alert says nothing.",
            command=(
                "curl -sS --cacert wise.ca-certificate.sandbox.pem \\\n"
                '    "$WISE_MTLS_URL/v1/authenticated/playground" -H "Authorization: Bearer $TOKEN"'
            ),
            refused=True,
        ),
        TourStep(say="The journal says the rest.", command="sandbank journal --refused --explain --last 1"),
    ),
)

JWS = Tour(
    title="JSON Web Signature",
    url="https://docs.wise.com/guides/developer/auth-and-security/jose/jose-jws",
    steps=(
        TourStep(
            say="Make a key for signing, and register its public key.",
            command=(
                "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out signing-PRIVATE-KEY.pem\n"
                "openssl pkey -in signing-PRIVATE-KEY.pem -pubout -out signing-public.pem\n"
                "sandbank key add signing-public.pem --client demo --algorithm PS256 \\\n"
                "    --kid 663a0e44-aa4a-4ff0-a9f8-cd99f5fbad71"
            ),
        ),
        TourStep(
            say="Sign the payment: header and body in base64url, and an RSA-PSS signature over both.",
            command=(
                "b64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }\n"
                "PAYMENT=/v3/profiles/12345/transfers/12345/payments\n"
                "KID=663a0e44-aa4a-4ff0-a9f8-cd99f5fbad71\n"
                'HEADER=$(printf \'{"alg":"PS256","typ":"JWT","kid":"%s","url":"%s"}\' $KID $PAYMENT | b64url)\n'
                'BODY=$(printf \'{"type":"BALANCE"}\' | b64url)\n'
                "SIGNATURE=$(printf '%s' \"$HEADER.$BODY\" | openssl dgst -sha256 -sign signing-PRIVATE-KEY.pem \\\n"
                "    -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 | b64url)\n"
                'echo "$HEADER.$BODY.$SIGNATURE"'
            ),
        ),
        TourStep(
            say="Change the body after signing. The answer is the provider's and explains little.",
            command=(
                'OTHER=$(printf \'{"type":"TRUSTED_PRE_FUND_BULK"}\' | b64url)\n'
                f'{_CURL} --fail-with-body -X POST "$WISE_MTLS_URL$PAYMENT" \\\n'
                "    -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/jose+json' \\\n"
                "    -H 'Accept: application/jose+json' -H 'X-TW-JOSE-Method: jws' -d \"$HEADER.$OTHER.$SIGNATURE\""
            ),
            refused=True,
        ),
        TourStep(say="The journal says what was changed.", command="sandbank journal --refused --explain --last 1"),
        TourStep(
            say="Fund the transfer with the signed call. The reply is a JWS too.",
            command=(
                f'{_CURL} -X POST "$WISE_MTLS_URL$PAYMENT" \\\n'
                "    -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/jose+json' \\\n"
                "    -H 'Accept: application/jose+json' -H 'X-TW-JOSE-Method: jws' -d \"$HEADER.$BODY.$SIGNATURE\""
            ),
        ),
    ),
)

TOURS = (MTLS, JWS)
