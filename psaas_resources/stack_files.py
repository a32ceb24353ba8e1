"""Stack files read as data: without an engine, an environment or a network, from a disk or a Git revision alike.

All functions take the files as a mapping of a path below the project's folder ("stacks/Pulumi.prod.yaml",
"stacks/tenants/billing.yaml") to the text there; `from_disk` makes one. Encrypted values stay closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import declaration, documents, included, rules
from .declaration import Sources
from .documents import Node
from .errors import ConfigError
from .fleet import Fleet
from .mistakes import REVIEWED

FOLDER = included.FOLDER
TEMPLATE = "example"  # stacks/Pulumi.example.yaml is there to be copied, and is nobody's stack
# What the engine itself keeps beside `config`.
TOP_LEVEL = ("config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment")
_STACK_FILE = re.compile(rf"{FOLDER}/Pulumi\.([^/]+)\.yaml")


@dataclass(frozen=True)
class StackFile:
    """One stack file: its values under `psaas:` as the engine would give them, and what is wrong with the rest.

    Encrypted values are left out, except under keys that must not hold any, and named in `secret_keys`.
    """

    values: Mapping[str, Any]
    secret_keys: frozenset[str]
    config: Node
    top: Mapping[str, Any]
    problems: tuple[str, ...]


def read(stack: str, files: Mapping[str, str]) -> Fleet:
    """What the stack file of `stack` and its included files declare.

    Raises ConfigError with every mistake, each beginning with its place: `stacks/Pulumi.prod.yaml:12: psaas:…: …`.
    What belongs to a machine (whether `caBundle` is there, the environment) is not judged.
    """
    found = opened(stack, files)
    sources = Sources(path_of(stack), found.config, files, found.problems, here=False)
    return declaration.read(found.values, secret_keys=found.secret_keys, environment={}, sources=sources)


def stacks_in(files: Mapping[str, str]) -> list[str]:
    """The names of all stacks that have a file."""
    return sorted(found[1] for file in files if (found := _STACK_FILE.fullmatch(file)))


def stacks_on_disk(root: Path) -> list[str]:
    """The same of a project's folder, whatever stands in the files."""
    return stacks_in({f"{FOLDER}/{file.name}": "" for file in (root / FOLDER).glob("Pulumi.*.yaml")})


def unknown(stack: str, known: Sequence[str], *, where: str = "here") -> str:
    """What a person is told who names a stack that has no file: which stacks there are, and the one that was meant."""
    there = f"among the stacks {where} ({', '.join(known)})" if known else f"nor any other stack file {where}"
    return f"there is no {rules.printable(path_of(stack))} {there}{rules.near_miss(stack, known)}"


