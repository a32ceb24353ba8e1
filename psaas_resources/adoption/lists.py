"""A person's list of existing tenants: CSV or JSON, with credentials or without. Pure; repeats no secret.

CSV: a line of headers (name, client_id, client_secret, owners, labels), then one tenant a line; apart by commas,
semicolons or tabs. JSON: a list of objects with the same fields, or an object of name to such an object, which is also
the form of PSAAS_CREDENTIALS.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .. import rules
from ..errors import ConfigError
from ..settings import Credential
from .candidates import Candidate

MOST_CHARACTERS = 16 * 1024 * 1024
FIELDS = {
    "name": "name", "tenant": "name", "clientid": "client_id", "clientsecret": "client_secret",
    "owners": "owners", "owner": "owners", "labels": "labels",
}  # fmt: skip
Row = tuple[str, Mapping[str, Any], bool]  # a place, the fields, and whether all of them were understood
Problem = Callable[[str], None]


def read(text: str, file: str) -> tuple[Candidate, ...]:
    """The tenants that the text of `file` lists. Raises ConfigError with every mistake and its place."""
    if len(text) > MOST_CHARACTERS:
        raise ConfigError(f"{file}: is larger than {MOST_CHARACTERS // 1024**2} MiB")
    problems: list[str] = []
    form = _of_json if text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{") else _of_csv
    found: dict[str, Candidate] = {}
    for place, row, whole in form(text, file, problems.append):
        candidate = _candidate(place, row, problems.append, whole=whole)
        if candidate and candidate.name in found:
            problems.append(f'{place}: "{candidate.name}" is listed already, in {found[candidate.name].place}')
        elif candidate:
            found[candidate.name] = candidate
    if not (found or problems):
        problems.append(f"{file}: lists no tenant; a first line of headers (name, client_id, …) is needed in a CSV")
    if problems:
        raise ConfigError(*(rules.printable(problem, 1000) for problem in problems))
    return tuple(found.values())


def _candidate(place: str, row: Mapping[str, Any], problem: Problem, *, whole: bool) -> Candidate | None:
    """The tenant of a row; None where what is wrong with it was told."""
    wrong = list(_mistakes(row, whole=whole))
    for words in wrong:
        problem(f"{place}: {words}")
    if wrong or not row.get("name"):
        return None
    client_id, secret = (str(row.get(key) or "").strip() for key in ("client_id", "client_secret"))
    credential = Credential(client_id, secret) if client_id and secret else None
    return Candidate(row["name"].strip(), _texts(row.get("owners")), _labels(row.get("labels")), credential, place)


def _mistakes(row: Mapping[str, Any], *, whole: bool) -> Iterator[str]:
    """What is wrong in a row; in one that isn't `whole`, what is missing may stand under a misspelt header."""
    name = row.get("name")
    if not isinstance(name, str) or not name.strip():
        if whole or "name" in row:
            yield "name: is missing"
    elif problem := rules.existing_name_problem(name.strip()):
        yield f"name: {problem}"
    given = [key for key in ("client_id", "client_secret") if row.get(key)]
    if whole and len(given) == 1:
        lacks = "client_secret" if given == ["client_id"] else "client_id"
        yield f"has a {given[0]} and no {lacks}; give both, or none"
    if not all(isinstance(row[key], str) and row[key].strip().isprintable() for key in given):
        yield "client_id and client_secret are texts of one line each"
    owners, labels = row.get("owners"), row.get("labels")
    if owners is not None and not (isinstance(owners, str | list) and all(isinstance(one, str) for one in owners)):
        yield "owners: expected e-mail addresses"
    for owner in _texts(owners):
        if problem := rules.owner_problem(owner):
            yield f"owners: {problem}"
    if _labels(labels) is None:
        yield "labels: expected key=value, apart by semicolons"


def _texts(owners: Any) -> tuple[str, ...]:
    """Addresses, apart by blanks, commas or semicolons; of what has another form, none."""
    parts = re.split(r"[\s,;]+", owners) if isinstance(owners, str) else owners if isinstance(owners, list) else []
    return tuple(part.strip() for part in parts if isinstance(part, str) and part.strip())


def _labels(labels: Any) -> dict[str, str]:
    """Labels by their keys."""
    if isinstance(labels, str):
        pairs = [part.split("=", 1) for part in labels.split(";") if part.strip()]
        labels = {pair[0].strip(): pair[-1].strip() if len(pair) == 2 else None for pair in pairs}
    if labels is None:
        return {}
    whole = isinstance(labels, dict) and all(isinstance(value, str) and key for key, value in labels.items())
    return labels if whole else None  # type: ignore[return-value]


def _of_csv(text: str, file: str, problem: Problem) -> Iterator[Row]:
    lines = text.removeprefix("\ufeff")
    delimiter = max(",;\t", key=lines.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter, strict=True)
    try:
        place = f"{file}:1"
        headers = [_field(header, place, problem) for header in next(reader, [])]
        understood = [header for header in headers if header]
        usable = "name" in understood and len(set(understood)) == len(understood)
        if not usable:
            problem(f"{place}: expected a line of headers, each once, among them `name`")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"{file}:{reader.line_num}"
            if len(cells) > len(headers):
                problem(f"{place}: has {len(cells)} cells, and there are {len(headers)} headers")
                continue
            row = {header: cell for header, cell in zip(headers, cells, strict=False) if header and cell.strip()}
            yield place, row, usable and None not in headers
    except csv.Error as error:
        problem(f"{file}:{reader.line_num}: is not CSV: {rules.printable(str(error))}")


def _of_json(text: str, file: str, problem: Problem) -> Iterator[Row]:
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except ValueError as error:
        raise ConfigError(f"{file}:{getattr(error, 'lineno', 1)}: is not JSON") from None
    except RecursionError:
        raise ConfigError(f"{file}: is nested too deep") from None
    named = [{"name": name, **row} if isinstance(row, dict) else row for name, row in document.items()] if isinstance(
        document, dict
    ) else document  # fmt: skip
    for number, row in enumerate(named):
        place = f"{file}: [{number}]"
        if not isinstance(row, dict):
            problem(f"{place}: expected an object with name, clientId, clientSecret, owners, labels")
            continue
        fields = {_field(key, place, problem): value for key, value in row.items() if value is not None}
        yield place, {field: value for field, value in fields.items() if field}, None not in fields


def _field(header: str, place: str, problem: Problem) -> str | None:
    """A field under its name here. An unknown one is a mistake, since it may be a secret's, misspelt."""
    name = re.sub(r"[\s_.-]", "", header).lower()
    if name not in FIELDS:
        known = ["name", "client_id", "client_secret", "owners", "labels"]
        near = rules.near_miss(header, known) or f"; known are {', '.join(known)}"
        problem(f'{place}: unknown field "{rules.printable(header)}"{near}')
    return FIELDS.get(name)
