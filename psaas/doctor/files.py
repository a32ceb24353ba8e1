"""Checks of what stands in files and variables: the stack file, the settings, where secrets come from."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

from psaas_resources import rules, settings, stack_files
from psaas_resources.errors import ConfigError, PsaasError

from .finding import Fact, Finding, bad, doubtful, good
from .subject import Subject

SECONDS = 60.0


def stack_file(subject: Subject) -> Finding:
    """Whether the stack file and what it includes are in order, as `psaas validate` sees it."""
    name, file = "stack-file", stack_files.path_of(subject.stack)
    try:
        if subject.stack not in (there := stack_files.stacks_on_disk(subject.root)):
            mend = "name one of them; run it in the project's folder, the one that holds stacks/"
            missing = bad(name, stack_files.unknown(subject.stack, there), mend, found=False)
            return replace(missing, ends=True)  # nothing else would be about anything
        files = stack_files.from_disk(subject.root)
        opened = stack_files.opened(subject.stack, files)
        subject.values, subject.encrypted = dict(opened.values), opened.secret_keys
        subject.fleet = stack_files.read(subject.stack, files)
    except ConfigError as error:
        return bad(name, _first(error), "`psaas validate` tells every mistake", mistakes=len(error.problems))
    count = len(subject.fleet.tenants)
    return good(name, f"{file}: {count} tenant{'' if count == 1 else 's'}, fine", tenants=count)


def appliance_settings(subject: Subject) -> Finding:
    """Whether everything is told that says how to reach the appliance; encrypted values are opened by the engine."""
    name = "settings"
    _open_encrypted(subject)
    try:
        found = settings.read(subject.values.get, subject.environment)
    except ConfigError as error:
        mend = "mend it in the stack file or the variable that is named"
        return bad(name, _first(error), mend, mistakes=len(error.problems))
    if not found.rta:
        return bad(name, "psaas:domain is missing", "name the RTA's host in the stack file, psaas:domain: rta.…")
    subject.known_settings = found
    facts: dict[str, Fact] = {
        "local": rules.is_local(found.rta), "ca_bundle": bool(found.ca_bundle), "connect_to": bool(found.connect_to),
        "liveness": found.liveness, "check_owners": found.check_owners,
        "max_concurrent_creates": found.max_concurrent_creates, "ready_within_hours": int(found.ready_within_hours),
    }  # fmt: skip
    return good(name, f"{found.rta}, tenants below {found.tenant_domain}", **facts)


def secrets(subject: Subject) -> Finding:
    """Whether the credentials are here that an update of this stack needs."""
    name, found, fleet = "secrets", subject.settings, subject.fleet
    admin_needed = bool(fleet and (fleet.manage_grant or fleet.manage_application))
    own_needed = not (fleet and fleet.manage_application)
    facts: dict[str, Fact] = {
        "provisioning": bool(found.provisioning), "admin": bool(found.admin), "admin_needed": admin_needed,
        "private_key": bool(found.provisioning and found.provisioning.private_key),
    }  # fmt: skip
    missing = [
        words for words, there, needed in (
            ("the provisioning application's (PSAAS_CLIENT_SECRET)", found.provisioning, own_needed),
            ("the admin application's (PSAAS_ADMIN_CLIENT_SECRET; not needed with psaas:manageGrant: false)",
             found.admin, admin_needed),
        ) if needed and not there
    ]  # fmt: skip
    if missing:
        why = f"; {subject.opening_problem}" if subject.opening_problem else ""
        mend = "give it as a variable, as a file (…_FILE), or by `pulumi config set --secret`"
        return bad(name, f"not here: {' and '.join(missing)}{why}", mend, **facts)
    if subject.opening_problem:
        mend = "an update opens them with the same engine and passphrase; see the checks of those"
        return doubtful(name, f"what an update needs is here; {subject.opening_problem}", mend, **facts)
    return good(name, "every credential that an update needs is here", **facts)


def _open_encrypted(subject: Subject) -> None:
    """Values that `pulumi config set --secret` has put into the stack file, where no variable gives them."""
    wanted = [
        key for key in settings.SECRETS
        if key in subject.encrypted
        and not any(subject.environment.get(settings.variable(key) + end) for end in ("", "_FILE"))
    ]  # fmt: skip
    if not wanted:
        return
    command = ["pulumi", "config", "--json", "--show-secrets", "--non-interactive", "--stack", subject.stack]
    try:
        ran = subprocess.run(
            command, cwd=subject.root, env=dict(subject.environment), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
        values = json.loads(ran.stdout) if ran.returncode == 0 else {}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        values = {}
    for key in wanted:
        entry = values.get(f"psaas:{key}") or {}
        if (value := entry.get("objectValue", entry.get("value"))) is not None:
            subject.values[key] = value
        else:
            subject.opening_problem = "the encrypted values of the stack file could not be opened here"


def _first(error: PsaasError) -> str:
    problems = error.problems if isinstance(error, ConfigError) else (str(error),)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}"
