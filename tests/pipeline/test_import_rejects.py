"""``--rejects``: what was refused is put aside, can be mended, and is input again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bt = Callable[..., Any]
Write = Callable[..., str]


def rejects(path: str = "bad.jsonl") -> list[dict[str, Any]]:
    """The lines of a rejects file."""
    return [json.loads(line) for line in Path(path).read_bytes().splitlines()]


def test_a_reject_has_its_place_and_its_text(bt: Bt, write: Write) -> None:
    """A line says file, line, byte, code, message and path, and has the record as it was."""
    path = write({"id": "a"}, b'{"id":"b","children":[{"children":5}]}')
    bt("import", path, "--rejects", "bad.jsonl").check(3)
    assert rejects() == [
        {
            "_bt_reject": {
                "file": path, "line": 2, "byte": 11, "code": "children_not_list",
                "message": "children is not a list", "path": "children[0].children",
            },
            "raw": '{"id":"b","children":[{"children":5}]}',
        }
    ]  # fmt: skip


def test_bytes_that_are_no_utf8(bt_here: Bt, write: Write) -> None:
    """Such a record is kept in base64."""
    bt_here("import", write(b'{"id":"\xff", }'), "--rejects", "bad.jsonl").check(5)
    assert base64.b64decode(rejects()[0]["raw_b64"]) == b'{"id":"\xff", }'


def test_an_oversize_record_has_its_place_only(bt_here: Bt, write: Write) -> None:
    """A record too long to hold is told by place, without its text."""
    path = write(b'{"id":"a","input":"' + b"x" * (65 << 20) + b'"}', {"id": "b"})
    bt_here("import", path, "--rejects", "bad.jsonl").check(3)
    (reject,) = rejects()
    assert (reject["_bt_reject"]["code"], "raw" in reject or "raw_b64" in reject) == ("oversize", False)


@pytest.mark.parametrize(
    ("bad", "mended"),
    [('{"id":"b","input": }', '{"id":"b","input":1}'), ('{"id":"b","children":5}', '{"id":"b","children":[]}')],
)
def test_mended_rejects_are_imported(bt_here: Bt, write: Write, bad: str, mended: str) -> None:
    """Fixing the text in a rejects file and importing it brings the record in."""
    bt_here("import", write({"id": "a"}, bad.encode()), "--rejects", "bad.jsonl", "-p", "x").check(3)
    lines = rejects()
    lines[0]["raw"] = mended
    Path("bad.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    bt_here("import", "bad.jsonl", "-p", "x").check()
    assert [row["id"] for row in bt_here("export", "-p", "x").check().lines] == ["a", "b"]


def test_rejects_that_nobody_mended_are_rejected_again(bt_here: Bt, write: Write) -> None:
    """A rejects file as it is holds what it held."""
    bt_here("import", write({"id": "a"}, b'{"children":5}'), "--rejects", "bad.jsonl").check(3)
    bt_here("import", "bad.jsonl", "--rejects", "again.jsonl").check(5)
    assert [line["raw"] for line in rejects("again.jsonl")] == ['{"children":5}']


def test_rejects_are_appended(bt_here: Bt, write: Write) -> None:
    """A second run adds to the file."""
    for number in (5, 6):
        bt_here("import", write(b'{"children":%d}' % number, {"id": "a"}), "--rejects", "bad.jsonl").check(3)
    assert [line["raw"] for line in rejects()] == ['{"children":5}', '{"children":6}']


def test_what_the_store_refuses_is_put_aside(bt_here: Bt, write: Write) -> None:
    """A conflict found while storing is a reject as any other."""
    bt_here("import", write({"id": "a", "input": 1})).check()
    bt_here("import", write({"id": "a", "input": 2}), "--on-conflict", "error", "--rejects", "bad.jsonl").check(5)
    assert [(line["_bt_reject"]["code"], line["raw"]) for line in rejects()] == [("conflict", '{"id":"a","input":2}')]


def test_rejects_may_not_be_the_input(bt_here: Bt, write: Write) -> None:
    """Reading and writing one file is refused."""
    path = write({"id": "a"})
    bt_here("import", path, "--rejects", path).check(2)


@pytest.mark.parametrize("place", ["nowhere/bad.jsonl", "."])
def test_rejects_that_cannot_be_written(bt_here: Bt, write: Write, place: str) -> None:
    """A place that can't be written to is a usage mistake, found before anything is stored."""
    result = bt_here("import", write({"id": "a"}), "-p", "x", "--rejects", place).check(2)
    assert "cannot be written" in result.err and "hint:" in result.err
    bt_here("export", "-p", "x").check(2)
