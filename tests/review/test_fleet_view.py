"""All tenants of all stacks in one view: what is known of each, what isn't, and what needs a person."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from review import state as states
from review.fleet import FleetTenant, Looked, assembled, page, rows, sources
from review.fleet.assembly import Source
from tests.review import told
from tests.review.fleets import AT, ENTRIES, HEAD, HOSTILE, source, state, tenant, whole


def tenants(*sources: Source, every_stack: bool = True) -> dict[str, FleetTenant]:
    return {one.name: one for one in assembled(sources, at=AT, every_stack=every_stack).tenants}


def listed(*names: str, **served: bool) -> Looked:
    return Looked(frozenset(names), served)


def test_without_a_state_a_tenant_is_what_its_entry_says_and_nothing_is_made_up() -> None:
    found = tenants(source(read=("stack file",)))
    one = found["customer-1"]
    assert (one.stack, one.owners, one.labels) == ("prod", ("a@example.com",), {"team": "billing"})
    assert (one.domain, one.ready, one.held, one.pending) == ("customer-1.appliance.test", "not known", None, "")
    assert one.place == "stacks/Pulumi.prod.yaml:6"
    assert not one.needs_a_look
    assert "customer-9" not in found  # a retired name is a number of its stack
    assert assembled([source()], at=AT).stacks[0].retired == 1


def test_with_a_state_it_is_told_what_stands_and_what_the_next_update_does() -> None:
    stands = state(tenant("customer-1", labels={"team": "billing"}), tenant("customer-2"), tenant("left"))
    found = tenants(source(state=stands))
    assert {name: one.pending for name, one in found.items()} == {
        "customer-1": "", "customer-2": "changes", "customer-3": "is listed", "customer-10": "is made",
        "left": "stops: it left the list while protected",
    }  # fmt: skip
    assert (found["customer-1"].ready, found["customer-10"].ready) == ("yes", "not yet made")


@pytest.mark.parametrize(
    ("changes", "words"),
    [({}, "23 days"), ({"rotated_at": "2026-11-23T19:00:00+00:00"}, "1 day"), ({"client_id": ""}, "nobody holds it"),
     ({"created_at": "", "managed_since": "2026-11-14T20:00:00+00:00"}, "at least 10 days"),
     ({"created_at": "2026-11-24T19:59:00+00:00"}, "today"), ({"created_at": "soon"}, "held"),
     ({"created_at": "2026-12-24T19:59:00"}, "today")],
)  # fmt: skip
def test_a_credential_is_as_old_as_its_secret(changes: dict[str, Any], words: str) -> None:
    found = tenants(source(state=state(tenant("customer-1", **({"managed_since": ""} | changes)))))
    assert rows.credential(found["customer-1"], AT) == words


def test_what_the_last_refresh_has_noted_is_drift() -> None:
    gone = tenant("customer-1", vanished_at="2026-11-20T00:00:00+00:00", ready=False, problem="no longer listed")
    one = tenants(source(state=state(gone)))["customer-1"]
    assert one.drift == ("the appliance no longer lists it",)
    assert (one.ready, one.problem, one.needs_a_look) == ("no", "no longer listed", True)


def test_what_is_otherwise_inside_of_a_tenant_is_drift_by_its_name() -> None:
    given = {"tenant": "customer-1", "settings": {"support_email": "a@b.c", "session_lifetime": 12}, "ready": True,
             "applied": {"support_email": "x@y.z", "session_lifetime": 12}}  # fmt: skip
    told_of = states.tenant(tenant("customer-1"), {"settings": given})
    assert told_of["drift"] == ["settings.supportEmail"]


def test_a_look_of_this_moment_finds_what_is_gone_what_is_dark_and_what_nobody_knows() -> None:
    stands = state(tenant("customer-1"), tenant("customer-2"))
    found = tenants(
        source(state=stands, looked=listed("customer-2", "customer-10", "other", "rta", **{"customer-2": False}))
    )
    assert found["customer-1"].drift == ("the appliance does not list it",)
    assert found["customer-2"].drift == ("its domain is not served",)
    assert found["customer-10"].drift == ("it exists on the appliance already, so it can't be made: psaas adopt",)
    assert (found["other"].status, found["other"].stack, found["other"].needs_a_look) == ("unknown", "", True)
    assert "rta" not in found


def test_what_nobody_knows_is_told_only_where_all_stacks_were_read() -> None:
    looked = listed("other")
    assert "other" in tenants(source(looked=looked))
    assert "other" not in tenants(source(looked=looked), every_stack=False)
    broken = source(HEAD + ENTRIES + "  psaas:nothing: 1\n", looked=looked, state=state(tenant("customer-1")))
    assert set(tenants(broken)) == {"customer-1"}
    view = assembled([broken], at=AT)
    assert view.stacks[0].gaps == ("its files have 1 mistake: psaas validate",)


def test_the_view_is_a_document_of_plain_values() -> None:
    document = json.loads(json.dumps(rows.document(whole())))
    by_name = {one["name"]: one for one in document["tenants"]}
    assert document["needALook"] == 3
    assert by_name["customer-1"]["credentialDays"] == 23
    assert by_name["customer-2"]["problem"] == "the domain does not resolve"
    assert by_name["customer-66"]["labels"] == {"<b>": "<i>&amp;"}
    assert document["stacks"][1]["gaps"] == ["state: <i>its passphrase</i> is missing"]


def test_no_secret_of_a_state_is_in_the_view() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:canary"}
    view = assembled([source(state=state(tenant("customer-1", client_secret=secret, client_id="canary-id")))], at=AT)
    assert "canary" not in page.render(view) + json.dumps(rows.document(view)) + repr(view)


def test_the_page_loads_nothing_and_escapes_whatever_people_write() -> None:
    text = page.render(whole())
    assert set(re.findall(r"(?:src|href|action)=", text)) == {"src="}  # that of a hostile owner, escaped
    assert "<img" not in text
    assert text.count("<script>") == 1
    assert "&lt;/code&gt;&lt;script&gt;document.title=&#x27;owned&#x27;" in text
    assert "default-src &#x27;none&#x27;" in text
    assert "unsafe" not in text
    assert page.render(whole()) == text
    assert "\u202e" not in page.render(assembled([source(state=state(tenant(told.urn(HOSTILE, "x")[:60])))], at=AT))


def test_stacks_and_counts_are_told_in_lines() -> None:
    view = whole()
    assert rows.counts(view) == "6 tenants in 2 stacks; 3 need a look; of 1 only the entry in a stack file is known"
    assert rows.stack_line(view.stacks[0]) == "prod on rta.appliance.test: read: stack file, state; 1 retired name"


@pytest.mark.parametrize(
    ("time", "words"),
    [("2026-11-24T20:00:31.123456789Z", " of 2026-11-24 20:00 UTC"),
     ("2026-11-24T22:00:31+02:00", " of 2026-11-24 20:00 UTC"),
     ("2026-11-24T20:00:31", ""), ("soon", ""), (None, "")],
)  # fmt: skip
def test_a_state_is_told_with_the_time_at_which_it_was_written(time: str | None, words: str) -> None:
    assert sources.written_at({"deployment": {"manifest": {"time": time}}}) == words
    assert sources.written_at({}) == ""
