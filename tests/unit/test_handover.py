"""What is handed over of a tenant, in which form, and where to."""

from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from psaas_resources import __main__ as command_line
from psaas_resources.errors import ConfigError
from psaas_resources.handed_over import HandedOver
from psaas_resources.handover import FORMATS, Request, exports, hand_over, places, tenants

# With everything that a shell, a template or a YAML reader might take for its own.
SECRET = 'a$b`c"d\\e #{f} %s !g: - *h'
TENANT = HandedOver("customer-1", "customer-1.appliance.test", "client-1", SECRET)
VARIABLES = {
    "AUTH0_DOMAIN": "customer-1.appliance.test", "AUTH0_CLIENT_ID": "client-1", "AUTH0_CLIENT_SECRET": SECRET,
    "AUTH0_AUDIENCE": "https://customer-1.appliance.test/api/v2/",
}  # fmt: skip
MARK = "4dabf18193072939515e22adb298388d"


def written(form: str, tenant: HandedOver = TENANT) -> str:
    return FORMATS[form].text(tenant)


def resource(name: str, **outputs: Any) -> dict[str, Any]:
    secret = {MARK: "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(f"secret of {name}")}
    known = {"name": name, "domain": f"{name}.test", "client_id": f"client of {name}", "client_secret": secret}
    return {"type": "pulumi-python:dynamic/psaas:Tenant", "outputs": known | outputs}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    other = {"type": "pulumi-python:dynamic/psaas:ClientGrant", "outputs": {"client_id": "c"}}
    return {"version": 3, "deployment": {"resources": [other, *resources]}}


@pytest.mark.parametrize("form", ["env", "terraform"])
def test_a_shell_reads_back_exactly_what_was_handed_over(form: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(written(form))
    show = ". ./file && env -0"
    ran = subprocess.run(
        ["sh", "-c", show], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, check=True
    )
    read = dict(line.split("=", 1) for line in ran.stdout.decode().split("\0") if line.startswith("AUTH0_"))
    assert read == VARIABLES


def test_json_for_programs_deploy_cli_and_vault_are_those_of_their_readers() -> None:
    assert json.loads(written("json")) == {
        "tenant": "customer-1", "domain": "customer-1.appliance.test", "clientId": "client-1", "clientSecret": SECRET,
        "audience": "https://customer-1.appliance.test/api/v2/",
    }  # fmt: skip
    named = {name: VARIABLES[name] for name in ("AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET")}
    assert json.loads(written("deploy-cli")) == named | {"AUTH0_ALLOW_DELETE": False}
    assert json.loads(written("vault")) == {"data": VARIABLES}


def test_a_kubernetes_secret_carries_the_variables_under_a_name_that_the_cluster_takes() -> None:
    manifest = yaml.safe_load(written("kubernetes"))
    assert (manifest["apiVersion"], manifest["kind"], manifest["type"]) == ("v1", "Secret", "Opaque")
    assert manifest["metadata"]["name"] == "auth0-customer-1"
    assert manifest["metadata"]["labels"] == {
        "app.kubernetes.io/managed-by": "psaas-tenants", "psaas-tenants/tenant": "customer-1",
    }  # fmt: skip
    assert manifest["stringData"] == VARIABLES
    old = HandedOver("customer_1", "customer_1.appliance.test", "c", "s")
    assert yaml.safe_load(written("kubernetes", old))["metadata"]["name"] == "auth0-customer-1"


def test_a_dotenv_file_holds_what_it_can_and_refuses_what_its_readers_would_change() -> None:
    assert f"AUTH0_CLIENT_SECRET='{SECRET}'\n" in written("dotenv")
    with pytest.raises(ConfigError, match="use json"):
        written("dotenv", HandedOver("customer-1", "d", "c", "it's"))


def test_a_tenant_that_can_not_be_handed_over_is_told_with_the_way_out() -> None:
    inventory = resource("customer-2", client_id="", client_secret=None)
    gone = resource("customer-3", retired="forget")
    found = tenants.of_state(state(resource("customer-1"), inventory, gone), stack="prod")

    assert list(found.ready) == ["customer-1"]
    assert found.one("customer-1").client_secret == "secret of customer-1"
    for name, words in (
        ("customer-2", "adopt: true"), ("customer-11", 'did you mean "customer-1"'),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=words):
            found.one(name)
    with pytest.raises(ConfigError, match=r"retired.*`psaas escrow recover customer-3 --stack prod --output FILE`"):
        found.one("customer-3")


def team(name: str, **outputs: Any) -> dict[str, Any]:
    made = resource("team", tenant=name, **outputs)
    return made | {"type": "pulumi-python:dynamic/psaas:ManagementClient"}


def test_where_a_team_has_an_application_of_its_own_that_one_is_handed_over() -> None:
    two = [resource(name) for name in ("customer-1", "customer-2")]
    given = state(*two, team("customer-1", client_id="team-1"))
    assert tenants.of_state(given).one("customer-1").client_id == "team-1"
    assert tenants.of_state(given).one("customer-2").client_id == "client of customer-2"
    assert tenants.of_state(given, root=True).one("customer-1").client_id == "client of customer-1"
    not_made = state(*two, team("customer-1", client_id="", client_secret=""), team("customer-2"), team("customer-2"))
    found = tenants.of_state(not_made)
    assert (list(found.ready), len(found.without)) == ([], 2)
    with pytest.raises(ConfigError, match="isn't made yet"):
        found.one("customer-1")
    with pytest.raises(ConfigError, match="several applications"):
        found.one("customer-2")


def test_a_state_whose_secrets_are_closed_hands_nothing_over() -> None:
    with pytest.raises(ConfigError, match="--show-secrets"):
        tenants.of_state(state(resource("customer-1", client_secret={MARK: "1b4…", "ciphertext": "v1:…"})))


def test_a_file_is_for_its_owner_alone_and_never_replaced_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "customer-1.env"
    places.file(path, "one", force=False)
    assert path.stat().st_mode & 0o777 == 0o600

    with pytest.raises(ConfigError, match="--force"):
        places.file(path, "two", force=False)
    assert path.read_text() == "one"
    path.chmod(0o644)
    places.file(path, "two", force=True)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("two", 0o600)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ConfigError, match="can't be written"):
        places.file(tmp_path / "none" / "file", "x", force=False)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="exists already"):
        places.file(link, "x", force=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_secret_goes_to_a_pipe_and_to_a_terminal_only_on_request() -> None:
    for out, to_terminal in ((io.StringIO(), False), (Terminal(), True)):
        places.pipe("secret", out, to_terminal=to_terminal)
        assert out.getvalue() == "secret"
    terminal = Terminal()
    with pytest.raises(ConfigError, match="--to-terminal"):
        hand_over(Request("prod", "env", "customer-1"), terminal)  # before the state is opened
    assert terminal.getvalue() == ""


def test_a_state_that_can_not_be_opened_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make engine"):
        exports.opened("prod", root=tmp_path, environment={"PATH": str(tmp_path)})
    pulumi = tmp_path / "pulumi"
    for said, words in (
        ("error: decrypting: incorrect passphrase, please set …", "PULUMI_CONFIG_PASSPHRASE"),
        ("error: no stack named 'prod' found", "pulumi stack ls"),
        ("warning: old\nerror: the bucket is not there", "the bucket is not there"),
        ("", "no reason"),
    ):
        pulumi.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit 255\n")
        pulumi.chmod(0o755)
        with pytest.raises(ConfigError, match=words):
            exports.opened("prod", root=tmp_path, environment={"PATH": f"{tmp_path}:/usr/bin:/bin"})


def test_the_command_line_offers_every_format_and_refuses_half_a_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert tuple(FORMATS) == command_line.FORMATS
    for arguments in ([], ["customer-1", "--all"], ["--all"]):
        assert command_line.main(["credentials", *arguments, "--stack", "prod", "--format", "env"]) == 64
    with pytest.raises(SystemExit, match="64"):
        command_line.main(["credentials", "customer-1", "--stack", "prod", "--format", "yaml"])
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("name one tenant, or say --all") == 2
    assert "--all --output FOLDER" in said.err


def test_every_format_is_described() -> None:
    page = (Path(__file__).parents[2] / "docs" / "handing-over.md").read_text(encoding="utf-8")
    assert [form for form in FORMATS if f"| `{form}` |" not in page] == []
