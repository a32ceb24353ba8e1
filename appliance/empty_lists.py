"""Kinds of things of which a local tenant never has any: their lists, in the API's own shapes. Knows no more of them.

Tools that export a whole tenant ask for all of these. Source: the types of the vendor's Node SDK.
"""

from dataclasses import dataclass

from starlette.responses import Response

from appliance import paging
from appliance.call import Call, Handler, reply
from appliance.shapes import check_query


@dataclass(frozen=True)
class Listed:
    """A list below /api/v2, the scope that reads it, and the plural name that a page gives it.

    With `pages_only` it is in a page always, elsewhere in a bare array unless totals or a checkpoint are asked for.
    Without a name it is never in a page.
    """

    path: str
    scope: str
    noun: str = ""
    pages_only: bool = False


LISTS = (
    Listed("actions/actions", "read:actions", "actions", pages_only=True),
    Listed("actions/modules", "read:actions", "modules", pages_only=True),
    Listed("actions/triggers", "read:actions", "triggers", pages_only=True),
    Listed("branding/phone/providers", "read:phone_providers", "providers", pages_only=True),
    Listed("branding/phone/templates", "read:phone_templates", "templates", pages_only=True),
    Listed("connection-profiles", "read:connection_profiles", "connection_profiles", pages_only=True),
    Listed(
        "connections-directory-provisionings",
        "read:directory_provisionings",
        "directory_provisionings",
        pages_only=True,
    ),
    Listed("custom-domains", "read:custom_domains"),
    Listed("event-streams", "read:event_streams", "eventStreams", pages_only=True),
    Listed("flows", "read:flows", "flows"),
    Listed("flows/vault/connections", "read:flows_vault_connections", "connections"),
    Listed("forms", "read:forms", "forms"),
    Listed("hooks", "read:hooks", "hooks"),
    Listed("log-streams", "read:log_streams"),
    Listed("network-acls", "read:network_acls", "network_acls"),
    Listed("organizations", "read:organizations", "organizations"),
    Listed("prompts/rendering", "read:prompts", "configs"),
    Listed("rate-limit-policies", "read:rate_limit_policies", "rate_limit_policies", pages_only=True),
    Listed("roles", "read:roles", "roles"),
    Listed("rules", "read:rules", "rules"),
    Listed("rules-configs", "read:rules_configs"),
    Listed("self-service-profiles", "read:self_service_profiles", "self_service_profiles"),
    Listed("token-exchange-profiles", "read:token_exchange_profiles", "token_exchange_profiles", pages_only=True),
    Listed("user-attribute-profiles", "read:user_attribute_profiles", "user_attribute_profiles", pages_only=True),
)


def search(listed: Listed) -> Handler:
    """Answers with nothing, whatever is filtered by: only how the list is to be cut is looked at."""

    def answer(call: Call) -> Response:
        query = check_query([(name, text) for name, text in call.query if name in paging.PAGING], paging.PAGING)
        if listed.pages_only:
            return reply(200, {listed.noun: []})
        return paging.few(query, listed.noun, []) if listed.noun else reply(200, [])

    return answer
