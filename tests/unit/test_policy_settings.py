"""The settings file: what it may say, and every mistake in it told at once."""

from __future__ import annotations

import contextlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policy import GrantFacts, Settings, SettingsError, StackFacts, TenantFacts, judge, rules, settings, settings_schema
from psaas_resources import config

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 6, 1)
EXAMPLES = ROOT / "policy" / "examples"


def problems(document: object) -> list[str]:
    with pytest.raises(SettingsError) as error:
        settings.parse(document, place="stacks/policy.json")
    return [problem.removeprefix("stacks/policy.json: ") for problem in error.value.problems]


def test_every_mistake_is_told_at_once_with_its_place() -> None:
    told = problems(
        {
            "tenant-name-fromat": "advisory",
            "owners-minimun": {"minimum": 2},
            "owners-minimum": {"minimm": 2},
            "owners-domains": {"allowed": "example.com"},
            "owners-duplicate": "forbidden",
            "tenant-name-form": {"pattern": "(", "adopted": "perhaps"},
            "local-only": 3,
            "all": {"enforcementLevel": "advisory", "stacks": []},
            "deletion-refused": {"waivers": [{"tenant": "customer-1", "untill": "2026-01-01"}]},
        }
    )

    assert told[:8] == [
        'all: expected a level alone, found "stacks" too',
        'there is no rule "tenant-name-fromat"; did you mean "tenant-name-form"?',
        'there is no rule "owners-minimun"; did you mean "owners-minimum"?',
        'owners-minimum.minimm: unknown setting; did you mean "minimum"?',
        "owners-domains.allowed: input should be a valid array",
        'owners-duplicate: expected one of mandatory, advisory, disabled, remediate, found "forbidden"',
        "tenant-name-form.adopted: input should be 'warn', 'enforce' or 'ignore'",
        "tenant-name-form.pattern: is not a regular expression: missing ), unterminated subpattern at position 0",
    ]
    assert told[8] == "local-only: expected a level, or an object of settings"
    assert set(told[9:]) == {
        "deletion-refused.waivers[0].reason: is missing",
        "deletion-refused.waivers[0].approver: is missing",
        "deletion-refused.waivers[0].until: is missing",
        'deletion-refused.waivers[0].untill: unknown setting; did you mean "until"?',
    }


@pytest.mark.parametrize(
    "waiver",
    [
        {"reason": " "},
        {"approver": ""},
        {"tenant": ""},
        {"until": "2026-13-01"},
        {"until": "tomorrow"},
        {"until": 20260101},
        {"reason": None},
    ],
)
def test_a_waiver_without_reason_approver_or_day_is_a_mistake(waiver: dict[str, Any]) -> None:
    whole = {"tenant": "customer-1", "reason": "a reason", "approver": "octo-lead", "until": "2026-12-31"}
    assert settings.parse({"owners-minimum": {"waivers": [whole]}}, place="x").waivers

    [problem] = problems({"owners-minimum": {"waivers": [whole | waiver]}})

    assert problem.startswith(f"owners-minimum.waivers[0].{next(iter(waiver))}: ")


def test_a_stack_wide_rule_or_a_grant_can_not_be_waived() -> None:
    assert problems({"local-only": {"waivers": []}})[0].startswith("local-only.waivers: unknown setting")


@pytest.mark.parametrize("minimum", ["2", 2.5, True, 0, None])
def test_a_number_is_a_number(minimum: object) -> None:
    assert problems({"owners-minimum": {"minimum": minimum}})[0].startswith("owners-minimum.minimum: ")


def test_whole_numbers_may_come_as_the_engine_gives_them() -> None:
    assert settings.parse({"owners-minimum": {"minimum": 2.0}}, place="x").own


def test_a_file_is_read_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    for text, told in [
        ("", None),
        ("{}", None),
        ("{\n  ,", f"{file}:2: not JSON"),
        ("[]", f"{file}: expected an object"),
        ('{"all": "advisory", "all": "disabled"}', f'{file}: "all" stands there twice'),
        ("[" * 100_000, f"{file}"),
    ]:
        file.write_text(text, encoding="utf-8")
        if told is None:
            assert settings.load(file) == Settings()
        else:
            with pytest.raises(SettingsError) as error:
                settings.load(file)
            assert str(error.value).startswith(told)
    file.write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        settings.load(file)
    with pytest.raises(SettingsError, match="No such file"):
        settings.load(tmp_path / "absent.json")


