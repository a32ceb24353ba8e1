"""A person's list of existing tenants, in the forms in which such lists lie about."""

from __future__ import annotations

import json

import pytest

from psaas_resources.adoption import lists
from psaas_resources.adoption.candidates import Candidate, of_rows
from psaas_resources.errors import ConfigError
from psaas_resources.settings import Credential

WHOLE = Candidate("customer-7", ("a@example.com", "b@example.com"), {"team": "billing", "ticket": "OPS-1"},
                  Credential("id-7", "canary-secret"))  # fmt: skip


def unplaced(found: tuple[Candidate, ...]) -> list[tuple[object, ...]]:
    return [(c.name, c.owners, c.labels, c.credential) for c in found]


@pytest.mark.parametrize(
    "text",
    ["name,client_id,client_secret,owners,labels\ncustomer-7,id-7,canary-secret,a@example.com b@example.com,"
     "team=billing; ticket=OPS-1\ncustomer-8,,,,\n",
     "\ufeffTenant;Client ID;Client Secret;Owner;Labels\r\ncustomer-7;id-7;canary-secret;"
     '"a@example.com,b@example.com";"team=billing;ticket=OPS-1"\r\n\r\ncustomer-8\r\n',
     "labels\tname\tclientId\tclientSecret\towners\nteam=billing;ticket=OPS-1\tcustomer-7\tid-7\tcanary-secret\t"
     "a@example.com;b@example.com\n\tcustomer-8\n",
     json.dumps([{"name": "customer-7", "clientId": "id-7", "clientSecret": "canary-secret",
                  "owners": ["a@example.com", "b@example.com"], "labels": {"team": "billing", "ticket": "OPS-1"}},
                 {"name": "customer-8", "clientId": None}]),
     json.dumps({"customer-7": {"client_id": "id-7", "client_secret": "canary-secret",
                                "owners": "a@example.com b@example.com", "labels": "team=billing;ticket=OPS-1"},
                 "customer-8": {}})],
    ids=["commas", "semicolons", "tabs", "a list", "an object"],
)  # fmt: skip
def test_csv_and_json_say_the_same(text: str) -> None:
    found = lists.read(text, "tenants.csv")
    assert unplaced(found) == unplaced((WHOLE, Candidate("customer-8")))
    assert all(candidate.place.startswith("tenants.csv:") for candidate in found)
    assert "canary-secret" not in repr(found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("name,client_id,client_secret\ncustomer-7,id-7,\n", "tenants.csv:2: has a client_id and no client_secret"),
     ("name,client_secret\ncustomer-7,canary-secret\n", "tenants.csv:2: has a client_secret and no client_id"),
     ("name\nCustomer 7\n", 'tenants.csv:2: name: "Customer 7" is not a host name label'),
     ("name\ncustomer-7\n\ncustomer-7\n", 'tenants.csv:4: "customer-7" is listed already, in tenants.csv:2'),
     ("name,owners\ncustomer-7,me@\n", 'tenants.csv:2: owners: "me@" is not an e-mail address'),
     ("name,labels\ncustomer-7,billing\n", "tenants.csv:2: labels: expected key=value"),
     ("name,clientsecrets\ncustomer-7,canary\n", 'unknown field "clientsecrets"; did you mean "client_secret"?'),
     ("customer-7\ncustomer-8\n", 'tenants.csv:1: unknown field "customer-7"'),
     ("name\ncustomer-7,canary-secret\n", "tenants.csv:2: has 2 cells, and there are 1 headers"),
     ('name\n"customer-7\n', "is not CSV"), ("", "tenants.csv:1: expected a line of headers"),
     ("name\n", "tenants.csv: lists no tenant"), ("[1]", "tenants.csv: [0]: expected an object"), ("{", "is not JSON"),
     ('[{"name": 7}]', "tenants.csv: [0]: name: is missing"),
     ('{"customer-7": {"clientId": "a", "clientSecret": {"x": "canary-secret"}}}', "are texts of one line each")],
)  # fmt: skip
def test_every_mistake_in_a_list_is_told_with_its_place_and_without_its_secrets(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        lists.read(text, "tenants.csv")
    assert problem in "\n".join(caught.value.problems)
    assert "canary" not in str(caught.value)


def test_all_mistakes_of_a_list_come_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        lists.read("name,client_id,owners\n-x,,me@\ncustomer-8,id-8,\n", "t.csv")
    assert [problem.split(": ")[0] for problem in caught.value.problems] == ["t.csv:2", "t.csv:2", "t.csv:3"]


@pytest.mark.parametrize(
    ("text", "places"),
    [("name,clientsecrets,ouners,owners\n-x,canary,,me@\ncustomer-8,canary,,,extra\ncustomer-9,canary\ncustomer-9,,\n",
      ["t.csv:1", "t.csv:1", "t.csv:2", "t.csv:2", "t.csv:3", "t.csv:5"]),
     ("nme,owners\ncustomer-7,me@\n", ["t.csv:1", "t.csv:1", "t.csv:2"]),
     ("name,name,owners\ncustomer-7,customer-8,me@\n", ["t.csv:1", "t.csv:2"]),
     ('name,owner\n-x,\n"customer-7\n', ["t.csv:2", "t.csv:3"]),
     ('[{"name": "-x", "secret": "canary", "pass": 1}, 7, {"owners": "me@"}]',
      ["t.csv", "t.csv", "t.csv", "t.csv", "t.csv", "t.csv"])],
    ids=["unknown headers", "no name", "a header twice", "a broken end", "JSON"],
)  # fmt: skip
def test_a_header_that_is_wrong_does_not_hide_the_mistakes_below_it(text: str, places: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        lists.read(text, "t.csv")
    assert [problem.split(": ")[0] for problem in caught.value.problems] == places
    assert "canary" not in str(caught.value)


def test_under_a_misspelt_header_nothing_is_said_to_be_missing() -> None:
    with pytest.raises(ConfigError) as caught:
        lists.read("name,client_id,client_secrt\ncustomer-7,id-7,canary\n", "t.csv")
    assert caught.value.problems == ('t.csv:1: unknown field "client_secrt"; did you mean "client_secret"?',)


def test_owners_that_the_appliance_tells_are_noted_where_they_are_texts() -> None:
    rows = {
        "b": {"name": "b", "owners": ["me@email.com"]},
        "a": {"name": "a", "owners": [1, "x\n"]},
        "c": {"name": "c"},
    }
    assert [(c.name, c.owners) for c in of_rows(rows)] == [("a", ()), ("b", ("me@email.com",)), ("c", ())]
