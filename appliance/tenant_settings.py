"""A tenant's settings. Knows which there are, what they may be and where they start; knows no other tenant's."""

import json
from collections.abc import Mapping

from starlette.responses import Response

from appliance import fields
from appliance.call import Call, reply
from appliance.shapes import (
    ANY_OBJECT,
    Flag,
    Many,
    Nullable,
    Record,
    Shape,
    Text,
    Whole,
    absolute_https_uri_or_empty,
    absolute_uri_or_empty,
    check_body,
    check_query,
    each,
    email_or_empty,
)

_LOCALES = (
    "am ar ar-EG ar-SA az bg bn bs ca-ES cnr cs cy da de el en en-CA es es-419 es-AR es-MX et eu-ES fa fi fr fr-CA"
    " fr-FR gl-ES gu he hi hr hu hy id is it ja ka kk kn ko lt lv mk ml mn mr ms my nb nl nn no pa pl pt pt-BR pt-PT"
    " ro ru sk sl so sq sr sv sw ta te th tl tr uk ur vi zgh zh-CN zh-HK zh-MO zh-TW"
)
_FLAGS = (
    "allow_changing_enable_sso allow_legacy_delegation_grant_types allow_legacy_ro_grant_types"
    " allow_legacy_tokeninfo_endpoint change_pwd_flow_v1 custom_domains_provisioning dashboard_insights_view"
    " dashboard_log_streams_next disable_clickjack_protection_headers disable_fields_map_fix disable_impersonation"
    " disable_management_api_sms_obfuscation enable_adfs_waad_email_verification enable_apis_section"
    " enable_client_connections enable_dynamic_client_registration enable_idtoken_api2 enable_legacy_profile"
    " enable_pipeline2 enable_public_signup_user_exists_error enable_sso"
    " enforce_client_authentication_on_passwordless_start genai_trial"
    " improved_signup_bot_detection_in_classic mfa_show_factor_list_on_enrollment"
    " no_disclose_enterprise_connections remove_alg_from_jwks revoke_refresh_token_grant"
    " trust_azure_adfs_email_verified_connection_property"
)

_PAGE = Record({"enabled": Flag(), "html": Text()})
_CHARSET = Text(choices=("base20", "digits"))
_PARTS: Mapping[str, Shape] = {
    "change_password": _PAGE,
    "guardian_mfa_page": _PAGE,
    "device_flow": Record({"charset": _CHARSET, "mask": Text(maximum=20)}),
    "error_page": Record({"html": Text(), "show_log_link": Flag(), "url": Text(form=absolute_uri_or_empty)}),
    "mtls": Record({"enable_endpoint_aliases": Flag()}),
    "sessions": Record({"oidc_logout_prompt_enabled": Flag()}),
    "default_token_quota": Record({"clients": ANY_OBJECT, "organizations": ANY_OBJECT}, minimum=1),
    "session_cookie": Record({"mode": Text(choices=("persistent", "non-persistent"))}, required=("mode",)),
}
_BOOLEANS = "client_id_metadata_document_supported enable_ai_guide phone_consolidated_experience"
_BOOLEANS_OR_NULL = (
    "allow_organization_name_in_authentication_api authorization_response_iss_parameter_supported"
    " customize_mfa_in_postlogin_action pushed_authorization_requests_supported"
    " skip_non_verifiable_callback_uri_confirmation_prompt"
)
_LIFETIMES = "session_lifetime idle_session_lifetime ephemeral_session_lifetime idle_ephemeral_session_lifetime"

UPDATE = Record(
    {
        "friendly_name": Text(),
        "support_email": Text(form=email_or_empty),
        "support_url": Text(form=absolute_uri_or_empty),
        "picture_url": Text(form=absolute_uri_or_empty),
        "default_directory": Text(),
        "default_audience": Text(),
        "default_redirection_uri": Text(form=absolute_https_uri_or_empty),
        "allowed_logout_urls": Many(Text()),
        "enabled_locales": Many(Text(choices=tuple(_LOCALES.split())), 1),
        "sandbox_version": Text(maximum=8),
        "legacy_sandbox_version": Text(maximum=8),
        "acr_values_supported": Nullable(Many(Text())),
        "dynamic_client_registration_security_mode": Text(choices=("strict", "permissive")),
        "resource_parameter_profile": Text(choices=("audience", "compatibility")),
        "oidc_logout": Record({"rp_logout_end_session_endpoint_discovery": Flag()}),
        **each(_LIFETIMES, Whole(1)),
        **{f"{name}_in_minutes": Whole(1) for name in _LIFETIMES.split()},
        **each(_BOOLEANS, Flag()),
        **each(_BOOLEANS_OR_NULL, Nullable(Flag())),
        **{name: Nullable(part) for name, part in _PARTS.items()},
        "flags": Record(each(_FLAGS, Flag())),
    },
    minimum=1,
)
TELLABLE = frozenset(name for name in UPDATE.properties if not name.endswith("_in_minutes")) | {"universal_login"}

DEFAULTS: Mapping[str, object] = {
    "friendly_name": "",
    "support_email": "",
    "support_url": "",
    "picture_url": "",
    "session_lifetime": 168,
    "idle_session_lifetime": 72,
    "default_directory": "",
    "default_audience": "",
    "enabled_locales": ["en"],
    "sandbox_version": "22",
    "flags": {"enable_client_connections": True},
}


def read(call: Call) -> Response:
    query = check_query(call.query, fields.SELECTION)
    fields.check(query, TELLABLE)
    return reply(200, fields.chosen(_settings(call), query))


def update(call: Call) -> Response:
    asked = _in_hours(check_body(call.json(), UPDATE))
    settings = _settings(call)
    if flags := asked.get("flags"):
        assert isinstance(flags, dict)
        current = settings["flags"]
        assert isinstance(current, dict)
        asked["flags"] = current | flags
    # Null takes a setting back to where it started.
    settings = {name: value for name, value in {**settings, **asked}.items() if value is not None}
    sql = "UPDATE tenants SET settings = ? WHERE name = ?"
    call.appliance.store.run(sql, (json.dumps(settings), call.tenant.name))
    return reply(200, _settings(call))


def _settings(call: Call) -> dict[str, object]:
    row = call.appliance.store.one("SELECT settings FROM tenants WHERE name = ?", (call.tenant.name,))
    return {**DEFAULTS, **(json.loads(row["settings"]) if row is not None else {})}


def _in_hours(asked: dict[str, object]) -> dict[str, object]:
    """Lifetimes in minutes are no part of the public description; the vendor's Go SDK and deploy-cli send them."""
    for name in _LIFETIMES.split():
        minutes = asked.pop(f"{name}_in_minutes", None)
        if isinstance(minutes, int):
            asked[name] = minutes // 60 if minutes % 60 == 0 else minutes / 60
    return asked
