"""`python -m review files`: two Git revisions in, a report and a verdict out; no engine, no network, no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.review.changes import entry, prod
from tests.review.repository import Repository

FILE = "stacks/Pulumi.prod.yaml"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "project")
    made.commit({**prod(), "README.md": "a project\n"})
    return made


def stacks(document: str) -> list[str]:
    return [review["stack"] for review in json.loads(document)["reviews"]]


def test_an_addition_is_fine(repository: Repository) -> None:
    repository.branch("addition")
    repository.commit(prod(more=entry("new-shop")))

    ran = repository.review_by_itself("files", "--base", "main", "--head", "addition")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "`prod` on `rta.example.com`: fine" in ran.stdout
    assert "| new | `new-shop` |" in ran.stdout
    assert f"`{FILE}:13`" in ran.stdout
    assert "Made without the state." in ran.stdout


def test_a_mistake_is_told_with_its_place_and_line_and_no_traceback(repository: Repository) -> None:
    repository.branch("mistake")
    repository.commit(prod(more=entry("New_Shop")))

    ran = repository.review("files", "--base", "main", "--head", "mistake")

    assert (ran.returncode, ran.stderr) == (2, "")
    assert f'{FILE}:13: psaas:tenants[2].name: "New_Shop" has capital letters' in ran.stdout


@pytest.mark.parametrize("text", ["", "[", "config: 1\n", "\x00", "config: {psaas:tenants: [", "a: &a [*a]\n"])
def test_whatever_stands_in_the_file_is_a_report_and_no_crash(repository: Repository, text: str) -> None:
    repository.branch("odd")
    repository.commit({FILE: text})

    ran = repository.review("files", "--base", "main", "--head", "odd")

    assert (ran.returncode, ran.stderr) == (2, "")
    assert FILE in ran.stdout.partition("#### ⛔ Mistakes")[2]


def test_the_working_tree_is_neither_read_nor_changed_and_no_filter_runs(repository: Repository) -> None:
    repository.git("config", "filter.bad.smudge", "touch smudged")
    repository.git("config", "filter.bad.clean", "cat")
    repository.git("config", "filter.bad.required", "true")
    repository.branch("addition")
    repository.commit({**prod(more=entry("new-shop")), ".gitattributes": "*.yaml filter=bad\n"})
    repository.git("checkout", "--quiet", "main")
    (repository.folder / "smudged").unlink(missing_ok=True)
    (repository.folder / FILE).write_text("not a stack file")
    before = repository.git("status", "--porcelain")

    ran = repository.review("files", "--base", "main", "--head", "addition")

    assert ran.returncode == 1  # .gitattributes is a file of the project that changes too
    assert "| new | `new-shop` |" in ran.stdout
    assert repository.git("status", "--porcelain") == before
    assert not (repository.folder / "smudged").exists()


def test_a_base_that_went_on_does_not_look_like_a_removal(repository: Repository) -> None:
    repository.branch("addition")
    repository.commit({"stacks/Pulumi.other.yaml": prod()[FILE].replace("rta.example", "rta.other.example")})
    repository.git("checkout", "--quiet", "main")
    repository.commit(prod(more=entry("merged-first")))

    ran = repository.review("files", "--base", "main", "--head", "addition", "--json", "report.json")

    assert stacks((repository.folder / "report.json").read_text()) == ["other"]
    assert "merged-first" not in ran.stdout


def test_a_head_that_conflicts_with_its_base_is_told_to_take_it_in_first(repository: Repository) -> None:
    repository.branch("addition")
    repository.commit(prod(more=entry("new-shop")))
    repository.git("checkout", "--quiet", "main")
    repository.commit(prod(more=entry("merged-first")))

    ran = repository.review("files", "--base", "main", "--head", "addition")

    assert ran.returncode == 2
    assert "can't be merged into the base without a conflict" in ran.stdout
    assert "| new | `new-shop` |" in ran.stdout


def test_a_symbolic_link_a_submodule_and_a_huge_file_are_refused(repository: Repository) -> None:
    repository.branch("links")
    (repository.folder / "stacks" / "Pulumi.linked.yaml").symlink_to("/etc/passwd")
    repository.write({"stacks/Pulumi.huge.yaml": "# \n" + "#" * (4 * 1024 * 1024)})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},stacks/Pulumi.module.yaml")
    repository.git("add", "stacks/Pulumi.linked.yaml", "stacks/Pulumi.huge.yaml")
    repository.git("commit", "--quiet", "--message", "links")

    ran = repository.review("files", "--base", "main", "--head", "links", "--json", "report.json")

    assert (ran.returncode, ran.stderr) == (2, "")
    assert "stacks/Pulumi.linked.yaml: is a symbolic link, which is not followed here" in ran.stdout
    assert "stacks/Pulumi.module.yaml: is a submodule, which is not read here" in ran.stdout
    assert "stacks/Pulumi.huge.yaml: has more than 4,194,304 bytes" in ran.stdout
    assert stacks((repository.folder / "report.json").read_text()) == ["huge", "linked", "module"]


def test_more_yaml_than_anybody_writes_is_refused_before_it_is_read(repository: Repository) -> None:
    repository.branch("flood")
    repository.commit({f"stacks/flood/{n}.yaml": "#" * (4 * 1024 * 1024) for n in range(17)})

    ran = repository.review("files", "--base", "main", "--head", "flood")

    assert ran.returncode == 2
    assert "stacks/: holds more than 67,108,864 bytes of YAML" in ran.stdout


@pytest.mark.parametrize("revision", ["--upload-pack=touch x", "-h", "", "nowhere", "main..main", "main\n"])
def test_a_revision_is_no_option_and_must_be_there(repository: Repository, revision: str) -> None:
    ran = repository.review("files", f"--base={revision}", "--head", "main")

    assert ran.returncode == 2
    assert ran.stderr.startswith("error: ")
    assert "is not a revision" in ran.stderr
    assert ("fetch it first" in ran.stderr) == (revision in ("nowhere", "main..main"))


def test_a_new_stack_can_not_bring_its_own_settings_without_approval(repository: Repository) -> None:
    repository.branch("new")
    repository.commit({"stacks/Pulumi.copy.yaml": prod()[FILE]})

    ran = repository.review("files", "--base", "main", "--head", "new")

    assert ran.returncode == 2
    assert "`psaas:escrow` can lead secrets elsewhere. It changes from nothing to" in ran.stdout
    assert "customer-1: stack prod of the same appliance declares it too" in ran.stdout


def test_a_stack_file_that_is_removed_leaves_its_tenants_to_nobody(repository: Repository) -> None:
    repository.branch("removed")
    repository.commit(remove=(FILE,))

    ran = repository.review("files", "--base", "main", "--head", "removed")

    assert ran.returncode == 2
    assert f"{FILE}: is removed, so no update of that stack runs any more; let its 2 tenants go first" in ran.stdout


def test_a_stack_that_is_renamed_is_one_removed_and_one_new(repository: Repository) -> None:
    repository.branch("renamed")
    repository.commit({"stacks/Pulumi.production.yaml": prod()[FILE]}, remove=(FILE,))

    ran = repository.review("files", "--base", "main", "--head", "renamed", "--json", "report.json")

    assert ran.returncode == 2
    assert stacks((repository.folder / "report.json").read_text()) == ["prod", "production"]


def test_other_files_alone_are_for_a_person_and_no_change_is_for_nobody(repository: Repository) -> None:
    repository.branch("code")
    repository.commit({"README.md": "another project\n"})

    other = repository.review("files", "--base", "main", "--head", "code")
    nothing = repository.review("files", "--base", "main", "--head", "main", "--json", "report.json")

    assert (other.returncode, nothing.returncode) == (1, 0)
    assert "no stack file changes" in other.stdout
    assert "- `README.md`" in other.stdout
    assert "Nothing changes" in nothing.stdout
    assert stacks((repository.folder / "report.json").read_text()) == []


def test_the_rules_are_those_of_the_tree_that_reviews_and_a_change_of_them_is_guarded(repository: Repository) -> None:
    rules = {"owners-domains": {"allowed": ["example.com"]}, "settings-change": {"approvers": ["octo-lead"]}}
    repository.commit({"stacks/policy.json": json.dumps(rules)})
    repository.branch("relaxed")
    repository.commit({"stacks/policy.json": "{}", **prod(more=entry("new-shop", "me@example.net"))})
    repository.git("checkout", "--quiet", "main")

    ran = repository.review("files", "--base", "main", "--head", "relaxed")
    approved = repository.review("files", "--base", "main", "--head", "relaxed", "--approved-by", "octo-lead, x")
    wrongly = repository.review("files", "--base", "main", "--head", "relaxed", "--approved-by", "x")

    assert [r.returncode for r in (ran, approved, wrongly)] == [2, 2, 2]
    assert "`owners-domains`" in ran.stdout
    assert "`stacks/policy.json` can lead secrets elsewhere" in ran.stdout
    assert "`stacks/policy.json` can lead secrets elsewhere" in wrongly.stdout
    assert "approved by `octo-lead`" in approved.stdout
    assert "- 1 setting changed" in approved.stdout


def test_with_an_inventory_the_state_is_what_a_change_begins_at(repository: Repository, tmp_path: Path) -> None:
    folder = tmp_path / "inventories"
    folder.mkdir()
    tenant = {"name": "customer-1", "owners": ["ops@example.com"], "appliedOwners": ["ops@example.com"],
              "labels": {"team": "billing"}, "tenantDomain": "example.com", "domain": "customer-1.example.com",
              "ready": True}  # fmt: skip
    document = {"version": 1, "stack": "prod", "rta": "rta.example.com", "commit": "4" * 40, "tenants": [tenant],
                "secondsPerTenant": 0.25}  # fmt: skip
    (folder / "prod.json").write_text(json.dumps(document))
    repository.branch("addition")
    repository.commit(prod(more=entry("new-shop")))

    ran = repository.review("files", "--base", "main", "--head", "addition", "--inventory", str(folder))

    assert "Made without the state" not in ran.stdout
    assert "+2 tenants" in ran.stdout  # customer-2 was merged, and never deployed
    assert "at 0.25 s a tenant, as earlier deploys have measured" in ran.stdout
    assert "Deployed `444444444444`" in ran.stdout


def test_an_inventory_that_is_damaged_is_told_and_not_used(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text("{")
    repository.branch("addition")
    repository.commit(prod(more=entry("new-shop")))

    ran = repository.review("files", "--base", "main", "--head", "addition", "--inventory", str(tmp_path))

    assert ran.returncode == 0
    assert "the report is made without it" in ran.stdout
    assert "Made without the state" in ran.stdout


def test_a_key_without_a_namespace_is_guarded_like_any_other(repository: Repository) -> None:
    without = prod()[FILE].replace("  psaas:escrow: s3://example-escrow/psaas\n", "")
    repository.commit({FILE: without})
    repository.branch("bare")
    repository.commit({FILE: without.replace("config:\n", "config:\n  escrow: s3://elsewhere/psaas\n")})

    ran = repository.review("files", "--base", "main", "--head", "bare")

    assert ran.returncode == 2
    assert "`psaas:escrow` can lead secrets elsewhere" in ran.stdout


def test_a_change_of_an_included_file_is_a_change_of_its_stack(repository: Repository) -> None:
    listing = {"stacks/tenants/billing.yaml": "tenants:\n" + entry("first-shop")}
    repository.commit(
        {**prod(("  psaas:tenants:", '  psaas:tenantFiles: ["tenants/*.yaml"]\n  psaas:tenants:')), **listing}
    )
    repository.branch("billing")
    repository.commit({"stacks/tenants/billing.yaml": listing["stacks/tenants/billing.yaml"] + entry("second-shop")})

    ran = repository.review("files", "--base", "main", "--head", "billing")

    assert ran.returncode == 0
    assert "`stacks/tenants/billing.yaml:4`" in ran.stdout
    assert "Other files" not in ran.stdout


def test_a_takeover_in_a_file_of_existing_tenants_needs_a_person(repository: Repository) -> None:
    file = "stacks/existing/prod.yaml"
    names = ("  psaas:tenants:", "  psaas:existingTenantFiles: [existing/prod.yaml]\n  psaas:tenants:")
    first = "tenants:\n  - name: old-shop\n    adopt: true\n"
    repository.commit({**prod(names), file: first})
    repository.branch("more")
    repository.commit({file: first + "  - name: older-shop\n    adopt: inventory\n"})

    ran = repository.review("files", "--base", "main", "--head", "more")

    assert ran.returncode == 1
    assert "`older-shop`" in ran.stdout
    assert f"`{file}:4`" in ran.stdout
    assert "Other files" not in ran.stdout


def test_a_tenant_that_another_stack_has_can_not_be_taken_over_too(repository: Repository) -> None:
    other = prod()[FILE].replace("tenants:\n", "tenants:\n    - name: old-shop\n      adopt: inventory\n", 1)
    repository.commit({**prod(), "stacks/Pulumi.other.yaml": other.partition("  psaas:retired")[0]})
    repository.branch("twice")
    repository.commit(prod(more="    - name: old-shop\n      adopt: true\n"))

    ran = repository.review("files", "--base", "main", "--head", "twice", "--stack", "prod")

    assert ran.returncode == 2
    assert "stack other of the same appliance declares it too" in ran.stdout


def test_secrets_are_never_shown(repository: Repository) -> None:
    repository.branch("secret")
    more = "  psaas:clientSecret: hunter2-hunter2\n  psaas:clientSecrt: hunter3-hunter3\n"
    repository.commit(prod(more=more))

    ran = repository.review(
        "files", "--base", "main", "--head", "secret", "--json", "report.json", "--html", "report.html"
    )

    assert ran.returncode == 2
    for text in (ran.stdout, *((repository.folder / f"report.{kind}").read_text() for kind in ("json", "html"))):
        assert "hunter" not in text
        assert "psaas:clientSecret" in text
