"""A new tenant whose domain is ready only some time after the tenant was made: DNS, certificate, token endpoint."""

import ssl
import time
from collections.abc import Callable

import pytest
from running_appliance import JSON, ManagementApi, RunningAppliance
from test_faults_connections import raw_connection

POST = {"method": "POST", "path": "/api/v2/tenants"}
LONG_SECONDS = 600


@pytest.fixture
def late(faulty: RunningAppliance, provisioning: ManagementApi, name: str) -> Callable[..., JSON]:
    """Make a tenant whose domain is late in a given way."""

    def make(seconds: float = LONG_SECONDS, **how: str) -> JSON:
        faulty.plan({"name": "late", "route": POST, "do": {"domain_ready_after_seconds": seconds, **how}})
        return provisioning.made("/tenants", {"name": name})

    return make


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [("404", 404, "json"), ("503", 503, "json"), ("html", 503, "html"), ("access_denied", 401, "json")],
)
def test_the_token_endpoint_of_a_new_domain_may_be_late(
    faulty: RunningAppliance, late: Callable[..., JSON], answer: str, status: int, kind: str
) -> None:
    made = late(**{"as": "token_endpoint", "answer": answer})
    refused = faulty.ask_token(made["domain"], made)
    assert refused.status_code == status
    assert kind in refused.headers["content-type"]
    page = faulty.call("GET", made["domain"], "/.well-known/openid-configuration")
    assert page.status_code == (200 if answer == "access_denied" else status)
    created, kept = faulty.happened()[:2]
    assert (created["kind"], created["carried_out"], created["status"]) == ("domain_ready_after_seconds", True, 201)
    assert (kept["host"], kept["carried_out"], kept["status"]) == (made["domain"], False, status)
    faulty.inspect("DELETE", "faults")
    assert faulty.ask_token(made["domain"], made).status_code == 200


def test_the_certificate_of_a_new_domain_may_be_late(faulty: RunningAppliance, late: Callable[..., JSON]) -> None:
    made = late(**{"as": "certificate"})
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"), raw_connection(faulty, made["domain"]):
        pass
    with raw_connection(faulty, faulty.rta):
        pass  # nobody else is late
    faulty.inspect("DELETE", "faults")
    assert faulty.ask_token(made["domain"], made).status_code == 200


def test_a_new_domain_may_not_be_there_at_all_yet(faulty: RunningAppliance, late: Callable[..., JSON]) -> None:
    made = late(**{"as": "dns"})
    with pytest.raises((ssl.SSLError, OSError)), raw_connection(faulty, made["domain"]):
        pass
    kept = faulty.happened()[-1]
    assert (kept["host"], kept["path"], kept["status"]) == (made["domain"], "", None)
    faulty.inspect("DELETE", "faults")
    assert faulty.ask_token(made["domain"], made).status_code == 200


def test_a_tenant_that_was_refused_is_not_late(faulty: RunningAppliance, late: Callable[..., JSON]) -> None:
    made = late()
    provisioning = faulty.api(faulty.rta, faulty.facts["admin"]).granted("create:tenants")
    assert provisioning.post("/tenants", {"name": "admin"}).status_code == 400
    assert faulty.inspect("GET", "faults").json()["late_domains"] == [made["name"]]
    faulty.inspect("DELETE", "faults")
    assert faulty.ask_token(made["domain"], made).status_code == 200


@pytest.mark.parametrize("how", ["dns", "certificate", "token_endpoint"])
def test_a_late_domain_becomes_ready_by_itself(faulty: RunningAppliance, late: Callable[..., JSON], how: str) -> None:
    made = late(0.1, **{"as": how})
    while faulty.inspect("GET", "faults").json()["late_domains"]:
        time.sleep(0.02)
    assert faulty.ask_token(made["domain"], made).status_code == 200
