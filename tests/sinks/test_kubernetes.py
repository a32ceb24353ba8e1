"""Credentials in Kubernetes Secrets: only our keys, only Secrets of ours, never over what was just changed."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from psaas_resources import sinks
from psaas_resources.errors import ConfigError, SinkDown, SinkError
from psaas_resources.handed_over import HandedOver
from psaas_resources.sink_place import SinkPlace
from psaas_resources.sink_settings import SinkSettings
from psaas_resources.sinks import Sink, Whose
from tests.sinks.kubernetes import TOKEN, KubernetesStandIn

FIRST = HandedOver("customer-1", "customer-1.appliance.test", "client-1", "canary-credential-1-4f7b1c9d2e")
SECOND = replace(FIRST, client_id="client-2", client_secret="canary-credential-2-4f7b1c9d2e")
WHOSE = Whose(FIRST.tenant, FIRST.domain)
KEY = ("team-a", "auth0-customer-1")


def place_in(kubernetes: KubernetesStandIn, namespace: str = "team-a") -> SinkPlace:
    return SinkPlace("kubernetes", kubernetes.address, namespace=namespace, path="auth0-customer-1")


def sink_of(kubernetes: KubernetesStandIn, token: str = TOKEN) -> Sink:
    return sinks.of(place_in(kubernetes), SinkSettings(token=token, ca_bundle=kubernetes.ca, timeout_seconds=5.0))


def held(kubernetes: KubernetesStandIn) -> dict[str, str]:
    return {name: base64.b64decode(value).decode() for name, value in kubernetes.secrets[KEY]["data"].items()}


def fingerprint(kubernetes: KubernetesStandIn) -> str:
    found = sink_of(kubernetes).look(place_in(kubernetes), WHOSE)
    assert found
    return found.fingerprint


def test_a_secret_is_made_with_our_labels_and_the_variables_that_tools_read(kubernetes: KubernetesStandIn) -> None:
    assert fingerprint(kubernetes) == ""

    assert sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)
    assert not sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)

    assert held(kubernetes) == FIRST.variables()
    assert kubernetes.secrets[KEY]["type"] == "Opaque"
    labels = kubernetes.secrets[KEY]["metadata"]["labels"]
    assert labels == {"app.kubernetes.io/managed-by": "psaas-tenants", "psaas-tenants/tenant": "customer-1"}
    assert fingerprint(kubernetes) == FIRST.fingerprint


def test_a_rotation_changes_our_keys_and_leaves_those_of_others(kubernetes: KubernetesStandIn) -> None:
    sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)
    secret: dict[str, Any] = kubernetes.secrets[KEY]
    labels = secret["metadata"]["labels"] | {"team": "a"}
    kubernetes.keep(*KEY, {**secret, "data": {**secret["data"], "NOTE": "eA=="}, "metadata": {"labels": labels}})

    assert sinks.deliver(sink_of(kubernetes), place_in(kubernetes), SECOND)

    assert held(kubernetes) == {"NOTE": "x", **SECOND.variables()}
    assert kubernetes.secrets[KEY]["metadata"]["labels"]["team"] == "a"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({}, "is not ours"),
        ({"app.kubernetes.io/managed-by": "psaas-tenants", "psaas-tenants/tenant": "customer-9"}, "another tenant"),
    ],
)
def test_a_secret_that_is_not_ours_is_refused_unless_it_is_adopted(
    kubernetes: KubernetesStandIn, labels: dict[str, str], words: str
) -> None:
    kubernetes.keep(*KEY, {"kind": "Secret", "metadata": {"labels": labels}, "data": {"NOTE": "eA=="}})

    with pytest.raises(SinkError, match=rf"{words}.*adopt: true"):
        sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)
    assert held(kubernetes) == {"NOTE": "x"}

    assert sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST, adopt=True)
    assert held(kubernetes) == {"NOTE": "x", **FIRST.variables()}
    assert not sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)


def test_a_secret_that_others_change_or_make_meanwhile_is_looked_at_again(kubernetes: KubernetesStandIn) -> None:
    real, meanwhile = kubernetes.answer, [lambda: kubernetes.keep(*KEY, ours({})), lambda: touched()]

    def ours(data: dict[str, str]) -> dict[str, Any]:
        labels = {"app.kubernetes.io/managed-by": "psaas-tenants", "psaas-tenants/tenant": "customer-1"}
        return {"kind": "Secret", "metadata": {"labels": labels}, "data": data}

    def touched() -> None:
        kubernetes.keep(*KEY, ours({"NOTE": "eA=="}))

    def answer(method: str, *rest: Any) -> tuple[int, Any]:
        if method in ("POST", "PATCH") and meanwhile:
            meanwhile.pop(0)()
        return real(method, *rest)

    kubernetes.answer = answer  # type: ignore[method-assign]
    assert sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)

    assert held(kubernetes) == {"NOTE": "x", **FIRST.variables()}
    assert [asked.partition(" ")[0] for asked in kubernetes.asked] == ["GET", "POST", "GET", "PATCH", "GET", "PATCH"]


def test_what_the_api_server_refuses_says_which_rights_are_needed_and_repeats_no_secret(
    kubernetes: KubernetesStandIn,
) -> None:
    elsewhere = place_in(kubernetes, namespace="team-b")
    with pytest.raises(SinkError, match="get, create and patch for secrets") as told:
        sinks.deliver(sink_of(kubernetes), elsewhere, FIRST)
    assert TOKEN not in str(told.value)
    with pytest.raises(ConfigError, match="PSAAS_SINK_TOKEN"):
        sinks.deliver(sink_of(kubernetes, token=""), place_in(kubernetes), FIRST)

    sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)
    kubernetes.keep(*KEY, {**kubernetes.secrets[KEY], "immutable": True})
    with pytest.raises(SinkError, match="immutable"):
        sinks.deliver(sink_of(kubernetes), place_in(kubernetes), SECOND)


def test_an_api_server_that_answers_nothing_usable_is_down(kubernetes: KubernetesStandIn) -> None:
    kubernetes.fail_with = 503
    with pytest.raises(SinkDown, match=r"the Secret team-a/auth0-customer-1 of 127\.0\.0\.1"):
        sinks.deliver(sink_of(kubernetes), place_in(kubernetes), FIRST)
