"""The fault plan: when its rules fire, that it can be replayed, who may give one, and every mistake in it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from running_appliance import JSON, ManagementApi, RunningAppliance, refusal

JWKS = {"method": "GET", "path": "/.well-known/*"}


def statuses(appliance: RunningAppliance, count: int) -> list[int]:
    return [appliance.call("GET", appliance.rta, "/.well-known/jwks.json").status_code for _ in range(count)]


def rule(when: JSON, status: int = 503, **more: Any) -> JSON:
    return {"name": f"give {status}", "route": JWKS, "when": when, "do": {"status": status}, **more}


@pytest.mark.parametrize(
    ("when", "more", "failing"),
    [
        ({}, {}, {1, 2, 3, 4, 5, 6}),
        ({"calls": [1, 3]}, {}, {1, 3}),
        ({"first": 2}, {}, {1, 2}),
        ({"after": 4}, {}, {5, 6}),
        ({"every": 3}, {}, {3, 6}),
        ({"after": 1, "every": 2}, {"times": 2}, {2, 4}),
        ({"probability": 1}, {"times": 1}, {1}),
        ({"probability": 0}, {}, set()),
    ],
)
def test_a_rule_fires_on_the_calls_it_names(
    faulty: RunningAppliance, when: JSON, more: JSON, failing: set[int]
) -> None:
    faulty.plan(rule(when, **more))
    assert {n for n, status in enumerate(statuses(faulty, 6), 1) if status == 503} == failing
    assert [happened["call"] for happened in faulty.happened()] == sorted(failing)
    [counter] = faulty.inspect("GET", "faults").json()["rules"]
    assert counter == {"name": "give 503", "calls": 6, "fired": len(failing)}


def test_the_same_seed_and_the_same_calls_meet_the_same_faults(faulty: RunningAppliance) -> None:
    runs = []
    for seed in (7, 7, 8):
        faulty.plan(rule({"probability": 0.4}), seed=seed)
        runs.append((statuses(faulty, 30), [dict(each, at=None) for each in faulty.happened()]))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    assert 0 < len(runs[0][1]) < 30


def test_rules_do_not_disturb_each_other(faulty: RunningAppliance) -> None:
    faulty.plan(rule({"probability": 0.4}))
    alone = statuses(faulty, 20)
    faulty.plan({"name": "slower", "when": {"probability": 0.5}, "do": {"latency_ms": 1}}, rule({"probability": 0.4}))
    assert statuses(faulty, 20) == alone


def test_the_same_calls_fail_in_whatever_order_they_arrive(faulty: RunningAppliance) -> None:
    faulty.plan(rule({"probability": 0.4}))
    one_by_one = [happened["call"] for happened in (statuses(faulty, 20), faulty.happened())[1]]
    faulty.plan(rule({"probability": 0.4}))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: statuses(faulty, 5), range(4)))
    assert sorted(happened["call"] for happened in faulty.happened()) == one_by_one


def test_of_two_endings_the_first_is_carried_out_and_the_other_says_so(faulty: RunningAppliance) -> None:
    faulty.plan(rule({}, 503), rule({"calls": [2]}, 502), {"name": "slow", "do": {"latency_ms": 1}})
    assert statuses(faulty, 2) == [503, 503]
    told = [(each["rule"], each["call"], each["overridden_by"]) for each in faulty.happened()]
    second = [("give 503", 2, None), ("give 502", 2, "give 503"), ("slow", 2, None)]
    assert told == [("give 503", 1, None), ("slow", 1, None), *second]


def test_a_route_may_name_host_and_tenant(
    faulty: RunningAppliance, tenant: ManagementApi, provisioning: ManagementApi
) -> None:
    name = tenant.host.partition(".")[0]
    for route in ({"host": f"{name}.*"}, {"tenant": name}, {"host": tenant.host, "path": "/.well-known/jwks.json"}):
        faulty.plan({"route": route, "do": {"status": 503}})
        assert statuses(faulty, 1) == [200]
        assert faulty.call("GET", tenant.host, "/.well-known/jwks.json").status_code == 503
    faulty.plan({"route": {"tenant": name}, "do": {"status": 503}})
    assert provisioning.get(f"/tenants/{name}").status_code == 503
    assert provisioning.post("/tenants", {"name": name}).status_code == 503
    assert provisioning.get("/tenants", take=1).status_code == 200


def test_a_plan_may_be_yaml_takes_effect_at_once_and_can_be_read_back(faulty: RunningAppliance) -> None:
    text = "seed: 3\nfaults:\n  - route: {path: /.well-known/*}\n    do: {status: 503, html: true}\n"
    faulty.inspect("POST", "faults", data=text, headers={"content-type": "application/yaml"})
    assert statuses(faulty, 1) == [503]
    described = faulty.inspect("GET", "faults").json()
    assert described["plan"]["faults"] == [{"route": {"path": "/.well-known/*"}, "do": {"status": 503, "html": True}}]
    faulty.inspect("DELETE", "faults")
    assert statuses(faulty, 1) == [200]
    assert faulty.inspect("GET", "faults").json() == {"plan": {}, "rules": [], "late_domains": [], "happened": []}


@pytest.mark.parametrize("what", ["faults", "tenants-ledger", "requests"])
def test_nobody_but_the_administrator_sees_or_changes_it(
    faulty: RunningAppliance, provisioning: ManagementApi, what: str
) -> None:
    path = f"/__appliance/{what}"
    for method in ("GET", "PUT", "POST", "DELETE"):
        for more in ({}, {"auth": ("a", "b")}, {"headers": {"authorization": f"Bearer {provisioning.token}"}}):
            answer = faulty.call(method, faulty.rta, path, json={"faults": []}, **more)  # type: ignore[arg-type]
            assert answer.status_code in (401, 405)
    assert faulty.call("GET", faulty.rta, path).status_code == 401


def test_what_the_appliance_tells_about_itself_meets_no_faults(faulty: RunningAppliance) -> None:
    faulty.plan({"do": {"status": 500}})
    assert faulty.happened() == []


MISTAKES: list[tuple[Any, str]] = [
    ([], "a fault plan is a mapping"),
    ({}, "faults: must be a list of rules"),
    ({"fault": [], "faults": []}, 'unknown field "fault"; did you mean "faults"?'),
    ({"seed": "x", "faults": []}, 'seed: "x" is not a whole number'),
    ({"faults": [1]}, "faults[0]: 1 must be a mapping"),
    ({"faults": [{}]}, "faults[0].do: is missing"),
    ({"faults": [{"do": {}}]}, "faults[0].do: names nothing to do"),
    ({"faults": [{"do": {"stat": 500}}]}, 'faults[0].do: unknown field "stat"; did you mean "status"?'),
    ({"faults": [{"do": {"status": 99}}]}, "faults[0].do.status: 99 is not a whole number from 200 to 599"),
    ({"faults": [{"do": {"status": True}}]}, "faults[0].do.status: true is not a whole number"),
    ({"faults": [{"do": {"status": 500, "reset": "after"}}]}, 'reset: cannot stand in one rule with "status"'),
    ({"faults": [{"do": {"html": True}}]}, "faults[0].do.html: stands only with status"),
    ({"faults": [{"do": {"reset": "now"}}]}, 'do.reset: "now" is not one of before, after'),
    ({"faults": [{"do": {"status": 429, "without_secret": True}}]}, "has no answer to change"),
    ({"faults": [{"do": {"status": 429, "retry_after": "a\nb"}}]}, "retry_after"),
    ({"faults": [{"do": {"without_secret": "yes"}}]}, 'do.without_secret: "yes" must be true'),
    ({"faults": [{"do": {"latency_ms": [5, 1]}}]}, "do.latency_ms: a list is neither"),
    ({"faults": [{"do": {"latency_ms": 5, "tail_ms": 1}}]}, "do.tail_probability: is missing"),
    ({"faults": [{"do": {"redirect": "login"}}]}, 'do.redirect: "login" is not a URL'),
    ({"faults": [{"do": {"hang": 1e9}}]}, "do.hang: 1000000000.0 is not a number from 0.001 to 600"),
    ({"faults": [{"do": {"expires_in": {"claimed": 5}}}]}, "do.expires_in.real: is missing"),
    ({"faults": [{"do": {"slow_body": 5}}]}, "do.slow_body: 5 must be a mapping with bytes and every_ms"),
    ({"faults": [{"do": {"domain_ready_after_seconds": 1, "as": "dsn"}}]}, 'do.as: "dsn" is not one of'),
    ({"faults": [{"do": {"status": 500}, "route": {"path": "api"}}]}, "does not begin with a slash"),
    ({"faults": [{"do": {"status": 500}, "route": {"method": "post"}}]}, 'route.method: "post" is not one of'),
    ({"faults": [{"do": {"status": 500}, "when": {"calls": [0]}}]}, "when.calls: must be a list of call numbers"),
    ({"faults": [{"do": {"status": 500}, "when": {"probability": 2}}]}, "when.probability: 2 is not a number"),
    ({"faults": [{"do": {"status": 500}, "when": {"nth": 2}}]}, 'faults[0].when: unknown field "nth"'),
    ({"faults": [{"name": "a", "do": {"reset": "after"}}] * 2}, 'faults[1].name: "a" is the name of another rule'),
]


@pytest.mark.parametrize(("document", "mistake"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_in_a_plan_is_told_with_its_place_and_changes_nothing(
    faulty: RunningAppliance, document: Any, mistake: str
) -> None:
    faulty.plan(rule({}))
    answer = faulty.call("PUT", faulty.rta, "/__appliance/faults", auth=faulty.admin_pair, json=document)
    assert answer.status_code == 400
    assert any(mistake in told for told in answer.json()["mistakes"]), answer.json()["mistakes"]
    assert statuses(faulty, 1) == [503]


@pytest.mark.parametrize(
    "text", ["faults: [", "a: &x [1]\nfaults: *x", "\x00", "faults: 2020-01-01\nx: !!python/object:a {}"]
)
def test_a_plan_that_is_no_document_is_refused(faulty: RunningAppliance, text: str) -> None:
    answer = faulty.call("PUT", faulty.rta, "/__appliance/faults", auth=faulty.admin_pair, data=text)
    assert answer.status_code == 400
    assert answer.json()["mistakes"]


def test_a_plan_in_a_file_holds_from_the_start(data: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(json.dumps({"faults": [rule({"first": 1})]}))
    appliance = RunningAppliance.start(data, "--port", "0", "--faults", str(tmp_path / "plan.yaml"))
    try:
        assert statuses(appliance, 2) == [503, 200]
    finally:
        assert appliance.stop() == 0


def test_every_mistake_in_a_file_is_told_in_a_line_of_its_own(data: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("faults:\n- do: {stats: 500}\n- do: {reset: maybe}\n")
    status, lines = refusal("--data", str(data), "--port", "0", "--faults", str(plan))
    assert status == 2
    assert lines == [
        f'appliance: {plan}: faults[0].do: unknown field "stats"; did you mean "status"?',
        f'appliance: {plan}: faults[1].do.reset: "maybe" is not one of before, after',
    ]
    assert not data.exists()
    status, lines = refusal("--data", str(data), "--port", "0", "--faults", str(tmp_path / "none.yaml"))
    assert (status, len(lines)) == (2, 1)
    assert "cannot be read" in lines[0]
