"""The chapters of Wise's page, put together: every call, and the resources that they work on."""

from dataclasses import replace

from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import JSON, action, chapters, look
from sandbox.providers.wise import rows
from sandbox.providers.wise.funding import PAYMENT, fund
from sandbox.providers.wise.keys import register_key, reply_key
from sandbox.providers.wise.login import token
from sandbox.providers.wise.playground import jws_playground, playground
from sandbox.providers.wise.signing import JOSE_JSON, SIGNING
from sandbox.providers.wise.style import STYLE

_SIGNED = replace(STYLE, accepts=(JOSE_JSON, JSON))
_FUNDING = "/v3/profiles/{profileId}/transfers/{transferId}/payments"
_KEYS = "/v1/auth/jose/request/public-keys"

CHAPTERS = chapters(
    endpoints=(
        Endpoint(method="POST", path="/oauth/token", handler=token, work="write", login=("basic",), errors="oauth"),
        replace(look("/v1/authenticated/playground", playground, STYLE), peer="required"),
        action("POST", _KEYS, register_key, STYLE),
        # The first key of an algorithm is made when somebody asks for it: a write.
        action("GET", "/v1/auth/jose/response/public-keys", reply_key, STYLE, body=False),
        action("GET", "/v1/auth/jwt-public-key", reply_key, STYLE, body=False),
        action("POST", "/v1/auth/jose/playground/jws", jws_playground, _SIGNED, signing="required"),
        action("POST", _FUNDING, fund, replace(STYLE, accepts=(JSON, JOSE_JSON)), signing="optional"),
        *rows.ENDPOINTS,
    ),
    resources=(rows.PROFILE, rows.BALANCE, rows.TRANSFER, PAYMENT),
    signing=SIGNING,
)
