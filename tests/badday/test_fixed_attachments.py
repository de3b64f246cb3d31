"""Attachments of a store that may only be read."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

import permissions
from bt_cli.spans.container import Container
from bt_cli.spans.terms import Terms
from bt_cli.stores import open_store
from bt_cli.stores.base import Submission
from bt_cli.stores.logging import LoggingStore
from bt_cli.tracing.attachments import Attachment
from builders import row


@pytest.mark.skipif(not permissions.bind(), reason="permissions bind nobody here")
def test_attachments_that_may_only_be_read(tmp_path: Path) -> None:
    """A store that nobody may change gives them all the same."""
    path = tmp_path / "shop" / "spans.db"
    with closing(open_store(str(path), "serve")) as opened:
        store = cast("LoggingStore", opened)
        picture = Attachment(data=b"picture", filename="p.png", content_type="image/png")
        one = row("a", input=json.dumps(picture.reference))
        store.apply([(Container("p"), [Submission([one], None, "replace", tree=False, terms=Terms())])])
        picture.bring(store)
    everything = [path.parent, *path.parent.rglob("*")]
    for each in everything:
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        done = permissions.bt_without_privileges(
            "export", "-p", "p", "--store", path, "--attachments", tmp_path / "files", "-o", tmp_path / "rows"
        )
    finally:
        for each in everything:
            each.chmod(0o755)
    assert (done.code, done.err.splitlines()[-1]) == (0, f"1 attachment (7 B) → {tmp_path / 'files'}")
