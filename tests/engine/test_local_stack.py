"""What a new user types: `make up` and its neighbours, in a clone of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command.operator_shell import in_a_terminal
from tests.engine.stack import ROOT

CLONED = ("Makefile", "Pulumi.yaml", "__main__.py", "pyproject.toml", "requirements.txt", "requirements-appliance.txt",
          "requirements-dev.txt", "appliance", "engine", "local", "policy", "psaas", "psaas_resources", "review",
          "stacks")  # fmt: skip


class Clone:
    """A copy of the project that shares only the virtual environment."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "PSAAS_", "MAKE"))}
        self.environment |= {
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
            "HOME": str(home),
            # Of a user who works with Pulumi otherwise: none of it may count, or be touched.
            "PULUMI_BACKEND_URL": "https://pulumi.invalid",
            "PULUMI_ACCESS_TOKEN": "canary-users-own-token",
            "PULUMI_CONFIG_PASSPHRASE": "canary-users-own-passphrase",
            "PSAAS_CLIENT_SECRET": "canary-of-a-real-appliance",
        }

    def make(self, *targets: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *targets], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip

    def up(self) -> None:
        ran = self.make("up")
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-euc", script], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip


@pytest.fixture
def clone(tmp_path: Path, engine_bin: Path) -> Iterator[Clone]:
    yield from cloned(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, engine_bin: Path) -> Iterator[Clone]:
    """A clone after its first `make up`, for tests that leave its tenants as they are."""
    for made in cloned(tmp_path_factory.mktemp("shared")):
        made.up()
        yield made


def cloned(place: Path) -> Iterator[Clone]:
    folder, home = place / "clone", place / "home"
    folder.mkdir()
    home.mkdir()
    for name in CLONED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    made = Clone(folder, home)
    yield made
    made.make("down")


def test_make_up_ends_with_five_ready_tenants_and_one_after_make_down_changes_nothing(clone: Clone) -> None:
    stack_file = (clone.folder / "stacks" / "Pulumi.local.yaml").read_bytes()

    first = clone.make("up")

    assert first.returncode == 0, first.stdout + first.stderr
    table = [line for line in first.stdout.splitlines() if line.startswith("customer-") and line.endswith("  yes")]
    assert len(table) == 5
    assert "+ 7 created" in first.stdout
    assert "make down" in first.stdout
    assert "is stopped" in clone.make("down").stderr
    assert "was not running" in clone.make("down").stderr
    second = clone.make("up")
    assert "7 unchanged" in second.stdout, second.stdout + second.stderr
    assert (clone.folder / "stacks" / "Pulumi.local.yaml").read_bytes() == stack_file
    home = Path(clone.environment["HOME"])
    assert not [name for name in (".pulumi", ".psaas", ".local") if (home / name).exists()]

    # `make clean` forgets everything.
    assert clone.make("clean").returncode == 0
    assert not (clone.folder / ".psaas").exists()


def test_a_tenant_added_by_hand_is_previewed_made_and_kept_when_its_line_goes(clone: Clone) -> None:
    clone.up()
    file = clone.folder / "stacks" / "Pulumi.local.yaml"
    before = file.read_text()
    head, tail = before.split("# The state of this stack")
    entry = "    - name: customer-6\n      owners: [me@email.com]\n"
    file.write_text(f"{head}{entry}# The state of this stack{tail}")

    assert "+ 1 to create" in clone.make("preview").stdout
    assert "+ 1 created" in clone.make("up").stdout
    file.write_text(before)
    stopped = clone.make("preview")

    assert stopped.returncode != 0
    assert "customer-6" in stopped.stdout
    assert "protected" in stopped.stdout + stopped.stderr
    assert (
        "customer-6 left the list while `deletion` is refuse. To let go of a tenant, move its name to" in stopped.stderr
    )


def test_by_hand_pulumi_uses_the_same_state_and_shows_no_secret(shared: Clone) -> None:
    by_hand = shared.shell('eval "$(make -s env)"; pulumi stack select local && pulumi preview --expect-no-changes')
    printed = shared.make("-s", "env")

    assert by_hand.returncode == 0, by_hand.stdout + by_hand.stderr
    assert "7 unchanged" in by_hand.stdout
    secret = (shared.folder / ".psaas" / "client-secret").read_text().strip()
    assert len(secret) > 20
    assert secret not in printed.stdout + printed.stderr
    assert (shared.folder / ".psaas" / "client-secret").stat().st_mode & 0o077 == 0


def test_a_sink_of_the_shell_counts_on_the_local_stack_and_what_is_of_another_appliance_is_named(clone: Clone) -> None:
    file, kept = clone.folder / "stacks" / "Pulumi.local.yaml", clone.folder / "kept"
    head, tail = file.read_text().split("  psaas:tenants:")
    sink = "  psaas:sink: {kind: command, path: '{tenant}'}\n  psaas:managementClient: {scopes: [read:clients]}\n"
    file.write_text(f"{head}{sink}  psaas:tenants:{tail}")
    clone.environment |= {"PSAAS_SINK_COMMAND": f"tee -a {kept}", "PSAAS_CLIENT_KEY_FILE": "/nowhere"}

    ran = clone.make("up")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"tenant": "customer-1"' in kept.read_text()
    said = "environment: not used on the local stack: PSAAS_CLIENT_KEY_FILE, PSAAS_CLIENT_SECRET\n"
    assert ran.stderr.count(said) == 1
    assert "canary" not in ran.stdout + ran.stderr


