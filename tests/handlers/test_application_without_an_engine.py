"""The provisioning application: made once, on no connection, its secret never lost, nobody else's touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psaas_resources.application_rotation import subject
from psaas_resources.applications import Applications
from psaas_resources.enabled_connections import Connections
from psaas_resources.errors import Conflict, Refused, ToldNo
from psaas_resources.provisioning_application_handler import ProvisioningApplicationHandler
from psaas_resources.provisioning_application_state import Application, diff
from tests.handlers.operator import Operator
from tests.local_appliance import LocalAppliance

KEY = "k" * 64
LOST_ANSWER = {"route": {"method": "POST", "path": "/api/v2/clients"}, "do": {"reset": "after"}}


@pytest.fixture(params=["newer", "older"])
def each_release(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalAppliance]:
    """An appliance of either generation of connection calls."""
    options = ["--older-connections"] if request.param == "older" else []
    with LocalAppliance.start(tmp_path / "appliance", *options) as appliance:
        yield appliance


@pytest.fixture
def people(appliance: LocalAppliance, tmp_path: Path) -> Operator:
    """People who hold the admin credential, and no other."""
    return bootstrap(appliance, tmp_path)


def bootstrap(appliance: LocalAppliance, folder: Path) -> Operator:
    return Operator(appliance, folder / "escrow", {"clientId": ""}, {"PSAAS_ESCROW_KEY": KEY})


def handler(operator: Operator) -> ProvisioningApplicationHandler:
    """What one run has."""
    run = operator.run()
    connections = Connections(run.api, sleep=lambda _: None)
    return ProvisioningApplicationHandler(Applications(run.api), connections, run.escrow, warn=operator.warnings.append)


def declared(operator: Operator, **rest: Any) -> Application:
    return Application(**{"rta": operator.appliance.rta, "name": "Ours", **rest})


def enabled(appliance: LocalAppliance, client_id: str) -> list[str]:
    found = appliance.api("GET", "connections?fields=id,name,enabled_clients")
    return [connection["name"] for connection in found if client_id in connection["enabled_clients"]]


def everything(appliance: LocalAppliance, but: str) -> list[Any]:
    """All that others have: their applications, and where they are enabled."""
    found = appliance.api("GET", "connections?fields=id,name,enabled_clients")
    switched = [(c["name"], [one for one in c["enabled_clients"] if one != but]) for c in found]
    return [switched, [one for one in appliance.api("GET", "clients") if one["client_id"] != but]]


def test_it_is_made_for_machines_only_and_on_no_connection_of_either_release(
    each_release: LocalAppliance, tmp_path: Path
) -> None:
    operator = bootstrap(each_release, tmp_path)
    before = everything(each_release, but="")

    made = handler(operator).create(declared(operator, description="Makes tenants"))

    live = each_release.api("GET", f"clients/{made.client_id}")
    assert (live["name"], live["description"], live["grant_types"]) == ("Ours", "Makes tenants", ["client_credentials"])
    assert live["client_secret"] == made.client_secret
    assert enabled(each_release, made.client_id) == []
    assert (made.drift, everything(each_release, but=made.client_id)) == ((), before)
    assert handler(operator).read(made) == made
    assert diff(made, {"name": "Ours", "description": "Makes tenants", "rotate": "", "adopt": ""}) == []


def test_what_is_changed_by_hand_is_seen_and_put_right(each_release: LocalAppliance, tmp_path: Path) -> None:
    operator = bootstrap(each_release, tmp_path)
    made = handler(operator).create(declared(operator))
    before = everything(each_release, but=made.client_id)
    for connection in each_release.api("GET", "connections?fields=id,enabled_clients"):
        body = {"enabled_clients": [*connection["enabled_clients"], made.client_id]}
        each_release.api("PATCH", f"connections/{connection['id']}", body)
    by_hand = {"name": "Theirs", "callbacks": ["https://example.com"], "grant_types": ["implicit"]}
    each_release.api("PATCH", f"clients/{made.client_id}", by_hand)

    seen = handler(operator).read(made)

    assert seen
    said = " ".join(seen.drift)
    for words in ("name is 'Theirs'", "callbacks", "grant_types", 'connection "Initial-Connection" is enabled'):
        assert words in said
    assert diff(seen, {"name": "Ours"}) == ["drift"]
    mended = handler(operator).update(seen, declared(operator))
    assert mended == made
    assert handler(operator).read(mended) == made
    assert everything(each_release, but=made.client_id) == before


def test_with_the_older_call_somebody_elses_change_in_between_is_kept_and_ours_repeated(tmp_path: Path) -> None:
    with LocalAppliance.start(tmp_path / "appliance", "--older-connections") as appliance:
        operator = bootstrap(appliance, tmp_path)
        made = handler(operator).create(declared(operator))
        other = appliance.api("POST", "clients", {"name": "Other"})["client_id"]
        connection = appliance.api("GET", "connections?fields=id,name,enabled_clients")[0]
        path, everybody = f"connections/{connection['id']}", [*connection["enabled_clients"], made.client_id]
        appliance.api("PATCH", path, {"enabled_clients": [one for one in everybody if one != other]})
        seen = handler(operator).read(made)
        assert seen
        writes = iter([everybody, None, everybody])  # another writer, before and after our own first write

        def meanwhile(_: float) -> None:
            if (next_write := next(writes, None)) is not None:
                appliance.api("PATCH", path, {"enabled_clients": next_write})

        run = operator.run()
        connections = Connections(run.api, sleep=meanwhile)
        ours = ProvisioningApplicationHandler(Applications(run.api), connections, run.escrow, warn=print)
        assert ours.update(seen, declared(operator)).drift == ()

        assert enabled(appliance, made.client_id) == []
        assert connection["name"] in enabled(appliance, other)


def test_an_older_list_that_others_keep_writing_is_drift_and_no_lost_application(tmp_path: Path) -> None:
    with LocalAppliance.start(tmp_path / "appliance", "--older-connections") as appliance:
        operator = bootstrap(appliance, tmp_path)
        turns = [[], ["fFw2iTiVWbMx9zgovmaInhgiyy4FUCbv"]]

        def meanwhile(_: float) -> None:
            turns.reverse()
            for connection in appliance.api("GET", "connections?fields=id,enabled_clients"):
                own = [one for one in connection["enabled_clients"] if one not in turns[1]]
                appliance.api("PATCH", f"connections/{connection['id']}", {"enabled_clients": own + turns[0]})

        run = operator.run()
        connections = Connections(run.api, sleep=meanwhile)
        ours = ProvisioningApplicationHandler(Applications(run.api), connections, run.escrow, warn=lambda _: None)
        made = ours.create(declared(operator))
        assert "somebody else keeps writing" in " ".join(made.drift)
        assert handler(operator).update(made, declared(operator)).drift == ()


def test_an_application_that_a_dying_run_has_made_is_found_again_and_not_made_twice(people: Operator) -> None:
    first = handler(people).create(declared(people))
    again = handler(people).create(declared(people))
    assert again == first
    assert names(people) == ["Appliance Admin", "Ours", "Tenant Provisioning"]


def test_after_an_answer_that_never_came_it_is_found_by_its_mark(people: Operator) -> None:
    people.appliance.goes_wrong(LOST_ANSWER)
    made = handler(people).create(declared(people))
    assert handler(people).read(made) == made
    assert names(people).count("Ours") == 1
    assert made.credential.client_secret in str(people.run().escrow.find_note(subject(made)))


def test_a_run_that_died_before_the_answer_is_taken_up_with_its_secret(people: Operator) -> None:
    no_list = {"route": {"method": "GET", "path": "/api/v2/clients"}, "when": {"after": 1}, "do": {"status": 403}}
    people.appliance.goes_wrong(LOST_ANSWER, no_list)
    with pytest.raises(ToldNo, match="403"):
        handler(people).create(declared(people))
    people.appliance.goes_wrong()

    made = handler(people).create(declared(people))

    assert handler(people).read(made) == made
    assert names(people).count("Ours") == 1


def test_where_its_secret_may_not_be_read_a_forgotten_one_is_replaced(
    appliance: LocalAppliance, tmp_path: Path
) -> None:
    limited = limited_admin(appliance, without="read:client_keys")
    people = Operator(appliance, tmp_path / "escrow", {"clientId": "", "adminClientId": limited["client_id"]}, {
        "PSAAS_ESCROW_KEY": KEY, "PSAAS_ADMIN_CLIENT_SECRET": limited["client_secret"],
    })  # fmt: skip
    made = handler(people).create(declared(people))
    note = people.run().escrow.find_note(subject(made))
    assert note
    people.run().escrow.keep_note(subject(made), {"marker": note["marker"]})  # died before the secret was noted

    again = handler(people).create(declared(people))

    assert again.client_id == made.client_id
    assert again.client_secret != made.client_secret
    assert appliance.api("GET", f"clients/{made.client_id}")["client_secret"] == again.client_secret


def test_one_of_the_same_name_that_is_not_ours_is_named_and_not_taken(people: Operator) -> None:
    theirs = people.appliance.api("POST", "clients", {"name": "Ours"})["client_id"]
    with pytest.raises(Conflict, match=theirs):
        handler(people).create(declared(people))
    assert names(people).count("Ours") == 1


def test_one_that_exists_is_taken_over_on_request_and_taken_off_its_connections(people: Operator) -> None:
    theirs = people.appliance.api("POST", "clients", {"name": "Theirs", "app_type": "spa", "callbacks": ["https://x"]})

    made = handler(people).create(declared(people, adopt=theirs["client_id"]))

    assert (made.client_id, made.client_secret, made.drift) == (theirs["client_id"], theirs["client_secret"], ())
    assert enabled(people.appliance, made.client_id) == []
    live = people.appliance.api("GET", f"clients/{made.client_id}")
    assert (live["name"], live["callbacks"], live["app_type"]) == ("Ours", [], "non_interactive")


def test_one_whose_secret_nobody_knows_is_taken_over_only_with_a_new_secret(
    appliance: LocalAppliance, tmp_path: Path
) -> None:
    theirs = appliance.described["provisioning"]
    limited = limited_admin(appliance, without="read:client_keys")
    people = Operator(appliance, tmp_path / "escrow", {"clientId": "", "adminClientId": limited["client_id"]}, {
        "PSAAS_ESCROW_KEY": KEY, "PSAAS_ADMIN_CLIENT_SECRET": limited["client_secret"],
    })  # fmt: skip
    with pytest.raises(Refused, match="its secret is not known"):
        handler(people).create(declared(people, adopt=theirs["client_id"]))

    people.config["clientId"] = theirs["client_id"]
    given = handler(people).create(declared(people, adopt=theirs["client_id"]))
    assert given.client_secret == theirs["client_secret"]

    people.config["clientId"] = ""
    people.run().escrow.drop_note(subject(given))
    replaced = handler(people).create(declared(people, adopt=theirs["client_id"], rotate="2026-11"))
    assert replaced.client_secret != theirs["client_secret"]


def test_one_deleted_by_hand_is_gone(people: Operator) -> None:
    made = handler(people).create(declared(people))
    people.appliance.api("DELETE", f"clients/{made.client_id}")
    assert handler(people).read(made) is None


def test_it_is_not_deleted_while_tenants_remain_or_nobody_can_tell(people: Operator) -> None:
    made = handler(people).create(declared(people))
    with pytest.raises(Refused, match="nothing proves that no tenant remains"):
        handler(people).delete(made)
    grant = {"client_id": made.client_id, "audience": f"https://{people.appliance.rta}/api/v2/"}
    scopes = ["create:tenants", "read:tenants", "delete:tenants"]
    people.appliance.api("POST", "client-grants", {**grant, "scope": scopes})
    own = people.appliance.tenant_token(
        people.appliance.rta, client_id=made.client_id, client_secret=made.client_secret
    )
    people.appliance.request("POST", "/api/v2/tenants", body={"name": "customer-1"}, token=own)
    with pytest.raises(Refused, match="tenants remain on"):
        handler(people).delete(made)
    people.appliance.request("DELETE", "/api/v2/tenants/customer-1", token=own)

    handler(people).delete(made)

    assert "Ours" not in names(people)
    assert people.run().escrow.find_note(subject(made)) is None


def test_a_person_may_say_that_it_can_go(people: Operator) -> None:
    made = handler(people).create(declared(people))
    people.environment["PSAAS_ALLOW_DELETE"] = made.client_id
    handler(people).delete(made)
    assert "Ours" not in names(people)


def names(operator: Operator) -> list[str]:
    return sorted(one["name"] for one in operator.appliance.api("GET", "clients"))


def limited_admin(appliance: LocalAppliance, *, without: str) -> dict[str, str]:
    """Another admin application, which may do less."""
    scopes = [
        "create:clients", "read:clients", "update:clients", "delete:clients", "read:client_keys", "update:client_keys",
        "read:connections", "update:connections",
    ]  # fmt: skip
    made = appliance.api("POST", "clients", {"name": "Less", "app_type": "non_interactive"})
    grant = {"client_id": made["client_id"], "audience": f"https://{appliance.rta}/api/v2/"}
    appliance.api("POST", "client-grants", {**grant, "scope": [scope for scope in scopes if scope != without]})
    return {name: made[name] for name in ("client_id", "client_secret")}
