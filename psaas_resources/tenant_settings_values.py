"""What the settings of a tenant may be, and when two are the same. Pure functions on values.

Names are the API's own. Source: the public description of `PATCH /api/v2/tenants/settings`; lifetimes are hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from . import rules

TEXTS = ("friendly_name", "support_email", "support_url", "picture_url", "default_directory")
HOURS = ("session_lifetime", "idle_session_lifetime")
NAMES = (*TEXTS, *HOURS, "enabled_locales", "flags")
KNOWN_FLAGS = (
    "allow_changing_enable_sso allow_legacy_delegation_grant_types allow_legacy_ro_grant_types "
    "allow_legacy_tokeninfo_endpoint change_pwd_flow_v1 custom_domains_provisioning dashboard_insights_view "
    "dashboard_log_streams_next disable_clickjack_protection_headers disable_fields_map_fix disable_impersonation "
    "disable_management_api_sms_obfuscation enable_adfs_waad_email_verification enable_apis_section "
    "enable_client_connections enable_custom_domain_in_emails enable_dynamic_client_registration "
    "enable_idtoken_api2 enable_legacy_logs_search_v2 enable_legacy_profile enable_pipeline2 "
    "enable_public_signup_user_exists_error enable_sso enforce_client_authentication_on_passwordless_start "
    "mfa_show_factor_list_on_enrollment no_disclose_enterprise_connections remove_alg_from_jwks "
    "require_pushed_authorization_requests revoke_refresh_token_grant "
    "trust_azure_adfs_email_verified_connection_property universal_login use_scope_descriptions_for_consent"
).split()

_FLAG = re.compile(r"[a-z][a-z0-9_]{0,99}")
_LOCALE = re.compile(r"[a-z]{2,4}(-[A-Za-z0-9]{2,4})?")
_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?", re.ASCII)


def problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with settings, by the path of the value: `flags.enable_sso`, `enabled_locales[1]`."""
    for name, value in settings.items():
        if name in TEXTS:
            yield from _of_text(name, value)
        elif name in HOURS:
            if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 1:
                yield name, "expected a whole number of hours, 1 or more"
        elif name == "enabled_locales":
            yield from _of_locales(value)
        elif name == "flags":
            yield from _of_flags(value)
        else:
            yield name, f'there is no setting "{name}"{rules.near_miss(name, NAMES)}'


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they came through the engine, which makes every number a fraction and every tuple a list."""
    return {
        name: int(value) if name in HOURS and isinstance(value, float) and value == int(value)
        else list(value) if isinstance(value, tuple) else value
        for name, value in settings.items()
    }  # fmt: skip


def merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of which the second win, field by field and flag by flag."""
    both = {**defaults, **own}
    if flags := {**defaults.get("flags", {}), **own.get("flags", {})}:
        both["flags"] = flags
    return both


def seen(
    wanted: Mapping[str, Any], live: Mapping[str, Any], *, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Of what the appliance has, the part that `wanted` names.

    An answer may leave out what is empty or off: what it leaves out is so where `before`, the last that was known, or
    that was sent, says so too.
    """
    before = before or {}
    part = {name: live[name] for name in wanted if name in live and name != "flags"}
    part |= {name: before[name] for name in wanted if name not in live and before.get(name) in ("", [])}
    if "flags" in wanted:
        on, was = live.get("flags"), before.get("flags", {})
        given = on if isinstance(on, dict) else {}
        off = {flag: False for flag in wanted["flags"] if flag not in given and was.get(flag) is False}
        part["flags"] = off | {flag: given[flag] for flag in wanted["flags"] if flag in given}
    return plain(part)


def changes(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """What must be sent so that the appliance has what is wanted: single fields, and single flags."""
    known = seen(wanted, live)
    differing = {name: wanted[name] for name in wanted if name != "flags" and known.get(name) != wanted[name]}
    flags = {flag: on for flag, on in wanted.get("flags", {}).items() if known["flags"].get(flag) is not on}
    return differing | ({"flags": flags} if flags else {})


def not_stored(sent: Mapping[str, Any], answered: Mapping[str, Any]) -> list[str]:
    """The names of settings and flags that the answer to their change shows otherwise."""
    left = changes(sent, seen(sent, answered, before=sent))
    return [*(name for name in left if name != "flags"), *(f"flags.{flag}" for flag in left.get("flags", {}))]


def _of_text(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield name, "expected text"
    elif value != rules.printable(value, 1024):
        yield name, "expected one line of text, without white space at either end"
    elif name == "support_email" and value and (problem := rules.owner_problem(value)):
        yield name, problem
    elif name.endswith("_url") and value and not _URL.fullmatch(value):
        yield name, f'"{rules.printable(value)}" is not an address that begins with https:// or http://'


def _of_locales(value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list | tuple) or not value:
        yield "enabled_locales", 'expected a list of languages, the default first, for example ["en", "de"]'
        return
    for number, locale in enumerate(value):
        path = f"enabled_locales[{number}]"
        if not isinstance(locale, str) or not _LOCALE.fullmatch(locale):
            yield path, f'"{rules.printable(str(locale))}" is not a language as the API writes it: "en", "pt-BR"'
        elif locale in value[:number]:
            yield path, f'"{locale}" is listed already'


def _of_flags(value: Any) -> Iterator[tuple[str, str]]:
    """A flag that we don't know may be one of another release; one that is nearly one we know is a slip."""
    if not isinstance(value, Mapping):
        yield "flags", "expected an object of flags, each true or false"
        return
    for flag, on in value.items():
        if not isinstance(on, bool):
            yield f"flags.{flag}", "expected true or false"
        elif not isinstance(flag, str) or not _FLAG.fullmatch(flag):
            yield f"flags.{flag}", "a flag's name has lower-case letters, digits and underscores, as the API writes it"
        elif flag not in KNOWN_FLAGS and (near := rules.near_miss(flag, KNOWN_FLAGS, cutoff=0.85)):
            yield f"flags.{flag}", f'unknown flag "{flag}"{near}'
