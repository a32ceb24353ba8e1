"""Importing the modules of ours opens nothing, reads nothing, connects to nothing and prints nothing.

Who may import what stands in pyproject.toml, where import-linter checks it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psaas_resources

ROOT = Path(__file__).parents[2]
MODULES = sorted(f"psaas_resources.{file.stem}" for file in (ROOT / "psaas_resources").glob("[a-z]*.py"))
MODULES += sorted(f"policy.{file.stem}" for file in (ROOT / "policy").glob("[a-z]*.py"))
# What others' modules do when they are imported is theirs; so those come first.
WATCHED = """
import importlib, json, os, sys
import certifi, pulumi, pulumi.dynamic, pulumi.runtime.config, pydantic, pydantic.alias_generators, requests, yaml
import google.protobuf.json_format, grpc, pulumi_policy, pulumi.runtime.proto.analyzer_pb2
seen = []
# The interpreter's own folders under all their names. What stands on its path may be a file, or not be there.
interpreter = tuple({path for prefix in (sys.prefix, sys.base_prefix) for path in (prefix, os.path.realpath(prefix))})
def hook(event, args):
    file = str(args[0]) if args else ""
    ours = not file.startswith(interpreter) and file not in sys.path
    if event == "open" and ours and not file.endswith((".py", ".pyc")):
        seen.append([event, file])
    if event.startswith(("socket.", "subprocess.", "os.mkdir", "os.remove", "os.rename", "os.system", "os.exec")):
        seen.append([event, ""])
sys.dont_write_bytecode = True
sys.addaudithook(hook)
for module in sys.argv[2:]:
    importlib.import_module(module)
report = list(seen)
open(sys.argv[1], "w").write(json.dumps(report))
"""


def test_importing_opens_no_file_and_no_connection_and_prints_nothing(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    process = subprocess.run(
        [sys.executable, "-c", WATCHED, str(report), *MODULES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert json.loads(report.read_text()) == []


def test_the_package_offers_its_kinds_of_resources() -> None:
    assert psaas_resources.__all__ == [
        "Appliance", "ClientGrant", "CredentialSink", "ManagementClient", "OwnerInvitations",
        "ProvisioningApplication", "Tenant", "TenantSettings",
    ]  # fmt: skip
    assert all(hasattr(psaas_resources, name) for name in psaas_resources.__all__)