def test_a_mistake_quotes_no_line_break() -> None:
    [problem] = problems({"x\nforged: \x1b[2K": "advisory"})

    assert problem.isprintable()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_json_is_settings_or_mistakes(document: object) -> None:
    for given_ in (document, {"owners-minimum": document}, {"owners-minimum": {"waivers": document}}):
        with contextlib.suppress(SettingsError):
            assert settings.parse(given_, place="x") is not None


def test_approvers_and_waivers_are_there_for_a_reviewer() -> None:
    waiver = {"tenant": "customer-1", "reason": "a reason", "approver": "octo-lead", "until": "2026-12-31"}
    document = {
        "settings-change": {"approvers": ["octo-lead"]},
        "owners-minimum": {"waivers": [waiver]},
        "owners-domains": {"enforcementLevel": "disabled", "waivers": [waiver]},
    }

    parsed = settings.parse(document, place="x")

    assert parsed.approvers == ("octo-lead",)
    assert [(rule, w.tenant, w.until.isoformat()) for rule, w in parsed.waivers] == [
        ("owners-minimum", "customer-1", "2026-12-31")
    ]
    assert Settings().approvers == ()


def test_the_schema_that_is_checked_in_is_the_one_of_the_rules() -> None:
    assert settings_schema.FILE.read_text(encoding="utf-8") == settings_schema.text(), "run `make schema`"


def test_the_schema_names_every_rule_and_every_setting() -> None:
    described = json.loads(settings_schema.text())["properties"]

    assert set(described) == {"all", *(rule.name for rule in rules.ALL)}
    for rule in rules.ALL:
        fields = {info.alias or name for name, info in rule.settings.model_fields.items()}
        assert set(described[rule.name]["anyOf"][1]["properties"]) == {"enforcementLevel", *fields}


def local_stack() -> StackFacts:
    document = yaml.safe_load((ROOT / "stacks" / "Pulumi.local.yaml").read_text(encoding="utf-8"))
    fleet = config.read({k.removeprefix("psaas:"): v for k, v in document["config"].items()}, environment={})
    tenants = tuple(
        TenantFacts(t.name, t.owners, fleet.deletion_of(t), adopted=bool(t.adopt), rta=fleet.domain)
        for t in fleet.tenants
    )
    grant = GrantFacts("provisioning", fleet.client_id, f"https://{fleet.domain}/api/v2/", fleet.scopes, fleet.domain)
    return StackFacts("local", fleet.domain, tenants, (grant,), connect_to=True, new_tenants=len(tenants))


def test_the_local_stack_keeps_the_rules_that_are_in_force_here_and_the_defaults() -> None:
    assert judge(local_stack(), settings.load(ROOT / "stacks" / "policy.json"), today=TODAY) == ()
    assert judge(local_stack(), Settings(), today=TODAY) == ()


def test_a_strict_organisation_stops_what_a_relaxed_one_lets_pass() -> None:
    strict, relaxed = (settings.load(EXAMPLES / f"{name}.json") for name in ("strict", "relaxed"))

    stopped = {f.rule for f in judge(local_stack(), strict, today=TODAY) if f.level == "mandatory"}
    passed = judge(local_stack(), relaxed, today=TODAY)

    assert stopped == {"owners-minimum", "owners-domains", "deletion-refused", "grant-least-scope"}
    assert passed == ()


def test_what_a_strict_organisation_wants_can_be_had() -> None:
    strict = settings.load(EXAMPLES / "strict.json")
    tenant = TenantFacts("customer-1", ("me@example.com", "you@shop.example.com"), protect=True)
    grant = GrantFacts("provisioning", "c", "https://rta.example.com/api/v2/", ("create:tenants",), "rta.example.com")

    assert judge(StackFacts("prod", "rta.example.com", (tenant,), (grant,)), strict, today=TODAY) == ()


def test_even_a_relaxed_organisation_stops_what_can_not_be_mended() -> None:
    relaxed = settings.load(EXAMPLES / "relaxed.json")
    tenants = (TenantFacts("login", (), deletion="delete"), TenantFacts("shop-eu", ("me@gmail.com",)))

    found = judge(StackFacts("prod", "rta.example.com", tenants), relaxed, today=TODAY)

    assert {f.rule for f in found if f.level == "mandatory"} == {
        "tenant-name-reserved", "owners-minimum", "deletion-delete-stacks"
    }  # fmt: skip
