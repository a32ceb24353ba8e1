"""What Pulumi's dynamic providers need from all our kinds. Knows the SDK's provider process; no API, no rules.

The engine starts one provider process per operation (two for a refresh) and calls `configure` once per provider
in it. Nothing is kept in the constructor, since that would be stored in the state.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, DiffResult, ResourceProvider
from pulumi.output import Unknown
from pulumi.runtime import rpc

from . import settings as settings_module
from . import worker_pool
from .errors import ConfigError, PsaasError
from .settings import Settings

Props = dict[str, Any]


class Provider(ResourceProvider):
    """A provider that knows the appliance's settings once it is configured.

    A mistake in the settings is remembered and raised by the first call that needs them, since previews must
    work on machines that hold no credentials.
    """

    serialize_as_secret_always = False

    _settings: Settings | ConfigError

    def configure(self, req: ConfigureRequest) -> None:
        messages_without_traceback()
        log_to_engine()
        worker_pool.widen()
        try:
            self._settings = settings_module.read(lambda key: req.config.get(f"psaas:{key}"))
        except ConfigError as error:
            self._settings = error

    def settings(self, props: Mapping[str, Any]) -> Settings:
        """The settings, for a resource on the appliance that `props` names. Raises ConfigError."""
        if isinstance(self._settings, ConfigError):
            raise self._settings
        if props["rta"] != self._settings.rta:
            raise ConfigError(
                f"this resource belongs to {props['rta']}, and psaas:domain is {self._settings.rta or 'not set'}; "
                "one stack is one appliance"
            )
        return self._settings

    def settings_or_none(self) -> Settings | None:
        """The settings where they are in order, for looks that need no appliance."""
        return None if isinstance(self._settings, ConfigError) else self._settings

    def ready_within_hours(self) -> float:
        """For how long updates look again at what isn't ready."""
        settings = self.settings_or_none()
        return settings.ready_within_hours if settings else 24.0


def listed(given: Sequence[Any]) -> Any:
    """A sequence as a list. A text, in Python a sequence of letters, stays one, so that the check can say so."""
    return given if isinstance(given, str) else list(given)


def known(props: Mapping[str, Any]) -> Props:
    """The properties whose values are known: in a preview some may depend on things that don't exist yet."""
    return {key: value for key, value in props.items() if key != "__provider" and not _has_unknown(value)}


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_unknown, value))
    return isinstance(value, Unknown) or bool(value == rpc.UNKNOWN)


def checked(inputs: Props, problems: Mapping[str, str]) -> CheckResult:
    """A check's result; `problems` says for a property what is wrong with it. Never name a secret property."""
    sendable = {key: rpc.UNKNOWN if isinstance(value, Unknown) else value for key, value in inputs.items()}
    return CheckResult(sendable, [CheckFailure(name, reason) for name, reason in problems.items()])


def differs(changed: Sequence[str], immutable: Collection[str]) -> DiffResult:
    """A diff's result; `changed` are the properties that make an update, or another resource if `immutable`."""
    return DiffResult(changes=bool(changed), replaces=[name for name in changed if name in immutable])


def warn(message: str) -> None:
    """A warning in the engine's own output. It carries no URN from here, so messages name their tenant."""
    pulumi.log.warn(message)


def log_to_engine() -> None:
    """What our modules log is a message of the engine."""
    log = logging.getLogger("psaas")
    if not log.handlers:
        log.addHandler(_ToEngine())
        log.setLevel(logging.INFO)
        log.propagate = False


class _ToEngine(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            warn(record.getMessage())
        else:
            pulumi.log.info(record.getMessage())


def messages_without_traceback() -> None:
    """Show people our messages alone, and a traceback for what is a defect of ours.

    The SDK's provider process turns every exception into its whole traceback (`_abort_with_traceback` in
    `pulumi/dynamic/__main__.py`). There is no hook for it, so its `traceback` is replaced by one that knows our
    errors. Where the SDK looks different, nothing is changed, and people get traceback and message.
    """
    process = sys.modules.get("__main__")
    if process is None or not hasattr(process, "_abort_with_traceback"):
        return
    if getattr(process, "traceback", None) is traceback:
        process.traceback = SimpleNamespace(format_exc=_message)  # type: ignore[attr-defined]


def _message() -> str:
    error = sys.exc_info()[1]
    return str(error) if isinstance(error, PsaasError) else traceback.format_exc()
