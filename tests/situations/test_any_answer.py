"""Answers made up by a machine, over real HTTPS: a clear error or a right result, never a write after a bad read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from psaas_resources import readiness
from psaas_resources.errors import PsaasError
from psaas_resources.tenant_state import TenantState
from tests.situations import puppet as p
from tests.situations.conftest import BY_MACHINE, EXAMPLES
from tests.situations.puppet import DELIVERED, DOMAIN, NAME, SECRET, Puppet, Told
from tests.unit.peer import Authority

pytestmark = BY_MACHINE
by_machine = settings(settings.get_profile(EXAMPLES))
WRITES = ("POST", "PATCH", "PUT", "DELETE")


@pytest.fixture(scope="module")
def puppet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Puppet]:
    """One stand-in for all examples; a new tenant's domain is looked at twice, without a wait."""
    made = Puppet(Authority(tmp_path_factory.mktemp("authority")), tmp_path_factory.mktemp("escrows"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(readiness, "NEW_TENANT_WAITS_SECONDS", (0.0,))
        yield made
    made.peer.close()


def outcome(puppet: Puppet, act: Callable[[], Any]) -> Any:
    """What came of it: a result, or one of our errors, in which nothing secret stands and no line is forged."""
    try:
        result = act()
    except PsaasError as error:
        result = error
        puppet.said.append(str(error))
    for message in puppet.said:
        assert SECRET not in message
        assert DELIVERED not in message
        assert "\x1b" not in message
        assert len(message) < 2000
    hosts = {request.headers["host"] for request in puppet.peer.requests}
    assert all(host.endswith(".appliance.test") for host in hosts)
    return result


@by_machine
@given(answer=p.answers)
def test_a_tenant_post_is_sent_once_and_what_it_delivers_is_in_the_escrow(puppet: Puppet, answer: Told) -> None:
    puppet.begin()
    puppet.lies["POST", "/api/v2/tenants"] = answer
    tenants, _, escrow = puppet.handlers()

    made = outcome(puppet, lambda: tenants.create(p.wanted()))

    posts = len(puppet.asked("POST"))
    assert posts <= {429: 5, 401: 2, 403: 2}.get(answer.status, 1)
    entry = escrow.find(NAME)
    if isinstance(made, TenantState):
        assert answer.ok
        assert made.client_id
        assert json.dumps(made.client_secret) in json.dumps(answer.document)
        assert made.domain.endswith(".appliance.test")
    if entry:
        assert answer.ok
        assert entry.answer in (answer.body, b"")
        again = outcome(puppet, lambda: puppet.handlers()[0].create(p.wanted()))
        assert type(again) is type(made)
        assert len(puppet.asked("POST")) == posts
    elif answer.ok:
        assert isinstance(made, PsaasError)


@by_machine
@given(answer=p.answers, host=st.sampled_from([p.RTA, DOMAIN]))
def test_whatever_a_token_endpoint_answers_nothing_is_made_without_a_token(
    puppet: Puppet, answer: Told, host: str
) -> None:
    puppet.begin()
    puppet.lies["POST", "/oauth/token"] = answer
    tenants, grants, _ = puppet.handlers()
    usable = answer.ok and isinstance(answer.document, dict) and bool(answer.document.get("access_token"))

    if host == p.RTA:
        outcome(puppet, lambda: tenants.create(p.wanted()))
        outcome(puppet, lambda: grants.delete("cgr_1", p.grant()))
        assert usable or not puppet.asked(*WRITES)
    else:
        looked = outcome(puppet, lambda: tenants.update(p.known(), p.wanted()))
        assert not isinstance(looked, Exception)
        assert looked.credential == p.known().credential


def proves_absence(answer: Told) -> bool:
    """Whether a list is whole, and each of its tenants has a name, which is not ours."""
    document = answer.document
    rows = document.get("tenants") if isinstance(document, dict) else document
    following = isinstance(document, dict) and document.get("next")
    named = isinstance(rows, list) and all(isinstance(row, dict) and _name(row) for row in rows)
    return bool(answer.ok and named and not following and NAME not in [_name(row) for row in rows or []])


def _name(row: dict[str, Any]) -> str:
    return next((row[key] for key in ("name", "tenant_name") if isinstance(row.get(key), str) and row[key]), "")


@by_machine
@given(answer=p.answers)
def test_only_a_whole_list_proves_that_a_tenant_is_gone(puppet: Puppet, answer: Told) -> None:
    puppet.begin()
    puppet.lies["GET", "/api/v2/tenants"] = answer

    seen = outcome(puppet, lambda: puppet.handlers()[0].read(p.known()))

    if isinstance(seen, TenantState):
        assert seen.credential == p.known().credential
        assert not seen.vanished_at or proves_absence(answer)
    assert not puppet.asked(*WRITES)
    assert len(puppet.peer.requests) < 40


@by_machine
@given(answer=p.answers)
def test_only_a_whole_list_lets_a_vanished_tenant_be_posted_again(puppet: Puppet, answer: Told) -> None:
    puppet.begin()
    puppet.lies["GET", "/api/v2/tenants"] = answer
    gone = replace(p.known(), ready=False, vanished_at="2026-01-01T00:00:00+00:00")
    again = replace(p.wanted(), recreate=True)

    outcome(puppet, lambda: puppet.handlers()[0].update(gone, again))

    posts = len(puppet.asked("POST"))
    assert posts <= int(proves_absence(answer))
    assert posts or answer.headers or not proves_absence(answer)  # a header may make the body unreadable


@by_machine
@given(answer=p.answers)
def test_only_a_whole_and_empty_list_lets_our_own_grant_go(puppet: Puppet, answer: Told) -> None:
    puppet.begin()
    puppet.lies["GET", "/api/v2/tenants"] = answer

    outcome(puppet, lambda: puppet.handlers()[1].delete("cgr_1", p.grant()))

    empty = proves_absence(answer) and answer.document in ([], {**(answer.document or {}), "tenants": []})
    assert empty or not puppet.asked(*WRITES)


@by_machine
@given(one=p.answers, many=p.answers, made=p.answers)
@example(one=p.told({}, 404), many=p.told([]), made=p.told({"scope": True}))
@example(one=p.told({}, 404), many=p.told([]), made=p.told({"id": "", "scope": []}))
def test_a_grant_is_a_grant_or_an_error_whatever_is_answered(puppet: Puppet, one: Told, many: Told, made: Told) -> None:
    puppet.begin()
    puppet.lies["GET", "/api/v2/client-grants/cgr_1"] = one
    puppet.lies["GET", "/api/v2/client-grants"] = many
    puppet.lies["POST", "/api/v2/client-grants"] = made
    puppet.lies["PATCH", "/api/v2/client-grants/cgr_1"] = made
    wanted = p.grant()

    read = outcome(puppet, lambda: puppet.handlers()[1].read("cgr_1", wanted))
    assert read is None or isinstance(read, PsaasError) or isinstance(read[0], str)
    assert not puppet.asked(*WRITES)
    created = outcome(puppet, lambda: puppet.handlers()[1].create(wanted))
    assert isinstance(created, PsaasError) or (created[0] and set(created[1].scopes) >= set(wanted.scopes))
    assert len(puppet.asked("POST")) <= {429: 5}.get(made.status, 2 if made.status == 401 else 1)
    assert not any(request.target.endswith("/client-grants/") for request in puppet.asked("DELETE"))
    changed = outcome(puppet, lambda: puppet.handlers()[1].update("cgr_1", wanted, wanted))
    assert isinstance(changed, PsaasError) or set(changed.scopes) >= set(wanted.scopes)
