"""The engine's event log as one line for each write: who, from which commit, to which tenant, with which end.

Reads names, never outputs, so that no secret can get in. An action that began and has no end is an unknown outcome.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pipeline.job import Job

KINDS = {
    "dynamic/psaas:Tenant": "tenant",
    "dynamic/psaas:TenantSettings": "settings",
    "dynamic/psaas:OwnerInvitations": "invitations",
    "dynamic/psaas:ClientGrant": "grant",
    "dynamic/psaas:ProvisioningApplication": "application",
}
# The event log has no codes for errors. These are the resource's own words where a POST was sent and its answer lost.
UNKNOWN = ("can't be seen from here", "one-time credential did not reach us")
WRITES = ("create", "update", "delete", "replace", "create-replacement", "delete-replaced")
Result = Literal["done", "failed", "unknown"]


@dataclass
class _Write:
    kind: str
    name: str
    action: str
    appliance: str
    began: int
    ended: int = 0
    result: Result = "unknown"


def lines(log: str, *, stack: str, job: Job) -> Iterator[dict[str, str]]:
    """A line for each write, in the order in which they began."""
    writes: dict[str, _Write] = {}
    lost: set[str] = set()
    for event in _events(log.splitlines()):
        when = int(event.get("timestamp", 0))
        if begun := event.get("resourcePreEvent"):
            if (write := _write(begun["metadata"], when)) and not begun.get("planning"):
                writes[_key(begun["metadata"])] = write
        elif ended := event.get("resOutputsEvent"):
            _end(writes, ended["metadata"], when, "done")
        elif failed := event.get("resOpFailedEvent"):
            _end(writes, failed["metadata"], when, "failed")
        elif said := event.get("diagnosticEvent"):
            flat = " ".join(str(said.get("message", "")).split())
            if any(words in flat for words in UNKNOWN):
                lost.add(str(said.get("urn", "")))
    for key, write in writes.items():
        unknown = write.result == "failed" and key.partition(" ")[0] in lost
        yield {
            "time": datetime.fromtimestamp(write.ended or write.began, UTC).isoformat().replace("+00:00", "Z"),
            "actor": job.actor,
            "commit": job.commit,
            "run": job.run_url,
            "stack": stack,
            "appliance": write.appliance,
            write.kind: write.name,
            "action": write.action,
            "result": "unknown" if unknown else write.result,
        }


def text(log: str, *, stack: str, job: Job) -> str:
    """The lines as JSON, each with its end."""
    return "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines(log, stack=stack, job=job))


def _events(raw: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """Whole lines only: a run that was killed may have left half of one."""
    for line in raw:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _key(metadata: Mapping[str, Any]) -> str:
    return f"{metadata['urn']} {metadata['op']}"


def _write(metadata: Mapping[str, Any], when: int) -> _Write | None:
    kind = KINDS.get(str(metadata.get("type", "")).partition(":")[2], "")
    if not kind or metadata.get("op") not in WRITES:
        return None
    old, new = ((metadata.get(side) or {}).get("inputs") or {} for side in ("old", "new"))
    inputs = new or old
    name = str(inputs.get("name") or inputs.get("tenant") or metadata["urn"].rpartition("::")[2])
    return _Write(kind, name, _action(str(metadata["op"]), old, new), str(inputs.get("rta", "")), when)


def _action(operation: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """In the words of the stack file where it knows more than the engine."""
    if operation == "create" and new.get("adopt"):
        return "inventory" if new["adopt"] == "inventory" else "adopt"
    if operation in ("create", "update") and new.get("retired"):
        return str(new["retired"])
    if operation == "update" and new.get("rotate") and new["rotate"] != old.get("rotate"):
        return "rotate"
    if operation == "delete" and old.get("deletion") in ("forget", "delete"):
        return str(old["deletion"])
    if operation == "update" and "deletion" in new and old == new and not new.get("recreate"):
        return "look"  # whether a tenant has become ready; nothing is sent but a request for a token
    return operation


def _end(writes: dict[str, _Write], metadata: Mapping[str, Any], when: int, result: Result) -> None:
    write = writes.get(_key(metadata))
    if write is not None:
        write.ended, write.result = when, result
