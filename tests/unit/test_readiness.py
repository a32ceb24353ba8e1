"""A look whether a tenant's domain works with its credential: bounded, and never an exception."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psaas_resources import readiness
from psaas_resources.errors import PsaasError
from psaas_resources.management import Management
from psaas_resources.readiness import Look
from psaas_resources.settings import Credential, Settings

from .peer import HOST, Authority, Peer, reply

DOMAIN = "customer-1.appliance.test"
CREDENTIAL = Credential("abc", "hunter2")
WAITS = (0.5, 1.0, 2.0)
Start = Callable[..., Peer]
Api = Callable[[Peer], Management]


@pytest.fixture
def api(authority: Authority) -> Api:
    def make(peer: Peer) -> Management:
        return Management(
            Settings(
                HOST,
                "appliance.test",
                provisioning=Credential("provisioning", "hunter3"),
                ca_bundle=authority.pem,
                connect_to=peer.address,
                timeout_seconds=20,
            )
        )

    return make


def token(issuer: str = f"https://{DOMAIN}/", scope: str = "") -> Any:
    claims = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "scope": scope}).encode()).decode().rstrip("=")
    return reply(200, {"access_token": f"e30.{claims}.c2ln", "expires_in": 86400})


REFUSED = reply(401, {"error": "access_denied", "error_description": "Unauthorized"})
NOT_YET = reply(403, {"error": "access_denied", "error_description": f"Service not enabled within domain: {DOMAIN}"})
NOT_THERE = reply(404, b"<html>no such host</html>")
PAGE = reply(200, b"<html>a load balancer: soon</html>")


def test_a_domain_that_gives_a_token_is_ready(peer: Start, api: Api, sleeps: list[float]) -> None:
    server = peer(token())
    assert readiness.look(api(server), DOMAIN, CREDENTIAL, waits_seconds=WAITS, sleep=sleeps.append) == Look(True)
    (request,) = server.requests
    assert request.headers["host"] == DOMAIN
    assert request.json["client_id"] == "abc"
    assert request.json["audience"] == f"https://{DOMAIN}/api/v2/"
    assert sum(sleeps) == 0


def test_a_token_that_nobody_can_read_makes_a_domain_ready_too(peer: Start, api: Api) -> None:
    assert readiness.look(api(peer(reply(200, {"access_token": "opaque"}))), DOMAIN, CREDENTIAL) == Look(True)


@pytest.mark.parametrize("not_yet", [NOT_THERE, NOT_YET, REFUSED, PAGE])
def test_a_domain_that_does_not_work_yet_is_looked_at_again(
    peer: Start, api: Api, sleeps: list[float], not_yet: Any
) -> None:
    server = peer(not_yet, not_yet, token())
    assert readiness.look(api(server), DOMAIN, CREDENTIAL, waits_seconds=WAITS, sleep=sleeps.append).ready
    assert sum(sleeps) == 1.5


@pytest.mark.parametrize("not_yet", [NOT_THERE, NOT_YET, REFUSED, PAGE])
def test_looking_ends_with_a_problem_in_one_printable_line(
    peer: Start, api: Api, sleeps: list[float], not_yet: Any
) -> None:
    server = peer(not_yet)
    look = readiness.look(api(server), DOMAIN, CREDENTIAL, waits_seconds=WAITS, sleep=sleeps.append)
    assert not look.ready
    assert DOMAIN in look.problem
    assert look.problem.isprintable()
    assert "hunter2" not in look.problem
    assert len(server.requests) == 1 + len(WAITS)
    assert sum(sleeps) == sum(WAITS)


def test_without_waits_there_is_one_look(peer: Start, api: Api, sleeps: list[float]) -> None:
    server = peer(NOT_THERE)
    assert not readiness.look(api(server), DOMAIN, CREDENTIAL, sleep=sleeps.append).ready
    assert len(server.requests) == 1


def test_only_the_appliances_word_makes_a_credential_refused(peer: Start, api: Api) -> None:
    assert readiness.look(api(peer(REFUSED)), DOMAIN, CREDENTIAL).refused
    assert readiness.look(api(peer(token("https://evil.test/"))), DOMAIN, CREDENTIAL).refused
    for other in (NOT_THERE, NOT_YET, reply(400, b""), reply(200, b"<html></html>")):
        assert not readiness.look(api(peer(other)), DOMAIN, CREDENTIAL).refused


def test_a_certificate_that_is_not_accepted_is_a_problem_at_once(
    peer: Start, api: Api, sleeps: list[float], tmp_path: Path
) -> None:
    server = peer(context=Authority(tmp_path).context())
    look = readiness.look(api(server), DOMAIN, CREDENTIAL, waits_seconds=WAITS, sleep=sleeps.append)
    assert (look.ready, look.refused) == (False, False)
    assert "psaas:caBundle" in look.problem
    assert server.connections == 1


def test_a_token_of_another_issuer_proves_nothing(peer: Start, api: Api) -> None:
    look = readiness.look(api(peer(token("https://customer-2.appliance.test/"))), DOMAIN, CREDENTIAL)
    assert not look.ready
    assert "customer-2.appliance.test" in look.problem


@pytest.mark.parametrize(
    "domain", ["customer-1.evil.test", "appliance.test", "customer-1.appliance.test.evil.test", ""]
)
def test_a_credential_is_not_sent_outside_of_the_tenant_domain(peer: Start, api: Api, domain: str) -> None:
    server = peer(token())
    look = readiness.look(api(server), domain, CREDENTIAL)
    assert not look.ready
    assert "psaas:tenantDomain" in look.problem
    assert server.connections == 0


def test_a_domain_outside_is_refused_on_one_printable_line(peer: Start, api: Api) -> None:
    server = peer(token())
    with pytest.raises(PsaasError) as caught:
        api(server).tenant_token("customer-1.\x1b[31m\n", CREDENTIAL)
    assert str(caught.value).isprintable()
    assert server.connections == 0


# -- tenants whose credential nobody holds ------------------------------------------------------------------------

MAY_LIST = token(f"https://{HOST}/", "create:tenants read:tenants")
MAY_NOT_LIST = token(f"https://{HOST}/", "create:tenants")


def test_a_listed_tenant_is_there(peer: Start, api: Api) -> None:
    server = peer(MAY_LIST, reply(200, [{"name": "customer-1"}]))
    assert readiness.look_without_credential(api(server), "customer-1", DOMAIN) == Look(True)


def test_a_tenant_that_is_not_listed_is_not_there(peer: Start, api: Api) -> None:
    look = readiness.look_without_credential(api(peer(MAY_LIST, reply(200, []))), "customer-1", DOMAIN)
    assert (look.ready, look.refused) == (False, True)
    assert "customer-1" in look.problem


@pytest.mark.parametrize(
    "first", [[MAY_NOT_LIST], [MAY_LIST, reply(403)], [MAY_LIST, reply(404)], [MAY_LIST, reply(405)]]
)
def test_without_a_list_the_openid_configuration_tells(peer: Start, api: Api, first: list[Any]) -> None:
    server = peer(*first, reply(200, {"issuer": f"https://{DOMAIN}/"}))
    assert readiness.look_without_credential(api(server), "customer-1", DOMAIN).ready
    assert server.requests[-1].target == "/.well-known/openid-configuration"
    assert server.requests[-1].headers["host"] == DOMAIN
    assert "authorization" not in server.requests[-1].headers


@pytest.mark.parametrize(
    "page", [reply(200, {"issuer": "https://other.test/"}), reply(200, b"<html>"), reply(403), reply(302)]
)
def test_what_cannot_be_seen_is_no_proof_that_a_tenant_is_gone(peer: Start, api: Api, page: Any) -> None:
    look = readiness.look_without_credential(api(peer(MAY_NOT_LIST, page)), "customer-1", DOMAIN)
    assert (look.ready, look.refused) == (False, False)
    assert DOMAIN in look.problem
