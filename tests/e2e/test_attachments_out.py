"""Attachments that rows name, exported and looked at, from a file and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from bt_cli.spans.container import Container
from bt_cli.spans.terms import Terms
from bt_cli.stores import open_store
from bt_cli.stores.base import Submission
from bt_cli.stores.logging import LoggingStore
from bt_cli.tracing.attachments import Attachment, ExternalAttachment
from builders import row
from running import Result
from serving import serving

Bt = Callable[..., Result]
LOGS = Container("p")
PICTURE = Attachment(data=b"picture", filename="../a cat.png", content_type="image/png")
ELSEWHERE = ExternalAttachment(url="s3://bucket/key", filename="big.bin", content_type="application/octet-stream")
LOST = Attachment(data=b"never brought", filename="lost.txt", content_type="text/plain")
NAME = f"{PICTURE.reference['key']}-.._a_cat.png"


@pytest.fixture(scope="module", params=["sqlite", "http"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store with three traces: with a picture (twice) and a file elsewhere; with a lost file; with nothing."""
    path = str(tmp_path_factory.mktemp("out") / "spans.db")
    with closing(open_store(path, "serve")) as opened:
        store = cast("LoggingStore", opened)
        inputs: dict[str, Any] = {
            "whole": [PICTURE.reference, {"again": PICTURE.reference}, ELSEWHERE.reference],
            "torn": LOST.reference,
            "plain": "text",
        }
        rows = [row(name, trace=name, input=json.dumps(value)) for name, value in inputs.items()]
        store.apply([(LOGS, [Submission([one], None, "replace", tree=False, terms=Terms()) for one in rows])])
        PICTURE.bring(store)
    if request.param == "sqlite":
        yield path
    else:
        with serving(path) as server:
            yield server.url


@pytest.fixture
def bt(place: str, bt_here: Bt, monkeypatch: pytest.MonkeyPatch) -> Bt:
    """`bt` on that store and its project."""
    monkeypatch.setenv("BT_STORE", place)
    monkeypatch.setenv("BT_PROJECT", "p")
    return bt_here


def test_attachments_are_exported_once(bt: Bt, tmp_path: Path) -> None:
    """Under a safe name that begins with the key; what lies elsewhere is left there."""
    done = bt("export", "--trace-id", "whole", "--attachments", tmp_path / "files")
    assert done.code == 0
    assert [one.name for one in (tmp_path / "files").iterdir()] == [NAME]
    assert (tmp_path / "files" / NAME).read_bytes() == b"picture"
    assert f"1 attachment (7 B) → {tmp_path / 'files'}; 1 attachment elsewhere left there" in done.err
    assert json.loads(done.out)["input"][0] == PICTURE.reference


def test_a_missing_attachment_is_told_of(bt: Bt, tmp_path: Path) -> None:
    """The rest is exported, and the exit code says that it is not all."""
    done = bt("export", "--attachments", tmp_path, "-o", tmp_path / "rows")
    assert done.code == 3
    assert "lost.txt" in done.err
    assert "the store has none with this key" in done.err
    assert {one.name for one in tmp_path.iterdir()} == {NAME, "rows"}


def test_the_report_of_an_export_has_attachments(bt: Bt, tmp_path: Path) -> None:
    """With ``--json``: numbers, and each that is missing."""
    done = bt("export", "--attachments", tmp_path / "files", "-o", tmp_path / "rows", "--json")
    report = json.loads(done.err)
    key = LOST.reference["key"]
    missing = {"key": key, "filename": "lost.txt", "reason": "the store has none with this key"}
    assert report["attachments"] == {"written": 1, "bytes": 7, "elsewhere": 1, "missing": [missing]}
    assert (report["ok"], report["exit_code"]) == (False, 3)


def test_an_export_again_writes_the_same(bt: Bt, tmp_path: Path) -> None:
    """Files that are there are written anew."""
    (tmp_path / NAME).write_bytes(b"other")
    assert bt("export", "--trace-id", "whole", "--attachments", tmp_path).code == 0
    assert (tmp_path / NAME).read_bytes() == b"picture"


def test_a_folder_that_is_none_is_refused(bt: Bt, tmp_path: Path) -> None:
    """Before anything is written."""
    (tmp_path / "file").write_text("")
    done = bt("export", "--attachments", tmp_path / "file")
    assert (done.code, done.out) == (2, "")


def test_a_span_shows_where_its_attachments_lie(bt: Bt, place: str) -> None:
    """Name, type and size, and a place to look at: a file, or a URL."""
    out = bt("view", "span", "whole").out
    shown = out[out.index("\nattachments\n") :].splitlines()[2:]
    assert shown[0] == "  [image/png, 7 B, ../a cat.png]"
    assert shown[1].startswith(f"    {place}/attachment/" if "://" in place else f"    {place}.blobs/")
    assert shown[2:] == ["  [application/octet-stream, big.bin]", "    s3://bucket/key"]


def test_a_span_shows_what_is_lacking(bt: Bt) -> None:
    """An attachment without content says why."""
    assert bt("view", "span", "torn").out.endswith("[text/plain, lost.txt]\n    the store has none with this key\n")


def test_a_span_without_attachments_has_no_heading_for_them(bt: Bt) -> None:
    """Nothing is said of what is not there."""
    assert "attachments" not in bt("view", "span", "plain").out


def test_attachments_of_a_span_as_json(bt: Bt) -> None:
    """Each once, with what the store knows."""
    first, second = json.loads(bt("view", "span", "whole", "--json").out)["attachments"]
    place = first.pop("place")
    key = PICTURE.reference["key"]
    expected = {
        "filename": "../a cat.png",
        "content_type": "image/png",
        "key": key,
        "url": None,
        "size": 7,
        "lack": None,
    }
    assert first == expected
    assert place
    assert (second["url"], second["place"], second["size"]) == ("s3://bucket/key", "s3://bucket/key", None)
