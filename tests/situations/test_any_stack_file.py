"""Stack files damaged by a machine: the program and the provider agree on what is in order, and mistakes are clear."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from psaas_resources import client_grant_state, config, rules, tenant_state
from psaas_resources import settings as settings_module
from psaas_resources.config import Fleet
from psaas_resources.errors import ConfigError
from tests.situations.conftest import BY_MACHINE, EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
PLACE = "stacks/Pulumi.prod.yaml"
CANARY = "canary-of-a-secret-in-a-stack-file"
pytestmark = BY_MACHINE
by_machine = settings(settings.get_profile(EXAMPLES))


def _documents() -> Iterator[dict[str, Any]]:
    for file in sorted([*ROOT.glob("stacks/*.yaml"), *ROOT.glob("tests/cases/*.yaml")]):
        found = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
        yield {key.removeprefix("psaas:"): value for key, value in found.items()}


SEEDS = list(_documents())
PAIR = {"clientId": "abc", "clientSecret": CANARY}
SECRETS = {"clientSecret": CANARY, "escrowKey": CANARY, "credentials": {"customer-1": PAIR}}
ODD = st.sampled_from(
    [None, True, False, 0, -1, 1.5, 10**30, float("nan"), "", " ", "customer-1", "Customer-1", "customer_1", "docs",
     "no", "yes", "0x10", "1e3", "me@", "me@email.com", "a" * 300, "ü", "x\ny", "x\x1b[31m", "\u202ex", "{", "[]",
     "{}", "null", "rta.example.com", "localhost", "RTA.example.com", "a..b", "delete", "forget", "inventory", "true",
     "2026-01-01", [], {}, [[]], [{}], {"name": "customer-9"}, {"name": "customer-9", "owners": ["me@email.com"]},
     ["create:tenants"]]
).map(copy.deepcopy)  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a document, with each of its keys or indices; secrets stay where they are."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            if key not in SECRETS:
                yield value, key
                yield from _places(value[key])


@st.composite
def damaged(draw: st.DrawFn) -> tuple[dict[str, Any], set[str]]:
    """A stack file that is in order, or one of the known bad ones, with a few things changed; and its secret keys."""
    document = copy.deepcopy(draw(st.sampled_from(SEEDS)))
    secret = draw(st.sets(st.sampled_from(sorted(SECRETS))))
    document |= {key: copy.deepcopy(SECRETS[key]) for key in draw(st.sets(st.sampled_from(sorted(SECRETS))))}
    for _ in range(draw(st.integers(0, 4))):
        places = list(_places(document))
        if not places:
            break
        container, key = places[draw(st.integers(0, len(places) - 1))]
        how = draw(st.sampled_from(["replace", "remove", "rename", "repeat", "exchange"]))
        if how == "replace":
            container[key] = draw(ODD)
        elif how == "remove":
            del container[key]
        elif how == "rename" and isinstance(container, dict):
            container[str(key)[:-1]] = container.pop(key)
        elif how == "repeat" and isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        elif how == "exchange":
            other, place = places[draw(st.integers(0, len(places) - 1))]
            container[key] = copy.deepcopy(other[place])
    return document, secret


def as_pulumi_gives(document: dict[str, Any]) -> dict[str, Any]:
    """Config values reach the program as texts; what has structure as JSON."""
    texts = {}
    for key, value in document.items():
        structured = isinstance(value, dict | list)
        if value is not None:
            texts[key] = json.dumps(value) if structured or isinstance(value, bool) else str(value)
    return texts


def read(values: dict[str, Any], secret: set[str]) -> Fleet | ConfigError:
    try:
        return config.read(values, secret_keys=secret, place=PLACE, environment={})
    except ConfigError as error:
        return error


@by_machine
@given(given=damaged())
def test_a_damaged_stack_file_is_a_fleet_that_the_provider_accepts_or_a_list_of_clear_mistakes(
    given: tuple[dict[str, Any], set[str]],
) -> None:
    document, secret = given
    before = copy.deepcopy(document)
    for values in (document, as_pulumi_gives(document)):
        outcome = read(values, secret)
        if isinstance(outcome, Fleet):
            is_sound(outcome)
            settings_module.read(values.get, {})  # the provider process can work with it
            assert repr(read(values, secret)) == repr(outcome)
        else:
            are_clear(outcome)
    assert repr(document) == repr(before)  # nothing is changed by reading


def is_sound(fleet: Fleet) -> None:
    names = [entry.name for entry in (*fleet.tenants, *fleet.retired)]
    assert len({name.lower() for name in names}) == len(names)
    domain = fleet.tenant_domain or rules.parent_domain(fleet.domain)
    common = {"rta": fleet.domain, "tenant_domain": domain}
    for entry in fleet.tenants:
        news = {
            "name": entry.name, "owners": list(entry.owners), "labels": entry.labels,
            "deletion": fleet.deletion_of(entry), "adopt": entry.adopt,
        }  # fmt: skip
        assert tenant_state.check({}, common | news) == {}
        assert rules.lies_under(f"{entry.name}.{domain}", domain) or entry.adopt
    for gone in fleet.retired:
        assert tenant_state.check({}, common | {"name": gone.name, "owners": [], "retired": gone.deletion}) == {}
    if fleet.manage_grant:
        news = {"client_id": fleet.client_id, "audience": f"https://{fleet.domain}/api/v2/", "scopes": fleet.scopes}
        assert client_grant_state.check({}, {"rta": fleet.domain} | news, own_client_id=fleet.client_id) == {}


def are_clear(error: ConfigError) -> None:
    assert error.problems
    for problem in error.problems:
        assert problem.startswith(f"{PLACE}: psaas:")
        assert problem.isprintable(), problem
        assert len(problem) < 1000
        assert CANARY not in problem