def test_a_shell_after_make_env_has_no_setting_of_another_appliance_left(shared: Clone) -> None:
    counts = {"PSAAS_SINK_COMMAND": "keep", "PSAAS_ALLOW_DELETE": "customer-1", "PSAAS_CREDENTIALS_FILE": "/nowhere"}
    theirs = {f"PSAAS_{name}": "theirs" for name in (
        "CLIENT_KEY", "CLIENT_KEY_FILE", "APPLICATION_PRIVATE_KEY", "ESCROW", "ESCROW_KEY_FILE", "ESCROW_COMMAND",
        "EXPECTED_RTA", "ADMIN_CLIENT_SECRET", "CONNECT_TO", "CA_BUNDLE",
    )}  # fmt: skip
    sets = "\n".join(f"export {name}={value}" for name, value in (counts | theirs).items())

    left = shared.shell(f'{sets}\neval "$(make -s env)"; env | grep ^PSAAS_').stdout
    again = shared.shell('eval "$(make -s env)"; make -s env >/dev/null').stderr

    names = {line.partition("=")[0] for line in left.splitlines()}
    assert names == {
        *counts, "PSAAS_CONNECT_TO", "PSAAS_CA_BUNDLE", "PSAAS_CLIENT_SECRET_FILE", "PSAAS_ADMIN_CLIENT_SECRET_FILE",
        "PSAAS_ESCROW_DIR", "PSAAS_ESCROW_DURABLE",
    }  # fmt: skip
    assert "theirs" not in left
    assert again.count("not used on the local stack") == 1, "what `make env` has set is the local stack's own"


@pytest.mark.long
def test_ctrl_c_ends_make_up_gently_and_the_next_one_goes_on(clone: Clone) -> None:
    clone.up()
    file = clone.folder / "stacks" / "Pulumi.local.yaml"
    head, tail = file.read_text().split("# The state of this stack")
    entries = "".join(f"    - name: more-{n}\n      owners: [me@email.com]\n" for n in range(1, 21))
    file.write_text(f"{head}{entries}# The state of this stack{tail}")
    running = subprocess.Popen(
        ["make", "up"], cwd=clone.folder, env=clone.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    said = ""
    assert running.stdout
    for line in running.stdout:
        said += line
        if "more-" in line and "created" in line:
            os.killpg(running.pid, signal.SIGINT)
            break
    said += running.stdout.read()
    assert running.wait(60) != 0, said

    after = clone.make("up")

    assert after.returncode == 0, said + after.stdout + after.stderr
    assert "locked" not in after.stdout + after.stderr
    assert len([line for line in after.stdout.splitlines() if line.startswith("more-") and line.endswith("yes")]) == 20


def test_a_lock_that_a_dead_run_has_left_is_lifted_and_a_living_one_is_named(shared: Clone) -> None:
    locks = shared.folder / ".psaas" / "state" / ".pulumi" / "locks" / "organization" / "psaas" / "local"
    locks.mkdir(parents=True, exist_ok=True)
    lock = {"username": "me", "hostname": "here", "timestamp": "2026-01-01T00:00:00Z"}
    (locks / "a.json").write_text(json.dumps(lock | {"pid": os.getpid()}))

    assert f"is running (process {os.getpid()})" in shared.make("up").stderr
    (locks / "a.json").write_text(json.dumps(lock | {"pid": 2**22 - 1}))

    assert "7 unchanged" in shared.make("up").stdout
    assert not list(locks.glob("*.json"))


def test_make_alone_prints_every_target_with_a_line_each(shared: Clone) -> None:
    printed = shared.make().stdout

    for target in ("up", "preview", "refresh", "escrow", "env", "down", "clean", "engine", "test", "venv"):
        assert f"  make {target} " in printed


def test_make_review_judges_the_local_stack_with_nothing_to_set_up(clone: Clone) -> None:
    fresh = clone.make("review")
    assert "+5 tenants" in fresh.stdout, fresh.stdout + fresh.stderr
    assert "canary" not in fresh.stdout + fresh.stderr


def test_make_review_and_make_drift_find_nothing_after_make_up(shared: Clone) -> None:
    review, drift = shared.make("review"), shared.make("drift")

    assert review.returncode == drift.returncode == 0, review.stdout + review.stderr + drift.stdout + drift.stderr
    assert "+0 tenants" in review.stdout
    assert "canary" not in review.stdout + review.stderr + drift.stdout + drift.stderr


@pytest.mark.long
def test_on_a_terminal_make_review_and_make_drift_lay_the_report_out_for_reading(shared: Clone) -> None:
    for target in ("review", "drift"):
        shown = in_a_terminal(["make", target], shared.folder, shared.environment)
        assert shown.status == 0, shown.out
        assert "psaas review" in shown.out
        assert "<!--" not in shown.out
        assert "####" not in shown.out

    unknown = in_a_terminal(["make", "drift"], shared.folder, shared.environment | {"STACK": "nope"})
    assert "Pulumi.nope.yaml" in unknown.out
    assert "Traceback" not in unknown.out
