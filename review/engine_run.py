"""Runs the engine's previews of a stack and keeps their events. Knows the Automation API; knows no tenants.

Nothing is selected, created or written: the stack must exist, the engine gets a copy of the stack file, since it may
write into that, and the state is exported without secrets. Backend, passphrase and settings are the environment's.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation.events import EngineEvent

from psaas_resources import stack_files

from . import words


class EngineError(Exception):
    """The engine could not look at the stack; the message is one line for a person."""


@dataclass(frozen=True)
class Engine:
    """The engine on one stack of the project at `root`. `environment` adds to this process's own."""

    root: Path
    stack: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def stack_file(self) -> Path:
        return self.root / "stacks" / f"Pulumi.{self.stack}.yaml"

    def must_be_declared(self) -> None:
        """Raises EngineError where the stack has no file."""
        if not self.stack_file.is_file():
            raise EngineError(stack_files.unknown(self.stack, stack_files.stacks_on_disk(self.root)))

    def export(self) -> dict[str, Any]:
        """The state, its secrets encrypted. Raises EngineError."""
        said: list[str] = []
        workspace = self._workspace()
        arguments = ["stack", "export", "--stack", self.stack]
        with self._explained(said):
            result = workspace.pulumi_command.run(arguments, str(self.root), workspace.env_vars, on_error=said.append)
        return words.state(result.stdout)

    def preview(self, *, policy_pack: Path | None = None, policy_config: Path | None = None) -> tuple[EngineEvent, ...]:
        """The events of a preview, also of one that ends with an error. Raises EngineError if there is none."""
        packs = [str(policy_pack.absolute())] if policy_pack else None
        configs = [str(policy_config.absolute())] if policy_pack and policy_config else None
        return self._events(
            lambda stack, **rest: stack.preview(policy_packs=packs, policy_pack_configs=configs, **rest)
        )

    def refresh(self) -> tuple[EngineEvent, ...]:
        """The events of a look at the appliance with today's settings. Raises EngineError if it isn't one."""
        return self._events(lambda stack, **rest: stack.preview_refresh(run_program=True, **rest))

    def _events(self, run: Callable[..., Any]) -> tuple[EngineEvent, ...]:
        events: list[EngineEvent] = []
        said: list[str] = []
        self.must_be_declared()
        with (
            tempfile.TemporaryDirectory(prefix="psaas-review-") as folder,
            warnings.catch_warnings(record=True) as lost,
        ):
            warnings.simplefilter("always")  # the SDK drops an event that it can't read, with a warning
            copy = Path(folder) / self.stack_file.name
            shutil.copy(self.stack_file, copy)
            try:
                with self._explained(said):
                    stack = automation.Stack.select(self.stack, self._workspace())
                    run(
                        stack, on_event=events.append, on_error=said.append, color="never", suppress_outputs=True,
                        suppress_progress=True, config_file=str(copy),
                    )  # fmt: skip
            except EngineError:
                if not any(event.summary_event for event in events):
                    raise
        if any("engine event" in str(warning.message) or "event stream" in str(warning.message) for warning in lost):
            raise EngineError(
                "the engine told something that this version of the Python SDK can't read; make them equal"
            )
        return tuple(sorted(events, key=lambda event: event.sequence))

    def _workspace(self) -> _Workspace:
        given = dict(self.environment)
        folder = _bin_folder(given.get("PATH"))
        root = str(folder.parent) if folder.name == "bin" else None
        return _Workspace(
            work_dir=str(self.root),
            env_vars=given | {"PULUMI_SKIP_UPDATE_CHECK": "true", "PYTHONDONTWRITEBYTECODE": "1"},
            pulumi_command=automation.PulumiCommand(root=root),
        )

    @contextmanager
    def _explained(self, said: list[str]) -> Iterator[None]:
        """Whatever the SDK raises becomes a line of what the engine said."""
        try:
            yield
        except automation.StackNotFoundError:
            raise EngineError(
                f"the state has no stack {self.stack}; the first deploy makes it (`pulumi stack init {self.stack}`)"
            ) from None
        except automation.ConcurrentUpdateError:
            raise EngineError(
                f"the stack {self.stack} is locked: an update of it is running, or one died; look again when it has "
                "ended"
            ) from None
        except automation.InvalidVersionError as error:
            raise EngineError(words.one_line(str(error))) from None
        except (automation.CommandError, OSError, RuntimeError) as error:
            raise EngineError(_reason(said or str(error).splitlines())) from None


def _bin_folder(path: str | None) -> Path:
    """Where `pulumi` lies: on the PATH given, or else on this process's own."""
    command = shutil.which("pulumi", path=path)
    if command is None:
        raise EngineError("there is no `pulumi` command here; put the folder on PATH that `make engine` prints")
    return Path(command).parent


class _Workspace(automation.LocalWorkspace):
    """A project folder in which nothing is selected: that would change what a person's own `pulumi` works on."""

    def select_stack(self, stack_name: str) -> None:
        """Nothing: every command names its stack, and fails for one that isn't there."""


def _reason(said: list[str]) -> str:
    """The engine's own words for why nothing could be looked at."""
    errors = [line for line in said if re.match(r"\s*(stderr:\s*)?error:", line)] or said
    text = words.one_line(re.sub(r"^\s*(stderr:\s*)?error:\s*", "", errors[0]) if errors else "")
    if "passphrase" in text:
        what = "the passphrase is not that of this stack" if "incorrect" in text else "its passphrase is missing"
        return f"the state can't be opened: {what}; set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
    return f"the engine could not look at the stack: {text or 'it ended without a word'}"
