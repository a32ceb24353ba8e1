"""The rules as a Pulumi policy pack: resources of the engine in, violations out. Decides nothing itself.

A rule that looks at one resource stops it before anything is made; one that needs the whole stack is told at the end.
The engine knows one level a policy, so what stops nothing although its rule is mandatory (a waived violation, a
warning about a tenant that was taken over) is told by a policy of its own, `advice`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import json_format  # type: ignore[import-untyped]
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import policy as sdk
from pulumi_policy.proxy import UnknownValueError

from . import judgement, messages, settings, settings_schema
from .facts import GrantFacts, StackFacts, TenantFacts
from .findings import Finding
from .lookalikes import Lookalikes
from .rule import Rule, RuleSettings
from .rules import ALL
from .rules.names import NearDuplicateSettings
from .settings import SettingsError

NAME = "psaas-tenants"
TENANT = "pulumi-python:dynamic/psaas:Tenant"
CLIENT_GRANT = "pulumi-python:dynamic/psaas:ClientGrant"
_LOOKED_AT = {"tenant": (TENANT,), "tenants": (TENANT,), "grant": (CLIENT_GRANT,), "stack": (TENANT, CLIENT_GRANT)}


def serve() -> None:
    """Serve the pack until the engine ends it."""
    refuse_wrong_settings()
    PolicyPack(NAME, Pack().policies())


class Pack:
    """The policies, and what one run of them has seen."""

    def __init__(self) -> None:
        self._tenants: dict[str, TenantFacts] = {}
        self._lookalikes: Lookalikes | None = None
        self._own: dict[str, RuleSettings] = {}
        self._expired: list[Finding] = []
        self._advice: list[tuple[Finding, str]] = []
        self._told: set[Finding] = set()

    def policies(self) -> list[Policy]:
        """In the order in which the engine runs them: what collects comes before what tells."""
        return [
            *(_policy(ResourceValidationPolicy, rule, partial(self._of_resource, rule)) for rule in _OF_RESOURCES),
            _policy(ResourceValidationPolicy, judgement.EXPIRED, self._of_waivers),
            *(_policy(StackValidationPolicy, rule, partial(self._of_stack, rule)) for rule in _OF_STACKS),
            StackValidationPolicy(
                messages.ADVICE,
                "What a person should know, and what stops nothing.",
                self._tell_advice,
                EnforcementLevel.ADVISORY,
            ),
        ]

    def _of_resource(self, rule: Rule, args: ResourceValidationArgs, report: ReportViolation) -> None:
        own = self._settings(rule, args)
        if args.resource_type in _LOOKED_AT[rule.scope]:
            for finding in judgement.by(rule, self._facts(rule, own, args), own, _today()):
                self._tell(finding, report, args.urn)

    def _settings(self, rule: Rule, args: ResourceValidationArgs) -> RuleSettings:
        """A rule's settings, which are the same for every resource; with the first, its waivers are looked at."""
        if rule.name not in self._own:
            own = self._own[rule.name] = settings.of_rule(rule, args.get_config())
            self._expired += judgement.expired(rule, own, stack=_stack(args.urn), today=_today())
        return self._own[rule.name]

    def _facts(self, rule: Rule, own: RuleSettings, args: ResourceValidationArgs) -> StackFacts:
        facts = StackFacts(_stack(args.urn), str(args.props["rta"]), connect_to=_connects_elsewhere(args))
        if rule.scope == "grant":
            return replace(facts, grants=(_grant(args),))
        if rule.scope == "stack":
            return facts
        tenant = _tenant(args)
        return replace(facts, tenants=(*self._taken_for(tenant, own), tenant))

    def _taken_for(self, tenant: TenantFacts, own: RuleSettings) -> Iterator[TenantFacts]:
        """The tenants declared so far that a rule about several of them must know."""
        if isinstance(own, NearDuplicateSettings):
            self._lookalikes = self._lookalikes or Lookalikes(own.shortest)
            yield from (self._tenants[name] for name in self._lookalikes.add(tenant.name))
            self._tenants[tenant.name] = tenant

    def _of_waivers(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Waivers that have run out, with whatever resource comes first."""
        for finding in self._expired:
            self._tell(finding, report, args.urn)

    def _of_stack(self, rule: Rule, args: StackValidationArgs, report: ReportViolation) -> None:
        own = settings.of_rule(rule, args.get_config())
        grants = {r.name: r for r in args.resources if r.resource_type == CLIENT_GRANT}
        facts = StackFacts(
            stack=_stack(args.resources[0].urn) if args.resources else "",
            rta="",
            tenants=tuple(_tenant(r) for r in args.resources if r.resource_type == TENANT),
            grants=tuple(map(_grant, grants.values())),
        )
        for finding in judgement.by(rule, facts, own, _today()):
            self._tell(finding, report, grants[finding.subject].urn)

    def _tell(self, finding: Finding, report: ReportViolation, urn: str) -> None:
        if finding in self._told:
            return
        self._told.add(finding)
        if finding.level == "advisory" or finding.waived_by:
            self._advice.append((finding, urn))
        else:
            report(messages.write(finding, policy=finding.rule), urn)

    def _tell_advice(self, _args: StackValidationArgs, report: ReportViolation) -> None:
        for finding, urn in self._advice:
            report(messages.write(finding, policy=messages.ADVICE), urn)


def refuse_wrong_settings() -> None:
    """Tell all mistakes of the settings at once, those included that the engine lets pass (the name of no rule).

    The SDK offers no place for it, so its servicer is replaced by one that looks first. Where the SDK looks different,
    nothing is changed: the engine still refuses wrong values, and each rule its own unknown settings.
    """
    servicer = getattr(sdk, "_PolicyAnalyzerServicer", None)
    if servicer is None or not hasattr(servicer, "Configure"):
        return

    class Looking(servicer):  # type: ignore[misc, valid-type]
        def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
            given = {
                name: json_format.MessageToDict(config.properties) for name, config in request.policyConfig.items()
            }
            try:
                settings.parse({name: v for name, v in given.items() if name != messages.ADVICE}, place="settings")
            except SettingsError as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            if messages.ADVICE in request.policyConfig:  # whatever "all" says
                request.policyConfig[messages.ADVICE].enforcementLevel = analyzer_pb2.ADVISORY
            return super().Configure(request, context)

    sdk._PolicyAnalyzerServicer = Looking  # type: ignore[misc]


def _policy(kind: Any, rule: Rule, validate: Callable[..., None]) -> Policy:
    made: Policy = kind(
        rule.name,
        rule.why,
        validate,
        EnforcementLevel(rule.level),
        PolicyConfigSchema(settings_schema.properties_of(rule)),
        remediation_steps=rule.mend,
    )
    return made


def _tenant(resource: ResourceValidationArgs | PolicyResource) -> TenantFacts:
    props = resource.props
    return TenantFacts(
        name=str(props["name"]),
        owners=tuple(map(str, props.get("owners") or ())),
        deletion=str(props.get("deletion") or "refuse"),
        adopted=bool(props.get("adopt")),
        retired=str(props.get("retired") or ""),
        rta=str(props["rta"]),
        protect=resource.opts.protect,
        secret_outputs=tuple(resource.opts.additional_secret_outputs),
    )


def _grant(resource: ResourceValidationArgs | PolicyResource) -> GrantFacts:
    props = resource.props
    return GrantFacts(
        name=resource.name,
        client_id=_known(props, "client_id", ""),
        audience=_known(props, "audience", ""),
        scopes=tuple(map(str, props["scopes"])),
        rta=str(props["rta"]),
        allow_all_scopes=_known(props, "allow_all_scopes", False),
        subject_type=_known(props, "subject_type", "client"),
    )


def _known(props: Mapping[str, Any], name: str, default: Any) -> Any:
    """A property, or the default where there is none, or where a preview can't know it."""
    try:
        return props.get(name) or default
    except UnknownValueError:
        return default


def _connects_elsewhere(args: ResourceValidationArgs) -> bool:
    """By the environment, which wins in the provider process too, or by the provider's config."""
    given = args.provider.props if args.provider else {}
    return any((os.environ.get("PSAAS_CONNECT_TO"), given.get("psaas:connectTo"), given.get("connectTo")))


def _stack(urn: str) -> str:
    """From `urn:pulumi:prod::psaas::…`; the SDK's `get_stack()` is not told the stack by this kind of pack."""
    return urn.removeprefix("urn:pulumi:").partition("::")[0]


def _today() -> date:
    return datetime.now(UTC).date()


# A reviewer's rules find nothing here, but the engine accepts only settings of policies that it knows.
_OF_STACKS = [rule for rule in ALL if rule.scope in ("afterwards", "review")]
_OF_RESOURCES = [rule for rule in ALL if rule.scope in _LOOKED_AT]
