"""Changed files put where they belong, whole, and only over what was read before. Knows no tenants."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from .. import stack_files
from ..errors import ConfigError


def write(root: Path, file: str, text: str, *, before: str | None) -> None:
    """Put `text` into a file below the project's folder, whose lines end as they did, and whose mode stays.

    `before` is what was read there, None for a file that was not there. Raises ConfigError where it is another now.
    """
    path = root / file
    content = path.read_bytes() if path.is_file() else None
    if (None if content is None else stack_files.decoded(content)) != before:
        raise ConfigError(f"{file}: was changed meanwhile; run again")
    ending = "\r\n" if content and b"\r\n" in content else "\n"
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if content is not None else 0o644
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            os.fchmod(stream.fileno(), mode)  # whatever the umask
            stream.write(text.replace("\n", ending).encode())
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path.resolve())
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise ConfigError(f"{file}: can't be written: {error.strerror}") from None
