"""Stack files and the files that they include, read as data, each mistake with its file and line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from psaas_resources import config, stack_files
from psaas_resources.entries import TenantEntry
from psaas_resources.errors import ConfigError
from psaas_resources.fleet import Fleet

PROD = "stacks/Pulumi.prod.yaml"
HEAD = "config:\n  psaas:domain: rta.example.com\n  psaas:clientId: provisioning\n"
INCLUDES = HEAD + '  psaas:tenantFiles: ["tenants/*.yaml"]\n'
BILLING, SEARCH = "stacks/tenants/billing.yaml", "stacks/tenants/search.yaml"
ONE = "tenants:\n  - name: customer-21\n    owners: [billing@example.com]\n"
TWO = "tenants:\n- {name: customer-31, owners: [search@example.com], labels: {team: search}}\n"


def read(stack: str = INCLUDES, **included: str) -> Fleet:
    return stack_files.read("prod", files(stack, **included))


def files(stack: str, **included: str) -> dict[str, str]:
    return {PROD: stack} | {f"stacks/tenants/{name}.yaml": text for name, text in included.items()}


def mistakes(stack: str = INCLUDES, **included: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(stack, **included)
    assert all(problem.isprintable() for problem in caught.value.problems)
    return list(caught.value.problems)


def test_tenants_of_included_files_are_of_the_fleet_and_know_where_they_stand() -> None:
    fleet = read(INCLUDES + "  psaas:tenants:\n    - {name: customer-1, owners: [me@email.com]}\n", b=ONE, a=TWO)

    assert [(tenant.name, tenant.place) for tenant in fleet.tenants] == [
        ("customer-1", f"{PROD}:6"),
        ("customer-31", "stacks/tenants/a.yaml:2"),
        ("customer-21", "stacks/tenants/b.yaml:2"),
    ]
    assert fleet.tenants[1].labels == {"team": "search"}


def test_the_place_of_a_tenant_is_no_part_of_what_it_is() -> None:
    entry = TenantEntry(name="customer-1")
    assert entry.at("a.yaml:1") == entry.at("b.yaml:2") == entry
    assert entry.at("a.yaml:1").place == "a.yaml:1"
    assert entry != TenantEntry(name="customer-2")
    assert "place" not in TenantEntry.model_json_schema()["properties"]
    assert "a.yaml" not in repr(entry.at("a.yaml:1"))
    [problem] = mistakes(billing=ONE + "    place: elsewhere\n")
    assert problem == f'{BILLING}:4: tenants[0].place: unknown field "place"'


def test_neither_the_order_of_files_nor_that_of_patterns_says_anything() -> None:
    patterns = HEAD + '  psaas:tenantFiles: ["tenants/s*.yaml", "tenants/*.yaml", "*/billing.yaml"]\n'
    one, other = files(patterns, billing=ONE, search=TWO), files(INCLUDES, search=TWO, billing=ONE)
    assert stack_files.read("prod", one).tenants == stack_files.read("prod", other).tenants
    assert stack_files.included_in("prod", one) == (BILLING, SEARCH)


@pytest.mark.parametrize("line", ["adopt: inventory", "deletion: delete", "recreate: true"])
def test_an_included_file_may_add_a_tenant_and_say_nothing_else(line: str) -> None:
    [problem] = mistakes(billing=f"{ONE}    {line}\n")
    assert problem == f"{BILLING}:4: tenants[0].{line.partition(':')[0]}: only the stack file may say that"


def test_what_is_refused_in_an_included_file_does_not_hide_its_other_mistakes() -> None:
    text = "tenants:\n  - name: Customer-21\n    adopt: true\n    owner: [x]\n    owners: [me@]\nretired: []\n"
    assert [problem.partition(": ")[0] + " " + problem.split(": ")[1] for problem in mistakes(billing=text)] == [
        f"{BILLING}:6 retired",
        f"{BILLING}:3 tenants[0].adopt",
        f"{BILLING}:4 tenants[0].owner",
        f"{BILLING}:2 tenants[0].name",
        f"{BILLING}:5 tenants[0].owners[0]",
    ]


def test_a_name_that_two_files_have_is_told_with_both_places() -> None:
    [problem] = mistakes(billing=ONE, search=ONE)
    assert problem == f'{SEARCH}:2: tenants[0].name: "customer-21" is listed already, in tenants[0] ({BILLING}:2)'
    stack = INCLUDES + "  psaas:tenants:\n    - name: customer-21\n      owners: [me@email.com]\n"
    [problem] = mistakes(stack, billing=ONE)
    assert problem == f'{BILLING}:2: tenants[0].name: "customer-21" is listed already, in psaas:tenants[0] ({PROD}:6)'


def test_a_retired_name_never_returns_through_an_included_file() -> None:
    [problem] = mistakes(INCLUDES + "  psaas:retired:\n    - name: customer-21\n", billing=ONE)
    assert problem.startswith(f'{PROD}:6: psaas:retired[0].name: "customer-21" is listed already, in tenants[0] (')
    assert f"({BILLING}:2)" in problem
    assert "never returns" in problem


@pytest.mark.parametrize("pattern", ["../*.yaml", "tenants/../../x.yaml", "/etc/*.yaml", "~/x.yaml", "C:\\\\x.yaml",
                                     "", "./x.yaml", "tenants//x.yaml", "tenants/**/*.yaml", "a\\nb"])  # fmt: skip
def test_a_pattern_never_leaves_the_folder_of_stack_files(pattern: str) -> None:
    [problem] = mistakes(HEAD + f'  psaas:tenantFiles:\n    - tenants/*.yaml\n    - "{pattern}"\n', billing=ONE)
    assert problem.startswith(f'{PROD}:6: psaas:tenantFiles[1]: "')


def test_a_pattern_that_matches_nothing_is_a_mistake() -> None:
    [problem] = mistakes(INCLUDES)
    assert problem == (
        f'{PROD}:4: psaas:tenantFiles[0]: "tenants/*.yaml" matches no file below stacks/ that ends in .yaml'
    )
    with pytest.raises(ConfigError, match="matches no file"):
        config.read({"domain": "rta.example.com", "clientId": "x", "tenantFiles": '["x.yaml"]'}, environment={})


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "1: is not an included file, which has one key, `tenants`"),
     ("- name: x", "1: is not an included file, which has one key, `tenants`"),
     ("tenant: []", '1: tenant: unknown key "tenant"; did you mean "tenants"?; an included file has one key'),
     ("tenants: x", "1: tenants: expected a list"),
     ("tenants:\n  - x", "2: tenants[0]: expected an object"),
     ("tenants:\n  - [x]", "2: tenants[0]: expected an object"),
     ("tenants: [\n", "2: is not YAML"),
     ("tenants: []\ntenants: []", "2: tenants: is said twice; the first one is in line 1"),
     ("tenants: \udcfc", "1: is not text in UTF-8"),
     (ONE + "    labels: {a: x, a: y}", "4: tenants[0].labels.a: is said twice"),
     (ONE + "    labels: {a: {secure: v1:abc}}", "4: tenants[0].labels.a: holds an encrypted value"),
     ("tenants: {secure: v1:abc}", "1: tenants: expected a list"),
     ("config:\n  psaas:domain: x", '1: config: unknown key "config"')],
)  # fmt: skip
def test_the_form_of_an_included_file_is_checked_with_its_lines(text: str, problem: str) -> None:
    assert mistakes(billing=text)[0].startswith(f"{BILLING}:{problem}")


def test_a_stack_file_says_nothing_twice_and_nothing_unknown_around_its_config() -> None:
    stack = "confg: {}\n" + HEAD + "  psaas:domain: rta.other.example.com\n  deletion: forget\n  psaass:tenants: []\n"
    assert mistakes(stack) == [
        f'{PROD}:1: confg: unknown key "confg"; did you mean "config"?',
        f"{PROD}:5: psaas:domain: is said twice; the first one is in line 3",
        f'{PROD}:6: deletion: has no namespace; write "psaas:deletion"',
        f'{PROD}:7: psaass:tenants: unknown namespace "psaass"; did you mean "psaas"?',
    ]


def test_what_the_engine_keeps_beside_the_config_and_other_namespaces_are_fine() -> None:
    stack = HEAD + "  aws:region: eu-central-1\nencryptionsalt: v1:x\nenvironment: [common]\n"
    assert read(stack + "secretsprovider: awskms://alias/x\nencryptedkey: abc\n").domain == "rta.example.com"


def test_encrypted_values_stay_closed_and_are_refused_where_reviewers_must_read() -> None:
    secrets = HEAD + "  psaas:clientSecret: {secure: v1:abc}\n  psaas:escrowKey:\n    secure: v1:def\n"
    secrets += "  psaas:credentials:\n    customer-1: {clientId: {secure: v1:a}, clientSecret: {secure: v1:b}}\n"
    assert read(secrets).client_secret == ""
    tenants = "  psaas:tenants:\n    - {name: customer-1, owners: [me@email.com], labels: {x: {secure: v1:a}}}\n"
    [problem] = mistakes(HEAD + tenants)
    assert problem.startswith(f"{PROD}:4: psaas:tenants: holds an encrypted value")
    assert mistakes(HEAD + "  psaas:tenants: {secure: v1:abc}\n")[0].startswith(f"{PROD}:4: psaas:tenants: holds an")
    half = secrets.replace("{secure: v1:b}", "hunter2")
    [problem] = mistakes(half)
    assert problem.startswith(f'{PROD}:8: psaas:credentials["customer-1"].clientSecret: stands in the file in clear')
    assert "hunter2" not in problem
    assert "in clear" in mistakes(HEAD + "  psaas:clientSecret: {secure: v1:abc, other: 1}\n")[0]


def test_what_belongs_to_the_machine_is_not_judged_by_the_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSAAS_EXPECTED_RTA", "rta.other.example.com")
    monkeypatch.setenv("PSAAS_NOBODY_READS_THIS", "x")
    assert read(HEAD + "  psaas:caBundle: /nowhere/ca.pem\n  psaas:escrowDir: ~nobody-here/x\n").ca_bundle
    assert "timeoutSeconds" in mistakes(HEAD + "  psaas:timeoutSeconds: 5000\n")[0]


def test_a_file_that_is_no_stack_file_is_said_to_be_none() -> None:
    assert mistakes("") == [f"{PROD}:1: is not a stack file, which has a key `config`"]
    assert mistakes("config: 5") == [f"{PROD}:1: config: expected an object with keys such as psaas:domain"]
    with pytest.raises(ConfigError, match=r"there is no stacks/Pulumi\.other\.yaml"):
        stack_files.read("other", {PROD: HEAD})
    assert stack_files.stacks_in({PROD: "", "stacks/Pulumi.a.b.yaml": "", BILLING: "", "Pulumi.yaml": ""}) == [
        "a.b",
        "prod",
    ]


def test_three_thousand_tenants_in_included_files_are_one_fleet() -> None:
    teams = {
        f"team-{team}": "tenants:\n" + "".join(
            f"  - name: team-{team}-customer-{number}\n    owners: [team-{team}@example.com]\n"
            f"    labels: {{team: team-{team}, ticket: OPS-{number}}}\n" for number in range(100)
        )
        for team in range(30)
    }  # fmt: skip
    assert sum(map(len, teams.values())) > 2 * 128 * 1024

    fleet = read(**teams)

    assert len({tenant.name for tenant in fleet.tenants}) == 3000
    assert fleet.tenants[-1].place == "stacks/tenants/team-9.yaml:299"
    last = teams["team-29"].replace("team-29-customer-99\n", "team-3-customer-7\n")
    assert mistakes(**teams | {"team-29": last}) == [
        'stacks/tenants/team-3.yaml:23: tenants[7].name: "team-3-customer-7" is listed already, in tenants[99] '
        "(stacks/tenants/team-29.yaml:299)"
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "stacks" / "tenants").mkdir(parents=True)
    (tmp_path / PROD).write_text(INCLUDES)
    (tmp_path / BILLING).write_text(ONE)
    return tmp_path


def test_a_disk_and_a_mapping_are_read_alike(project: Path) -> None:
    (project / "stacks" / "notes.txt").write_text("not read")
    found = stack_files.from_disk(project)
    assert found == files(INCLUDES, billing=ONE)
    assert stack_files.read("prod", found) == read(billing=ONE)


def test_a_file_that_is_not_utf_8_is_a_mistake_only_of_who_includes_it(project: Path) -> None:
    (project / SEARCH).write_bytes(TWO.encode() + b"# caf\xe9\n")
    (project / "stacks" / "Pulumi.other.yaml").write_text(HEAD)
    found = stack_files.from_disk(project)
    assert stack_files.read("other", found).tenants == ()
    with pytest.raises(ConfigError, match=rf"{SEARCH}:3: is not text in UTF-8"):
        stack_files.read("prod", found)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside.yaml", "search.yaml", "nothing.yaml"])
def test_a_link_that_leads_out_of_the_folder_or_nowhere_is_refused(project: Path, target: str) -> None:
    (project / "outside.yaml").write_text(TWO)
    (project / SEARCH).symlink_to(target)
    with pytest.raises(ConfigError, match=SEARCH):
        stack_files.from_disk(project)


def test_a_link_within_the_folder_is_followed(project: Path) -> None:
    (project / "stacks" / "others").mkdir()
    (project / "stacks" / "others" / "search.yaml").write_text(TWO)
    (project / SEARCH).symlink_to("../others/search.yaml")
    assert [t.name for t in stack_files.read("prod", stack_files.from_disk(project)).tenants] == [
        "customer-21",
        "customer-31",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_can_not_be_read_is_named(project: Path) -> None:
    (project / BILLING).chmod(0)
    with pytest.raises(ConfigError, match=rf"{BILLING}: can't be read"):
        stack_files.from_disk(project)
