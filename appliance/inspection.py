"""What tests may ask the appliance about itself. Knows the administrator's credential; knows no Management API.

`GET /__appliance/requests` lists what was asked of it, `DELETE` forgets it. It is answered under any host, to loopback
only (see the gate), and to nobody but the administrator: by HTTP Basic, or with a token of theirs.
"""

import base64
import binascii
import hmac

from starlette.responses import Response

from appliance import seed
from appliance.call import Call, no_content, reply
from appliance.errors import unauthorized


def requests(call: Call) -> Response:
    _check_administrator(call)
    return reply(200, call.appliance.log.listed())


def forget_requests(call: Call) -> Response:
    _check_administrator(call)
    call.appliance.log.clear()
    return no_content()


def _check_administrator(call: Call) -> None:
    admin = seed.credential(call.appliance.store, "admin")
    authorization = call.headers.get("authorization", "")
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "bearer":
        if call.appliance.bearers.read(call.tenant, authorization).client_id != admin.client_id:
            raise unauthorized("Not the administrator")
        return
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        given = b""
    if not hmac.compare_digest(given, f"{admin.client_id}:{admin.client_secret}".encode()):
        raise unauthorized("Not the administrator")
