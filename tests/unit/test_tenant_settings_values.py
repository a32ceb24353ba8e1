"""What a tenant's settings may be, and what of them must be sent."""

from __future__ import annotations

from typing import Any

import pytest

from psaas_resources import tenant_settings_values as values

LIVE = {
    "friendly_name": "My Company", "support_email": "", "session_lifetime": 168, "enabled_locales": ["en"],
    "flags": {"enable_sso": True, "enable_client_connections": True},
}  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ({"friendly_nam": "x"}, "friendly_nam", 'did you mean "friendly_name"'),
        ({"friendly_name": 7}, "friendly_name", "expected text"),
        ({"friendly_name": "two\nlines"}, "friendly_name", "one line"),
        ({"support_email": "help@"}, "support_email", "not an e-mail address"),
        ({"support_url": "help.example.com"}, "support_url", "begins with https://"),
        ({"picture_url": "javascript:alert(1)"}, "picture_url", "begins with https://"),
        ({"session_lifetime": 0}, "session_lifetime", "1 or more"),
        ({"session_lifetime": 1.5}, "session_lifetime", "whole number"),
        ({"idle_session_lifetime": True}, "idle_session_lifetime", "whole number"),
        ({"idle_session_lifetime": "8"}, "idle_session_lifetime", "whole number"),
        ({"enabled_locales": []}, "enabled_locales", "the default first"),
        ({"enabled_locales": ["en", "English"]}, "enabled_locales[1]", "not a language"),
        ({"enabled_locales": ["en", "en"]}, "enabled_locales[1]", "listed already"),
        ({"flags": {"enable_ssso": True}}, "flags.enable_ssso", 'did you mean "enable_sso"'),
        ({"flags": {"enable_sso": "yes"}}, "flags.enable_sso", "true or false"),
        ({"flags": {"enableSso": True}}, "flags.enableSso", "as the API writes it"),
    ],
)
def test_a_setting_that_the_api_would_not_take_is_named_before_anything_is_sent(
    settings: dict[str, Any], path: str, words: str
) -> None:
    ((found, said),) = values.problems(settings)
    assert found == path
    assert words in said


def test_what_the_api_takes_passes_with_a_flag_of_another_release_and_with_empty_texts() -> None:
    given = {
        "friendly_name": "Bücher & Söhne", "support_email": "", "support_url": "https://help.example.com/a?b=c",
        "picture_url": "", "session_lifetime": 8.0, "enabled_locales": ["pt-BR", "es-419", "zgh"],
        "default_directory": "Username-Password-Authentication", "flags": {"some_new_thing": True},
    }  # fmt: skip
    assert list(values.problems(given)) == []
    assert values.plain(given)["session_lifetime"] == 8
    assert isinstance(values.plain(given)["session_lifetime"], int)


def test_only_what_differs_is_sent_and_of_flags_only_those() -> None:
    wanted = {"friendly_name": "Customer 1", "session_lifetime": 168, "flags": {"enable_sso": True, "new": False}}
    assert values.changes(wanted, LIVE) == {"friendly_name": "Customer 1", "flags": {"new": False}}
    assert values.changes({"friendly_name": "My Company", "flags": {"enable_sso": True}}, LIVE) == {}


def test_the_order_of_languages_says_which_is_the_default() -> None:
    assert values.changes({"enabled_locales": ["de", "en"]}, {"enabled_locales": ["en", "de"]}) != {}


def test_stack_and_tenant_settings_merge_field_by_field_and_flag_by_flag() -> None:
    stack = {"session_lifetime": 8, "support_email": "help@example.com", "flags": {"enable_sso": True, "a_flag": True}}
    own = {"session_lifetime": 24, "flags": {"a_flag": False}}
    assert values.merged(stack, own) == {
        "session_lifetime": 24, "support_email": "help@example.com", "flags": {"enable_sso": True, "a_flag": False},
    }  # fmt: skip


def test_an_answer_that_shows_a_setting_otherwise_names_it_and_one_that_leaves_out_what_is_off_does_not() -> None:
    sent = {"friendly_name": "Customer 1", "support_email": "", "flags": {"new": False, "enable_sso": False}}
    assert values.not_stored(sent, {"friendly_name": "Customer 1", "flags": {"enable_sso": False}}) == []
    assert values.not_stored(sent, LIVE) == ["friendly_name", "flags.enable_sso"]


def test_drift_is_seen_in_named_settings_only_and_also_where_one_vanished() -> None:
    wanted = {"friendly_name": "Customer 1", "flags": {"new": False}}
    assert values.seen(wanted, LIVE, before=wanted) == {"friendly_name": "My Company", "flags": {"new": False}}
    assert values.seen(wanted, {}, before=wanted) == {"flags": {"new": False}}
