"""What an application may say of itself. Knows the shape of each property; knows nothing that follows from one.

Nearly all are kept and told again and have no effect here. Of those that are objects, only that much is checked.
"""

import re
from collections.abc import Mapping

from appliance.public_keys import PUBLIC_KEY
from appliance.shapes import ANY_OBJECT, Flag, Many, Nullable, Record, Shape, Text, Whole, each

_APP_TYPES = (
    "native spa regular_web non_interactive resource_server express_configuration rms box cloudbees concur dropbox"
    " mscrm echosign egnyte newrelic office365 salesforce sentry sharepoint slack springcm zendesk zoom"
    " sso_integration oag"
)
APP_TYPES = tuple(_APP_TYPES.split())
_OBJECTS = (
    "addons express_configuration jwt_configuration mobile my_organization_configuration"
    " native_social_login oidc_backchannel_logout oidc_logout signed_request_object token_exchange token_quota"
)
_OBJECTS_OR_NULL = "default_organization encryption_key refresh_token session_transfer"
_FLAGS = (
    "cross_origin_authentication custom_login_page_on is_first_party is_token_endpoint_ip_header_trusted"
    " oidc_conformant require_proof_of_possession require_pushed_authorization_requests"
    " skip_non_verifiable_callback_uri_confirmation_prompt sso sso_disabled"
)
_TEXTS = "cross_origin_loc initiate_login_uri logo_uri"
_PAGES = "custom_login_page custom_login_page_preview form_template"
_LISTS = "allowed_clients allowed_logout_urls allowed_origins callbacks client_aliases grant_types web_origins"
_COMPLIANCE = "none fapi1_adv_pkj_par fapi1_adv_mtls_par fapi2_sp_pkj_mtls fapi2_sp_mtls_mtls"

MUTABLE: Mapping[str, Shape] = {
    **each(_OBJECTS, ANY_OBJECT),
    **each(_OBJECTS_OR_NULL, Nullable(ANY_OBJECT)),
    **each(_FLAGS, Flag()),
    **each(_TEXTS, Text()),
    **each(_PAGES, Text(1)),
    **each(_LISTS, Many(Text(1))),
    "app_type": Text(choices=APP_TYPES),
    "async_approval_notification_channels": Many(Text(choices=("guardian-push", "email")), 1),
    "client_metadata": Record({}, others=Nullable(Text(maximum=255)), maximum=10),
    "compliance_level": Nullable(Text(choices=tuple(_COMPLIANCE.split()))),
    "description": Text(maximum=140),
    "name": Text(1, pattern=re.compile(r"[^<>]+")),
    "organization_discovery_methods": Many(Text(choices=("email", "organization_name")), 1),
    "organization_require_behavior": Text(choices=("no_prompt", "pre_login_prompt", "post_login_prompt")),
    "organization_usage": Text(choices=("deny", "allow", "require")),
    "par_request_expiry": Nullable(Whole(10, 600)),
    "redirection_policy": Text(choices=("allow_always", "open_redirect_protection")),
    "third_party_security_mode": Text(choices=("strict", "permissive")),
    "token_endpoint_auth_method": Text(choices=("none", "client_secret_post", "client_secret_basic")),
}
_KEYS_NAMED = Many(Record({"id": Text(1)}, required=("id",)))


def _methods(keys: Many) -> Record:
    """How an application proves itself without a secret: one way, of which only the keys are looked at."""
    private_key_jwt = Record({"credentials": keys}, required=("credentials",))
    others = each("self_signed_tls_client_auth tls_client_auth", ANY_OBJECT)
    return Record({"private_key_jwt": private_key_jwt, **others}, minimum=1, maximum=1)


CREATE = Record(
    {
        **MUTABLE,
        "client_authentication_methods": _methods(Many(PUBLIC_KEY)),
        "resource_server_identifier": Text(1, 600),
    },
    required=("name",),
)
# Null takes a property away, except from these.
_KEPT = ("name", "app_type", "grant_types")
UPDATE = Record(
    {
        **{name: shape if name in _KEPT else Nullable(shape) for name, shape in MUTABLE.items()},
        "client_authentication_methods": Nullable(_methods(_KEYS_NAMED)),
        "client_secret": Text(1),
    },
    minimum=1,
)
_TELLABLE_ONLY = (
    "api_type callback_url_template client_id client_secret config_route external_client_id"
    " external_metadata_created_by external_metadata_type global id_token identity_assertion_authorization_grant"
    " owners registration_type signing_keys subject_type_authorization tenant token_vault_privileged_access"
)
# What `fields` may name, whether this appliance has it or not.
TELLABLE = frozenset(CREATE.properties) | frozenset(_TELLABLE_ONLY.split())
