"""What tests may ask the appliance about itself, and tell it to do wrong. Knows the administrator's credential.

`/__appliance/requests` is what was asked of it, `/__appliance/faults` its fault plan and what the plan did,
`/__appliance/tenants-ledger` what became of every tenant POST; `/__appliance/rotate-signing-key` acts. They are
answered under any host, to loopback only (see the gate), and to nobody but the administrator: by HTTP Basic, or with a
token of theirs. Knows no Management API.
"""

import base64
import hmac

from starlette.responses import Response

from appliance import fault_plan, ledger, seed
from appliance.call import Call, no_content, reply
from appliance.errors import ApiError, ManagementError, not_found, unauthorized
from appliance.plan_fields import PlanError
from appliance.shapes import Flag, Record, Text, check_body

ROTATION = Record({"host": Text(1), "keep_old": Flag()}, required=("host",))


def requests(call: Call) -> Response:
    _check_administrator(call)
    return reply(200, call.appliance.log.listed())


def forget_requests(call: Call) -> Response:
    _check_administrator(call)
    call.appliance.log.clear()
    return no_content()


def faults(call: Call) -> Response:
    _check_administrator(call)
    return reply(200, call.appliance.faults.described())


def put_faults(call: Call) -> Response:
    """Another plan, from now on; the one before stays where this one has mistakes."""
    _check_administrator(call)
    try:
        plan = fault_plan.parse(call.body.decode())
    except UnicodeDecodeError:
        raise ManagementError(400, "The fault plan is not UTF-8", code="invalid_body") from None
    except PlanError as error:
        raise _mistaken(error) from None
    call.appliance.faults.put(plan)
    return reply(200, call.appliance.faults.described())


def forget_faults(call: Call) -> Response:
    _check_administrator(call)
    call.appliance.faults.clear()
    return no_content()


def tenants_ledger(call: Call) -> Response:
    _check_administrator(call)
    return reply(200, ledger.listed(call.appliance.store))


async def rotate_signing_key(call: Call) -> Response:
    """Give a domain a new signing key, as its owner could; tokens of the old one stay good where it is kept."""
    _check_administrator(call)
    asked = check_body(call.json(), ROTATION)
    tenant = call.appliance.tenant(str(asked["host"]))
    if tenant is None:
        raise not_found(f"Unknown domain: {str(asked['host'])[:255]}")
    key = await call.appliance.keys.rotate(tenant.name, keep_old=bool(asked.get("keep_old", True)))
    call.appliance.bearers.forget()
    published = [each.kid for each in call.appliance.keys.published(tenant.name)]
    return reply(200, {"kid": key.kid, "published": published})


def _mistaken(error: PlanError) -> ApiError:
    refusal = ManagementError(400, "The fault plan has mistakes", code="invalid_body")
    return ApiError(400, {**refusal.body, "mistakes": error.mistakes})


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
    except ValueError:
        given = b""
    if not hmac.compare_digest(given, f"{admin.client_id}:{admin.client_secret}".encode()):
        raise unauthorized("Not the administrator")
