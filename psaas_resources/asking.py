"""How a command asks a stack's appliance: as its stack file and the environment say. Nothing encrypted is opened here.

Only reads go this way, and a person waits: an appliance that can't be reached is told after a few seconds.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import mistakes, rules, settings, stack_files
from .errors import ConfigError
from .management import Management, transport_of
from .settings import Environment, Settings
from .stack_files import StackFile

PATIENCE_SECONDS = 2.0


def management(stack: str, files: Mapping[str, str], *, environment: Environment, otherwise: str) -> Management:
    """A client for the appliance of a stack.

    Raises ConfigError where nothing is here to ask with; `otherwise` is what a person can do where the stack itself has
    the credential, in its state alone.
    """
    opened = stack_files.opened(stack, files)
    read = settings.read(opened.values.get, environment)
    if read.provisioning is None:
        raise ConfigError(_missing(stack, opened, read, otherwise=otherwise))
    return Management(read, transport=transport_of(read, unreachable_seconds=PATIENCE_SECONDS))


def _missing(stack: str, opened: StackFile, read: Settings, *, otherwise: str) -> str:
    file = stack_files.path_of(stack)
    if mistakes.declares_the_application(opened.values):
        return (
            f"{file} declares the application itself (psaas:manageApplication), so its secret is in the stack's state "
            f"alone, and {read.rta} can't be asked with it here; {otherwise}"
        )
    if not read.client_id:
        return f"{file}: psaas:clientId is missing, the application that asks {read.rta}"
    told = f"nothing is here to ask {read.rta} with: give the secret of application {read.client_id} in "
    told += "PSAAS_CLIENT_SECRET or PSAAS_CLIENT_SECRET_FILE, or its key in PSAAS_CLIENT_KEY or PSAAS_CLIENT_KEY_FILE"
    if encrypted := sorted(opened.secret_keys & {"clientSecret", "clientKey"}):
        ours = f'{settings.variable(encrypted[-1])}="$(pulumi config get psaas:{encrypted[-1]} --stack {stack})"'
        return f"{told}. The one in {file} is encrypted, and is not opened here: {ours}"
    return f'{told}; for a local appliance, eval "$(psaas appliance env)"' if rules.is_local(read.rta) else told