def included_in(stack: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """The included files of a stack whose file can be read; patterns that are mistaken name none."""
    values = opened(stack, files).values
    plain = {key: declaration.unwrapped(key, values.get(key)) for key in included.KINDS}
    return tuple(included.chosen(plain, files)[0])


def path_of(stack: str) -> str:
    """`stacks/Pulumi.prod.yaml`"""
    return f"{FOLDER}/Pulumi.{stack}.yaml"


def opened(stack: str, files: Mapping[str, str]) -> StackFile:
    """The stack file by itself. Raises ConfigError where it is not there or can't be read at all."""
    file = path_of(stack)
    if file not in files:
        raise ConfigError(unknown(stack, stacks_in(files)))
    document = documents.parse(file, files[file])
    top = document.root.value
    if not isinstance(top, dict):
        raise ConfigError(f"{file}:{document.root.line}: is not a stack file, which has a key `config`")
    problems = [
        (node.line, key, f'unknown key "{key}"{rules.near_miss(key, TOP_LEVEL)}')
        for key, node in top.items() if key not in TOP_LEVEL
    ]  # fmt: skip
    config = top.get("config") or Node(document.root.line, {})
    if config.value is None:
        config = Node(config.line, {})
    if not isinstance(config.value, dict):
        raise ConfigError(f"{file}:{config.line}: config: expected an object with keys such as psaas:domain")
    config, odd = _of_our_namespace(config)
    odd += _half_open(config.value.get("credentials", Node(config.line, None)))
    found = sorted([*((line, path.removeprefix("config."), words) for line, path, words in document.problems),
                    *problems, *odd])  # fmt: skip
    return StackFile(
        values={key: value for key, node in config.value.items() if (value := _value(key, node)) is not None},
        secret_keys=frozenset(key for key, node in config.value.items() if _holds_encrypted(node)),
        config=Node(config.line, {f"psaas:{key}": node for key, node in config.value.items()}),
        top={key: node.plain() for key, node in top.items() if key != "config"},
        problems=tuple(f"{file}:{line}: {path}: {words}" for line, path, words in found),
    )


def from_disk(root: Path) -> dict[str, str]:
    """All YAML below `stacks/` of a project's folder. What is no text in UTF-8 is found by whoever reads it.

    Raises ConfigError for what leads out of that folder, or can't be read.
    """
    folder = root / FOLDER
    inside = folder.resolve()
    files, problems = {}, []
    for path in sorted(folder.rglob("*.yaml")):
        name = rules.printable(path.relative_to(root).as_posix())
        try:
            if not path.resolve().is_relative_to(inside):
                problems.append(f"{name}: is a link that leads out of {FOLDER}/; put the file itself there")
            elif path.is_symlink() and not path.exists():
                problems.append(f"{name}: is a link that leads nowhere")
            elif path.is_file():
                with path.open("rb") as file:
                    text = decoded(file.read(documents.MOST_BYTES + 1))
                files[path.relative_to(root).as_posix()] = text
        except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
            problems.append(f"{name}: can't be read: {getattr(error, 'strerror', None) or 'its links lead nowhere'}")
    if problems:
        raise ConfigError(*problems)
    return files


def decoded(content: bytes) -> str:
    """A file's text; bytes that are no UTF-8 are kept apart, so that they are a mistake with a line later."""
    return content.decode("utf-8", errors="surrogateescape").replace("\r\n", "\n")


def _of_our_namespace(config: Node) -> tuple[Node, list[tuple[int, str, str]]]:
    """The keys under `psaas:`, without it. To the engine a key without a namespace is one of the project's, ours."""
    ours: dict[str, Node] = {}
    odd = []
    for key, node in config.value.items():
        namespace, colon, name = key.partition(":")
        if not colon:
            odd.append((node.line, key, f'has no namespace; write "psaas:{key}"'))
            ours.setdefault(key, node)
        elif namespace == "psaas":
            ours[name] = node
        elif namespace != "pulumi" and (near := rules.near_miss(namespace, ["psaas"])):
            odd.append((node.line, key, f'unknown namespace "{namespace}"{near}'))
    return Node(config.line, ours), odd


def _half_open(credentials: Node) -> Iterator[tuple[int, str, str]]:
    """Secrets in clear beside encrypted ones: the engine only says that there is something encrypted in the whole."""
    if _holds_encrypted(credentials) and isinstance(credentials.value, dict):
        for name, pair in credentials.value.items():
            secret = pair.value.get("clientSecret") if isinstance(pair.value, dict) else None
            if secret and secret.value and not secret.encrypted:
                path = f'psaas:credentials["{name}"].clientSecret'
                yield secret.line, path, f"stands in the file in clear; `pulumi config set --secret --path '{path}'`"


def _value(key: str, node: Node) -> Any:
    """A value as the engine gives it to the program: scalars as texts. None for what stays encrypted."""
    if node.encrypted:
        return "[encrypted]" if key in REVIEWED else None
    value = _without_secrets(node)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, list | dict) else "" if value is None else str(value)


def _without_secrets(node: Node) -> Any:
    if node.encrypted:
        return "[encrypted]"
    if isinstance(node.value, list):
        return [_without_secrets(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: _without_secrets(item) for key, item in node.value.items()}
    return node.value


def _holds_encrypted(node: Node) -> bool:
    if node.encrypted:
        return True
    if isinstance(node.value, list | dict):
        items = node.value if isinstance(node.value, list) else node.value.values()
        return any(map(_holds_encrypted, items))
    return False
