"""Honest requests and answers, changed as a fault plan says. Knows bodies; knows no connection and no route."""

import dataclasses
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

import jwt

from appliance.fault_edits import (
    CapPage,
    DropFields,
    DropItems,
    DropValues,
    DuplicateItems,
    Edit,
    OtherTenant,
    ReorderItems,
    RepeatPage,
    Reshape,
    TokenLife,
    TokenScope,
)
from appliance.keys import SigningKey
from appliance.paging import FIRST_PAGE

Header = tuple[bytes, bytes]
JSON = dict[str, Any]
SIZES = ("per_page", "take")
IDENTIFYING = ("id", "name", "domain", "client_id", "identifier")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[Header, ...]
    body: bytes

    def with_body(self, body: bytes, *, status: int | None = None) -> "Answer":
        kept = [header for header in self.headers if header[0].lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        return Answer(status or self.status, (*kept, length), body)


@dataclass(frozen=True)
class Question:
    """What of a request an edit may look at or change."""

    query: str
    body: bytes
    domain_of: Callable[[str], str]
    key: SigningKey | None


def changed_question(question: Question, edits: tuple[Edit, ...]) -> Question:
    for edit in edits:
        match edit:
            case DropValues():
                question = dataclasses.replace(question, body=_without(question.body, edit))
            case RepeatPage():
                question = dataclasses.replace(question, query=_page_before(question.query))
            case CapPage():
                question = dataclasses.replace(question, query=_smaller_page(question.query, edit))
    return question


def changed_answer(answer: Answer, edits: tuple[Edit, ...], asked: Question, chance: random.Random) -> Answer:
    """The answer as the edits make it; errors, and answers that hold nothing to change, stay as they are."""
    if not edits or not 200 <= answer.status < 300:
        return answer
    try:
        value = json.loads(answer.body)
    except ValueError:
        return answer
    status = answer.status
    for edit in edits:
        match edit:
            case Reshape():
                value, status = _reshaped(value, edit), edit.status or status
            case DropFields() if isinstance(value, dict):
                value = {name: kept for name, kept in value.items() if name not in edit.names}
            case OtherTenant() if isinstance(value, dict):
                value = {**value, "name": edit.name, "domain": asked.domain_of(edit.name)}
            case TokenScope() | TokenLife() if isinstance(value, dict) and asked.key is not None:
                value = _other_token(value, edit, asked.key)
            case DuplicateItems() | DropItems() | ReorderItems():
                value = _with_items(value, edit, chance)
            case RepeatPage() if isinstance(value, dict) and {"from", "take"} & set(dict(parse_qsl(asked.query))):
                value = {**value, "next": dict(parse_qsl(asked.query)).get("from", FIRST_PAGE)}
    return answer.with_body(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), status=status)


def _without(body: bytes, edit: DropValues) -> bytes:
    try:
        asked = json.loads(body)
    except ValueError:
        return body
    if isinstance(asked, dict) and isinstance(asked.get(edit.field), list):
        asked[edit.field] = [value for value in asked[edit.field] if value not in edit.values]
        if edit.field == "owners" and not asked["owners"]:
            del asked["owners"]  # a tenant may have none, and an empty list would be refused
    return json.dumps(asked).encode()


def _page_before(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(name == "page" for name, _ in pairs):
        return query
    return urlencode([(name, _minus_one(value) if name == "page" else value) for name, value in pairs])


def _smaller_page(query: str, edit: CapPage) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, _at_most(value, edit.most) if name in SIZES else value) for name, value in pairs])


def _at_most(size: str, most: int) -> str:
    return str(min(int(size), most)) if size.isdecimal() and len(size) < 10 else size


def _minus_one(page: str) -> str:
    return str(max(0, int(page) - 1)) if page.isdecimal() and len(page) < 10 else page


def _reshaped(value: object, edit: Reshape) -> object:
    if not isinstance(value, dict):
        return value
    shaped: JSON = dict(value)
    if edit.nested:
        shaped[edit.nested] = {name: shaped.pop(name) for name in ("client_id", "client_secret") if name in shaped}
    return _camel(shaped) if edit.camel_case else shaped


def _camel(value: object) -> object:
    if isinstance(value, dict):
        return {_camel_word(name): _camel(below) for name, below in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


def _camel_word(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _other_token(value: JSON, edit: TokenScope | TokenLife, key: SigningKey) -> JSON:
    if not isinstance(value.get("access_token"), str):
        return value
    claims = jwt.decode(value["access_token"], options={"verify_signature": False})
    told: Mapping[str, object] = {}
    match edit:
        case TokenScope():
            claims["scope"] = " ".join(edit.scopes)
            told = {"scope": claims["scope"]}
        case TokenLife():
            claims["exp"] = claims["iat"] + edit.real_seconds
            told = {} if edit.claimed_seconds is None else {"expires_in": edit.claimed_seconds}
    token = jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})
    return {**value, **told, "access_token": token}


def _with_items(value: object, edit: Edit, chance: random.Random) -> object:
    """The list of a page, wherever the page has it, changed."""
    if isinstance(value, list):
        return _items(value, edit, chance)
    if not isinstance(value, dict):
        return value
    nouns = [name for name, below in value.items() if isinstance(below, list)]
    if not nouns:
        return value
    before = cast(list[object], value[nouns[0]])
    after = _items(before, edit, chance)
    page = {**value, nouns[0]: after}
    if isinstance(edit, DropItems) and "total" in page:
        page["total"] = max(0, page["total"] - len(before) + len(after))
    return page


def _items(items: list[Any], edit: Edit, chance: random.Random) -> list[Any]:
    match edit:
        case DuplicateItems():
            return [*items, *items[: edit.count]]
        case ReorderItems():
            return chance.sample(items, len(items))
        case DropItems():
            lost = set(chance.sample(range(len(items)), min(edit.count, len(items))))
            return [item for n, item in enumerate(items) if n not in lost and not _is_named(item, edit.names)]
    return items


def _is_named(item: object, names: frozenset[str]) -> bool:
    return isinstance(item, dict) and any(item.get(key) in names for key in IDENTIFYING)
