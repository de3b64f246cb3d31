"""Attachments that our own `bt import` brings to a server, as Braintrust's SDK reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from running import Result
from sdks import Sdk, Served


@pytest.mark.slow
def test_the_sdk_reads_what_we_bring(
    bt: Callable[..., Result],
    served: Served,
    sdk_named: Callable[[str], Sdk],
    exported: Callable[..., list[Any]],
    tmp_path: Path,
) -> None:
    """A file that a trace names by file:// is an attachment of the server after the import."""
    (tmp_path / "note.txt").write_text("file contents – naïve\n")
    reference = {
        "type": "external_attachment",
        "url": f"file://{tmp_path}/note.txt",
        "filename": "note.txt",
        "content_type": "text/plain",
    }
    trace = tmp_path / "trace.jsonl"
    trace.write_text(json.dumps({"id": "a", "name": "n", "input": {"file": reference}}) + "\n")
    bt("import", trace, "--store", served.server.url, "-p", "brought").check()
    (row,) = exported("-p", "brought")
    brought = row["input"]["file"]
    assert {key: brought[key] for key in ("type", "filename", "content_type")} == {
        "type": "braintrust_attachment",
        "filename": "note.txt",
        "content_type": "text/plain",
    }
    said = sdk_named("python").run("read_attachment", json.dumps(brought))
    assert said == {"text": "file contents – naïve\n"}
