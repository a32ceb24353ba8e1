"""What `psaas doctor` makes of what it saw: certificates that end, wildcards that lack, limits that are used up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from psaas.doctor import Subject, calls, network
from psaas.doctor.network import certificate_finding
from psaas_resources import settings
from psaas_resources.transport import Answer


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    config: dict[str, Any] = {"domain": "rta.appliance.test", "connectTo": "127.0.0.1:9", "clientId": "provisioning"}
    return Subject("ours", tmp_path, {}, known_settings=settings.read(config.get, {}))


@pytest.mark.parametrize(("days", "status"), [(400, "pass"), (12, "warn")])
def test_a_certificate_that_ends_soon_is_a_warning(subject: Subject, days: int, status: str) -> None:
    ends = datetime.now(UTC) + timedelta(days=days, hours=1)
    shown = {"notAfter": ends.strftime("%b %d %H:%M:%S %Y GMT"), "subjectAltName": (("DNS", "*.appliance.test"),)}
    found = certificate_finding(subject, shown, "psaas:caBundle")
    assert (found.status, found.facts["days_left"]) == (status, days)
    assert subject.certificate_names == ("*.appliance.test",)


@pytest.mark.parametrize(
    ("names", "status"), [(("*.appliance.test",), "pass"), (("rta.appliance.test", "*.example.com"), "warn")]
)
def test_tenants_without_a_wildcard_certificate_need_one_each(
    subject: Subject, names: tuple[str, ...], status: str
) -> None:
    subject.certificate_names = names
    found = network.tenant_domains(subject)
    assert found.status == status
    assert (status == "pass") or "certificate of its own" in found.message


def test_tenants_without_a_wildcard_name_need_an_entry_each(subject: Subject, tmp_path: Path) -> None:
    config = {"domain": "rta.appliance.test", "clientId": "provisioning"}
    subject.known_settings = settings.read(config.get, {})
    subject.certificate_names = ("*.appliance.test",)
    found = network.tenant_domains(subject)
    assert (found.status, found.facts["dns_wildcard"]) == ("warn", False)
    assert "DNS entry of its own" in found.message


@pytest.mark.parametrize(
    ("headers", "status", "told"),
    [
        ({"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49"}, "pass", True),
        ({"x-ratelimit-limit": "50", "x-ratelimit-remaining": "4"}, "warn", True),
        ({"x-ratelimit-limit": "somebody@example.com", "x-ratelimit-remaining": "?"}, "pass", True),
        ({"date": "today"}, "pass", False),
    ],
)
def test_limits_are_read_from_headers_and_only_numbers_of_them_are_kept(
    subject: Subject, headers: dict[str, str], status: str, told: bool
) -> None:
    subject.answers.append(Answer("GET", "https://rta.appliance.test/", 200, headers, b""))
    found = calls.rate_limits(subject)
    assert (found.status, found.facts["headers"]) == (status, told)
    assert "somebody" not in str(found.facts)
