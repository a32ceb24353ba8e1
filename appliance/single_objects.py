"""What a tenant has exactly one of, beside its settings: where each starts, and what it was changed to.

Kept as it is given, and not acted upon: nothing here makes a login page or stops an attack. Source: the vendor's public
pages on these calls, and the types of its Node SDK.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import Response

from appliance.call import Call, Handler, reply
from appliance.shapes import ANY_OBJECT, Flag, Many, Record, Text, check_body, check_list

_NEVER = dict.fromkeys(
    ("challenge_password_policy", "challenge_passwordless_policy", "challenge_password_reset_policy"), "never"
)
_MESSAGES = {
    "enrollment_message": "{{code}} is your verification code for {{tenant.friendly_name}}.",
    "verification_message": "{{code}} is your verification code for {{tenant.friendly_name}}.",
}
FACTOR_NAMES = "push-notification sms email duo otp webauthn-roaming webauthn-platform recovery-code".split()
POLICIES = Many(Text(choices=("all-applications", "confidence-score")))


@dataclass(frozen=True)
class Single:
    """One object below /api/v2: the noun of its scopes, where it starts, and how it is changed.

    A PATCH changes the properties that it names, a PUT all of it.
    """

    path: str
    noun: str
    start: object
    changed_by: Literal["PATCH", "PUT"] = "PATCH"
    shape: Record | Many = ANY_OBJECT


SINGLES = (
    Single("branding", "branding", {}),
    Single("attack-protection/bot-detection", "attack_protection", {
        **_NEVER, "allowlist": [], "bot_detection_level": "medium", "monitoring_mode_enabled": False,
    }),
    Single("attack-protection/breached-password-detection", "attack_protection", {
        "enabled": False, "shields": [], "admin_notification_frequency": [], "method": "standard",
        "stage": {"pre-user-registration": {"shields": []}, "pre-change-password": {"shields": []}},
    }),
    Single("attack-protection/brute-force-protection", "attack_protection", {
        "enabled": True, "shields": ["block", "user_notification"], "mode": "count_per_identifier_and_ip",
        "allowlist": [], "max_attempts": 10,
    }),
    Single("attack-protection/captcha", "attack_protection", {"active_provider_id": "auth_challenge"}),
    Single("attack-protection/suspicious-ip-throttling", "attack_protection", {
        "enabled": True, "shields": ["admin_notification", "block"], "allowlist": [], "stage": {
            "pre-login": {"max_attempts": 100, "rate": 864_000},
            "pre-user-registration": {"max_attempts": 50, "rate": 1_200},
        },
    }),
    Single("guardian/factors/phone/message-types", "guardian_factors", {"message_types": []}, "PUT"),
    Single("guardian/factors/phone/selected-provider", "guardian_factors", {"provider": "auth0"}, "PUT"),
    Single("guardian/factors/phone/templates", "guardian_factors", _MESSAGES, "PUT"),
    Single("guardian/factors/sms/templates", "guardian_factors", _MESSAGES, "PUT"),
    Single("guardian/factors/phone/providers/twilio", "guardian_factors", {}, "PUT"),
    Single("guardian/factors/sms/providers/twilio", "guardian_factors", {}, "PUT"),
    Single("guardian/factors/push-notification/providers/apns", "guardian_factors", {}, "PUT"),
    Single("guardian/factors/push-notification/providers/sns", "guardian_factors", {}, "PUT"),
    Single("guardian/policies", "mfa_policies", [], "PUT", POLICIES),
    Single("prompts", "prompts", {
        "universal_login_experience": "new", "identifier_first": True, "webauthn_platform_first_factor": False,
    }),
    Single("prompts/{prompt}/custom-text/{language}", "prompts", {}, "PUT"),
    Single("prompts/{prompt}/partials", "prompts", {}, "PUT"),
    Single("risk-assessments/settings", "attack_protection", {"enabled": False}),
    Single("risk-assessments/settings/new-device", "attack_protection", {"remember_for": 30}),
    Single("supplemental-signals", "attack_protection", {"akamai_enabled": False}),
)  # fmt: skip

# Told with the others only.
FACTOR = Single(
    "guardian/factors/{name}", "guardian_factors", {"enabled": False}, "PUT",
    Record({"enabled": Flag()}, required=("enabled",)),
)  # fmt: skip


def read(single: Single) -> Handler:
    return lambda call: reply(200, _kept(call, single.path.format(**call.path), single.start))


def update(single: Single) -> Handler:
    def change(call: Call) -> Response:
        path, asked = single.path.format(**call.path), _asked(call, single.shape)
        if single.changed_by == "PATCH":
            kept = _kept(call, path, single.start)
            assert isinstance(kept, dict)
            assert isinstance(asked, dict)
            asked = kept | asked
        row = (call.tenant.name, path, json.dumps(asked))
        call.appliance.store.run("INSERT OR REPLACE INTO single_objects VALUES (?, ?, ?)", row)
        return reply(200, asked)

    return change


def factors(call: Call) -> Response:
    """All factors of authentication, each with whether it is switched on."""
    kept = {name: _kept(call, FACTOR.path.format(name=name), FACTOR.start) for name in FACTOR_NAMES}
    return reply(200, [{"name": name, "trial_expired": False, **factor} for name, factor in kept.items()])


def _asked(call: Call, shape: Record | Many) -> Any:
    return check_body(call.json(), shape) if isinstance(shape, Record) else check_list(call.json(), shape)


def _kept(call: Call, path: str, start: object) -> Any:
    sql = "SELECT value FROM single_objects WHERE tenant = ? AND path = ?"
    row = call.appliance.store.one(sql, (call.tenant.name, path))
    return start if row is None else json.loads(row["value"])
