"""Reads a fault plan from YAML or JSON. Knows its fields; the actions stand in `fault_words`."""

import json
from pathlib import Path

import yaml

from appliance.fault_words import action
from appliance.faults import Plan, Route, Rule, When
from appliance.plan_fields import Fields, PlanError, in_range, shown

PLAN = ("seed", "faults")
RULE = ("name", "route", "when", "times", "do")
ROUTE = ("method", "path", "host", "tenant")
WHEN = ("calls", "first", "after", "every", "probability")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def read(path: Path) -> Plan:
    """The plan in a file; raises PlanError, each line with the file's name."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError([f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})"]) from None
    except PlanError as error:
        raise PlanError([f"{path}: {mistake}" for mistake in error.mistakes]) from None


def parse(text: str) -> Plan:
    """A plan from YAML or JSON; raises PlanError with every mistake."""
    document = _loaded(text)
    if not isinstance(document, dict) or not all(isinstance(key, str) for key in document):
        raise PlanError(["a fault plan is a mapping with the fields seed and faults"])
    plan = Fields(document, "")
    plan.known(PLAN)
    seed = plan.whole("seed") or 0
    faults = document.get("faults")
    if not isinstance(faults, list):
        plan.wrong("faults", "must be a list of rules")
        faults = []
    rules: dict[str, Rule] = {}
    for index, written in enumerate(faults):
        rule = _rule(written, index, plan)
        if rule.name in rules:
            plan.wrong(f"faults[{index}].name", f'"{rule.name}" is the name of another rule already')
        rules[rule.name] = rule
    if plan.mistakes:
        raise PlanError(plan.mistakes)
    return Plan(seed, tuple(rules.values()), document)


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        # Through JSON, so that what YAML alone can say (dates, shared parts) never gets any further.
        return json.loads(json.dumps(yaml.load(text, _WithoutAliases), allow_nan=False))  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise PlanError([f"{line}neither JSON nor YAML ({error.problem})"]) from None
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):
        raise PlanError(["neither JSON nor YAML of plain values"]) from None


class _WithoutAliases(yaml.SafeLoader):
    """A few lines with aliases can stand for a document that fills the memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="aliases are not read here", problem_mark=mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def _rule(written: object, index: int, plan: Fields) -> Rule:
    at = f"faults[{index}]"
    rule = Fields({at: written}, "", plan.mistakes).below(at)
    rule.known(RULE)
    name = rule.text("name") or f"fault {index + 1}"
    times = rule.whole("times", minimum=1)
    do = rule.below("do")
    if "do" not in rule.values:
        rule.wrong("do", "is missing")
    return Rule(name, _route(rule.below("route")), _when(rule.below("when")), times, action(do))


def _route(route: Fields) -> Route:
    route.known(ROUTE)
    method = route.values.get("method", [])
    methods: list[object] = method if isinstance(method, list) else [method]
    for each in methods:
        if each not in METHODS:
            route.wrong("method", f"{shown(each)} is not one of {', '.join(METHODS)}")
    path, host = route.text("path"), route.text("host")
    if path and not path.startswith(("/", "*")):
        route.wrong("path", f'"{path}" does not begin with a slash')
    host = (host or "*").lower().partition(":")[0]
    return Route(frozenset(str(each) for each in methods), path or "*", host, route.text("tenant"))


def _when(when: Fields) -> When:
    when.known(WHEN)
    calls = when.values.get("calls", [])
    if not isinstance(calls, list) or not all(isinstance(call, int) and in_range(call, 1, 10**9) for call in calls):
        when.wrong("calls", "must be a list of call numbers, counted from 1")
        calls = []
    probability = when.number("probability", maximum=1)
    return When(
        frozenset(calls),
        when.whole("first", minimum=1),
        when.whole("after") or 0,
        when.whole("every", minimum=1) or 1,
        1.0 if probability is None else probability,
    )
