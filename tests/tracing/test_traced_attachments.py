"""Attachments as a program makes them, before any store has them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bt_cli.tracing.attachments import Attachment, ExternalAttachment, JSONAttachment


class Keeper:
    """What a store would be given."""

    def __init__(self) -> None:
        self.kept: list[tuple[bytes, str, str, str | None]] = []

    def attach(self, content: bytes, filename: str, content_type: str, key: str | None = None) -> str:
        self.kept.append((content, filename, content_type, key))
        return key or ""


def test_a_reference_names_file_type_and_key() -> None:
    """As Braintrust's SDKs write it."""
    reference = Attachment(data=b"", filename="a.png", content_type="image/png").reference
    key = reference["key"]
    assert reference == {
        "type": "braintrust_attachment",
        "filename": "a.png",
        "content_type": "image/png",
        "key": key,
    }


def test_keys_differ() -> None:
    """Equal attachments are two."""
    one, other = (Attachment(data=b"x", filename="f", content_type="t") for _ in range(2))
    assert one.reference["key"] != other.reference["key"]


def test_what_lies_elsewhere_keeps_its_url() -> None:
    """And has no key, and nothing to bring."""
    keeper = Keeper()
    one = ExternalAttachment(url="s3://bucket/key", filename="f", content_type="t")
    one.bring(keeper)
    assert one.reference == {
        "type": "external_attachment",
        "filename": "f",
        "content_type": "t",
        "url": "s3://bucket/key",
    }
    assert keeper.kept == []


def test_bytes_are_kept_as_they_were() -> None:
    """A program may go on with its buffer."""
    buffer = bytearray(b"before")
    one = Attachment(data=buffer, filename="f", content_type="t")
    buffer[:] = b"after."
    assert one.data == b"before"


def test_a_file_is_read_when_it_is_brought(tmp_path: Path) -> None:
    """A path may be written to until then."""
    path = tmp_path / "f"
    path.write_bytes(b"one")
    one, keeper = Attachment(data=path, filename="f", content_type="t"), Keeper()
    path.write_bytes(b"two")
    one.bring(keeper)
    assert keeper.kept == [(b"two", "f", "t", one.reference["key"])]


def test_an_attachment_is_brought_once() -> None:
    """To each store, however often it is logged there."""
    one, keepers = Attachment(data=b"x", filename="f", content_type="t"), [Keeper(), Keeper()]
    for keeper in keepers * 2:
        one.bring(keeper)
    assert [len(keeper.kept) for keeper in keepers] == [1, 1]


def test_a_missing_file_is_told_of_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is raised where it is made; bringing it fails."""
    with caplog.at_level(logging.WARNING):
        one = Attachment(data=str(tmp_path / "none"), filename="pic.png", content_type="t")
    assert "pic.png" in caplog.text
    with pytest.raises(FileNotFoundError):
        one.bring(Keeper())


def test_json_is_written_at_once() -> None:
    """Later changes to the value are not in it; the name and type are those of JSON."""
    value = {"a": [1]}
    one = JSONAttachment(value)
    value["a"].append(2)
    assert one.data == b'{"a": [1]}'
    assert (one.reference["filename"], one.reference["content_type"]) == ("data.json", "application/json")


def test_what_is_no_json_is_refused() -> None:
    """Where it is made."""
    with pytest.raises(TypeError):
        JSONAttachment({1, 2})
