"""A person's list of existing tenants beside the appliance's own: what it lacks can't be taken over."""

from __future__ import annotations

import pytest

from psaas_resources import readiness
from psaas_resources.adoption import Wanted
from psaas_resources.errors import ConfigError, Refused
from tests.handlers.adopting import Project


def test_a_name_of_the_list_that_the_appliance_lacks_is_left_out_and_told_with_the_near_miss(project: Project) -> None:
    project.exist("customer-7")

    plan = project.plan(source=[{"name": "customer-7"}, {"name": "customr-7"}, {"name": "zzz"}])

    assert [entry.name for entry in plan.new] == ["customer-7"]
    rta = project.operator.appliance.rta
    assert plan.left_out == {
        "customr-7": f'{rta} lists no tenant of that name; did you mean "customer-7"?',
        "zzz": f"{rta} lists no tenant of that name",
    }
    assert plan.needs_a_person == {"customr-7", "zzz"}
    assert "customr-7" not in plan.diff


def test_a_name_that_is_taken_over_already_is_left_out_once_the_appliance_lacks_it(project: Project) -> None:
    project.declare("  psaas:tenants: [{name: gone, adopt: inventory}, {name: new-one, owners: [me@email.com]}]\n")
    plan = project.plan(source=[{"name": "gone"}, {"name": "new-one"}])
    assert set(plan.left_out) == {"gone"}
    assert plan.already == ("new-one",)  # the next update makes it


def test_a_list_that_can_not_be_compared_with_the_appliances_is_taken_and_says_so(project: Project) -> None:
    project.credential = False
    plan = project.plan(source=[{"name": "customer-7"}])
    assert [entry.name for entry in plan.new] == ["customer-7"]
    assert "nothing is here to ask" in plan.not_compared
    project.credential = True
    project.exist("customer-7")
    assert project.plan(source=[{"name": "customer-7"}]).not_compared == ""
    project.operator.appliance.described["provisioning"]["client_secret"] += "-wrong"
    assert "is wrong there" in project.plan(source=[{"name": "customer-7"}]).not_compared


def test_a_pattern_that_matches_nothing_is_a_mistake(project: Project) -> None:
    project.exist("customer-7", "customer-8")
    with pytest.raises(ConfigError, match=r"--only 'zzz\*' matches none of the 2 tenants that are listed") as caught:
        project.plan(Wanted(only=("customer-*", "zzz*"), names=("custmer-7",)))
    assert len(caught.value.problems) == 2


def test_a_wrong_credential_is_told_before_it_is_tried_again_and_the_list_is_corrected_by_the_same_command(
    project: Project, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "ROTATION_WAITS_SECONDS", (0.01, 0.02))
    given = project.exist("customer-7")
    wrong = {"customer-7": given["customer-7"] | {"clientSecret": "canary-wrong"}}
    project.plan(source=wrong).carry_out()
    with caplog.at_level("INFO", "psaas"), pytest.raises(Refused) as caught:
        project.operator.run().create("customer-7", adopt=True)
    assert "tenant customer-7 refuses the credential given; it is tried again" in caplog.text
    assert "Correct it where it was given, in the list for `psaas adopt --from`, which is then run again" in str(
        caught.value
    )
    assert "canary" not in str(caught.value) + caplog.text

    again = project.plan(source=given)
    again.carry_out()

    assert (again.already, set(again.credentials)) == (("customer-7",), {"customer-7"})
    assert project.operator.run().create("customer-7", adopt=True).ready
    assert project.operator.posts() == []
