"""Where the escrow's entries lie: a directory, a bucket, or behind a command. Knows places, no keys, no contents.

An entry is a name (`rta.example.com/customer-1`) and some bytes, encrypted before they come here. A store writes
durably and whole or raises EscrowError; what it can't read is never taken for absent.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from .errors import ConfigError, EscrowError
from .settings import Settings

COMMAND_SECONDS = 60.0
NO_SUCH_ENTRY = 4


class Store(Protocol):
    """What the escrow asks of a place."""

    def read(self, name: str) -> bytes | None:
        """The entry; None on proof that there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Durable and whole when it returns."""

    def move(self, name: str, to: str) -> None:
        """Under another name when it returns, and at no moment under none."""

    def remove(self, name: str) -> None:
        """Gone when it returns, whether it was there or not."""

    def names(self, folder: str) -> list[str]:
        """The names of all entries in a folder (an RTA), sorted."""

    def where(self, name: str) -> str:
        """The entry's place in words that a person can follow."""


class Directory:
    """Files of mode 0600 in directories of mode 0700. Written aside, flushed, renamed, and the directory flushed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> bytes | None:
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise EscrowError(self._unusable("read", error)) from None

    def write(self, name: str, content: bytes) -> None:
        file = self._file(name)
        aside = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            self._create(file.parent)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            aside.rename(file)
            _flush(file.parent)
        except (OSError, ValueError) as error:
            with contextlib.suppress(OSError, ValueError):
                aside.unlink()
            raise EscrowError(self._unusable("written", error)) from None

    def move(self, name: str, to: str) -> None:
        try:
            self._create(self._file(to).parent)
            self._file(name).rename(self._file(to))
        except OSError as error:
            raise EscrowError(self._unusable("written", error)) from None

    def remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._file(name).unlink()

    def names(self, folder: str) -> list[str]:
        return sorted(f"{folder}/{file.stem}" for file in (self._root / folder).glob("*.json"))

    def where(self, name: str) -> str:
        return str(self._file(name))

    def _file(self, name: str) -> Path:
        return self._root / f"{name}.json"

    @staticmethod
    def _create(directory: Path) -> None:
        """Each directory that is missing, for this user alone."""
        if directory.is_dir():
            return
        missing = [folder for folder in (directory, *directory.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
            _flush(folder.parent)

    def _unusable(self, done: str, error: OSError | ValueError) -> str:
        why = getattr(error, "strerror", None) or type(error).__name__
        return (
            f"the escrow {self._root} can't be {done}: {why}; give this user a directory there, or name another one in "
            "psaas:escrowDir or PSAAS_ESCROW_DIR"
        )


class Bucket:
    """Objects in S3 or anything that speaks its protocol; region, endpoint and credentials from `AWS_*` variables."""

    def __init__(self, url: str) -> None:
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self._bucket, self._prefix = bucket, prefix.strip("/")
        try:
            import boto3
            from botocore.exceptions import BotoCoreError, ClientError
        except ImportError:
            raise ConfigError(
                f"psaas:escrow: {url} needs the package boto3 in the environment that runs the update "
                "(pip install boto3)"
            ) from None
        self._refused: Any = ClientError
        self._failed: Any = (ClientError, BotoCoreError)
        with self._errors("reached"):
            self._client: Any = boto3.client("s3")

    def read(self, name: str) -> bytes | None:
        with self._errors("read"):
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
            except self._refused as error:
                if error.response.get("Error", {}).get("Code") == "NoSuchKey":
                    return None
                raise
            return bytes(found["Body"].read())
        raise AssertionError("the block above returns or raises")

    def write(self, name: str, content: bytes) -> None:
        with self._errors("written"):
            self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=content)

    def move(self, name: str, to: str) -> None:
        source = {"Bucket": self._bucket, "Key": self._key(name)}
        with self._errors("written"):
            self._client.copy_object(Bucket=self._bucket, Key=self._key(to), CopySource=source)
        self.remove(name)

    def remove(self, name: str) -> None:
        with self._errors("written"):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def names(self, folder: str) -> list[str]:
        start = self._key(f"{folder}/").removesuffix(".json")
        with self._errors("read"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=start)
            keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return sorted(f"{folder}/{key.removeprefix(start).removesuffix('.json')}" for key in keys)

    def where(self, name: str) -> str:
        return f"s3://{self._bucket}/{self._key(name)}"

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}.json" if self._prefix else f"{name}.json"

    @contextlib.contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        try:
            yield
        except self._failed as error:
            why = getattr(error, "response", {}).get("Error", {}).get("Code") or type(error).__name__
            raise EscrowError(
                f"the escrow s3://{self._bucket}/{self._prefix} can't be {done}: {why}; check the bucket, its rights "
                "and the AWS_* variables"
            ) from None


class Command:
    """A program of the user's that keeps the entries: `PROGRAM read|write|remove|list NAME`.

    `write` is given the entry on standard input, `read` prints it or ends with status 4 where there is none,
    `list` prints a name a line. Any other status but 0 is a failure.
    """

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)

    def read(self, name: str) -> bytes | None:
        return self._run("read", name, may_be_absent=True)

    def write(self, name: str, content: bytes) -> None:
        self._run("write", name, content)

    def move(self, name: str, to: str) -> None:
        content = self.read(name)
        if content is not None:
            self.write(to, content)
            self.remove(name)

    def remove(self, name: str) -> None:
        self._run("remove", name, may_be_absent=True)

    def names(self, folder: str) -> list[str]:
        listed = (self._run("list", folder) or b"").decode("utf-8", "replace").split()
        return sorted(name for name in listed if name.startswith(f"{folder}/"))

    def where(self, name: str) -> str:
        return f"{name} (of {self._command[0]})"

    def _run(self, verb: str, name: str, content: bytes = b"", *, may_be_absent: bool = False) -> bytes | None:
        try:
            ran = subprocess.run(
                [*self._command, verb, name], input=content, capture_output=True, timeout=COMMAND_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EscrowError(f"the escrow command {self._command[0]} did not run: {type(error).__name__}") from None
        if ran.returncode == NO_SUCH_ENTRY and may_be_absent:
            return None
        if ran.returncode:
            raise EscrowError(
                f"the escrow command {self._command[0]} {verb} {name} ended with status {ran.returncode}; what it said "
                "is not repeated here, since it may hold secrets"
            )
        return ran.stdout


def of(settings: Settings) -> Store:
    """The store that the settings name."""
    if settings.escrow_command:
        return Command(settings.escrow_command)
    if settings.escrow_url:
        return Bucket(settings.escrow_url)
    return Directory(settings.escrow_dir)


def _flush(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
