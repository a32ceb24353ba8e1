"""What an escrow does with an entry that is not the one it wrote: it refuses it in plain words and leaves it alone."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from psaas_resources.errors import EscrowError
from psaas_resources.escrow import Escrow
from psaas_resources.escrow_stores import Directory
from psaas_resources.settings import Credential

RTA = "rta.appliance.test"
ANSWER = b'{"client_id": "abc", "client_secret": "hunter2"}'


def opened(folder: Path, *keys: str, rta: str = RTA) -> Escrow:
    return Escrow(Directory(folder), rta=rta, keys=keys or ("key-1",))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", 2),
        ("version", True),
        ("version", None),
        ("rta", "rta.other.test"),
        ("tenant", "customer-2"),
        ("reason", "deleted"),
        ("written_at", "2020-01-01T00:00:00+00:00"),
        ("key_id", "000000000000"),
        ("key_id", None),
        ("nonce", "AAAAAAAAAAAAAAAA"),
        ("nonce", ""),
        ("nonce", 5),
        ("payload", "AAAA"),
        ("payload", None),
        ("payload", ["x"]),
    ],
)
def test_an_entry_that_was_changed_in_any_field_is_refused_and_left_as_it_is(
    tmp_path: Path, name: str, value: Any
) -> None:
    file = Path(opened(tmp_path).keep_answer("customer-1", ANSWER))
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {name: value}))
    changed = file.read_bytes()
    with pytest.raises(EscrowError) as caught:
        opened(tmp_path).find("customer-1")
    assert str(file) in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert file.read_bytes() == changed


@pytest.mark.parametrize(
    ("name", "value"), [("tenant", "x\n\x1b[31m"), ("rta", "x\n\x1b[31m"), ("key_id", "x\n\x1b[31m" + "y" * 9999)]
)
def test_a_header_that_was_changed_is_shown_on_one_short_printable_line(tmp_path: Path, name: str, value: str) -> None:
    file = Path(opened(tmp_path).keep_answer("customer-1", ANSWER))
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {name: value}))
    with pytest.raises(EscrowError) as caught:
        opened(tmp_path).find("customer-1")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1500


def test_an_entry_that_lacks_a_field_is_refused(tmp_path: Path) -> None:
    file = Path(opened(tmp_path).keep_answer("customer-1", ANSWER))
    whole = json.loads(file.read_bytes())
    for name in whole:
        file.write_text(json.dumps({key: value for key, value in whole.items() if key != name}))
        with pytest.raises(EscrowError):
            opened(tmp_path).find("customer-1")


def test_every_flipped_bit_of_the_seal_is_noticed(tmp_path: Path) -> None:
    file = Path(opened(tmp_path).keep_answer("customer-1", ANSWER))
    document = json.loads(file.read_bytes())
    for position in (0, 20, len(document["payload"]) // 2):
        flipped = "A" if document["payload"][position] != "A" else "B"
        payload = document["payload"][:position] + flipped + document["payload"][position + 1 :]
        file.write_text(json.dumps(document | {"payload": payload}))
        with pytest.raises(EscrowError, match="seal"):
            opened(tmp_path).find("customer-1")


def test_an_entry_of_another_tenant_under_this_ones_name_is_refused(tmp_path: Path) -> None:
    file = Path(opened(tmp_path).keep_answer("customer-2", ANSWER))
    file.rename(file.with_name("customer-1.json"))
    with pytest.raises(EscrowError, match="customer-2"):
        opened(tmp_path).find("customer-1")


def test_an_entry_of_another_appliance_is_refused(tmp_path: Path) -> None:
    file = Path(opened(tmp_path, rta="rta.other.test").keep_answer("customer-1", ANSWER))
    file.parent.rename(tmp_path / RTA)
    with pytest.raises(EscrowError, match=r"rta\.other\.test"):
        opened(tmp_path).find("customer-1")


@pytest.mark.parametrize("length", [0, 1, 50, 200])
def test_half_an_entry_is_refused_and_left_as_it_is(tmp_path: Path, length: int) -> None:
    file = Path(opened(tmp_path).keep_answer("customer-1", ANSWER))
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(EscrowError) as caught:
        opened(tmp_path).find("customer-1")
    assert str(file) in str(caught.value)
    assert len(file.read_bytes()) == length


@pytest.mark.parametrize("content", [b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b"{}", b"[" * 200_000])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    file = Path(opened(tmp_path).keep_answer("customer-1", ANSWER))
    file.write_bytes(content)
    with pytest.raises(EscrowError):
        opened(tmp_path).find("customer-1")


def test_an_entry_under_another_key_names_key_and_file_and_is_not_overwritten(tmp_path: Path) -> None:
    file = Path(opened(tmp_path, "old-secret").keep_answer("customer-1", ANSWER))
    content = file.read_bytes()
    with pytest.raises(EscrowError) as caught:
        opened(tmp_path, "new-secret").find("customer-1")
    assert str(file) in str(caught.value)
    assert json.loads(content)["key_id"] in str(caught.value)
    assert "PSAAS_ESCROW_KEY" in str(caught.value)
    assert "old-secret" not in str(caught.value)
    assert file.read_bytes() == content


def test_an_entry_that_cannot_be_opened_is_not_lost_by_writing_another(tmp_path: Path) -> None:
    first = Path(opened(tmp_path, "old-secret").keep_answer("customer-1", ANSWER)).read_bytes()
    box = opened(tmp_path, "new-secret")
    for write in (
        lambda: box.keep_answer("customer-1", b"{}"),
        lambda: box.keep_credential("customer-1", Credential("a", "b"), domain="", reason="forgotten"),
    ):
        with contextlib.suppress(EscrowError):
            write()
        assert any(file.read_bytes() == first for file in tmp_path.rglob("*") if file.is_file())
