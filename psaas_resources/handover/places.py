"""Where a hand-over goes: a file for its reader alone, or a stream that is no terminal. Knows files; no formats."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TextIO

from ..errors import ConfigError


def pipe(text: str, out: TextIO, *, to_terminal: bool) -> None:
    """To a pipe. Raises ConfigError for a terminal, whose scrollback and recordings keep what they show."""
    if out.isatty() and not to_terminal:
        raise ConfigError(
            "a secret is not written to a terminal: name a file with --output FILE, let another program read it "
            "(… | vault kv put …), or say --to-terminal if you mean it"
        )
    out.write(text)
    out.flush()


def file(path: Path, text: str, *, force: bool) -> None:
    """To a file of mode 0600, whole or not at all. An existing one is replaced only with `force`."""
    free_or_refused(path, force=force)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}") if force else path
    made = False
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            made = True
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            if made:
                aside.unlink()
        raise ConfigError(f"{path} can't be written: {error.strerror}") from None


def folder(path: Path) -> None:
    """A folder of mode 0700, where there is none yet."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path} can't be made: {error.strerror}") from None


def free_or_refused(path: Path, *, force: bool) -> None:
    """Raises ConfigError where something stands that must not be replaced."""
    if path.is_dir():
        raise ConfigError(f"{path} is a folder; name a file in it")
    if (path.is_symlink() or path.exists()) and not force:
        raise ConfigError(f"{path} exists already, and is not replaced; name another one, or say --force")
