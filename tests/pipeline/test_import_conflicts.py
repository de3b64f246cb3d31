"""``--on-conflict`` end to end, and a row's own word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Bt = Callable[..., Any]
Write = Callable[..., str]
OLD = {"id": "a", "input": 1, "metadata": {"x": 1}}
NEW = {"id": "a", "output": 2, "metadata": {"y": 2}}
LINKED = {"id": "a", "span_id": "a", "root_span_id": "a", "span_parents": []}


@pytest.mark.parametrize(
    ("mode", "code", "status", "stored"),
    [
        ("merge", 0, "changed", {"input": 1, "output": 2, "metadata": {"x": 1, "y": 2}}),
        ("replace", 0, "changed", {"output": 2, "metadata": {"y": 2}}),
        ("skip", 0, "unchanged", {"input": 1, "metadata": {"x": 1}}),
        ("error", 5, "rejected", {"input": 1, "metadata": {"x": 1}}),
    ],
)
def test_modes(bt: Bt, write: Write, mode: str, code: int, status: str, stored: dict[str, Any]) -> None:
    """Each mode with its exit code, its count and the row that stays."""
    bt("import", write(OLD), "-p", "x").check()
    report = bt("import", write(NEW), "-p", "x", "--on-conflict", mode, "--json").check(code).json
    (row,) = bt("export", "-p", "x").check().lines
    assert (report["records"][status], row) == (1, LINKED | stored)


def test_merge_is_the_default(bt_here: Bt, write: Write) -> None:
    """Without the option nothing stored is lost."""
    bt_here("import", write(OLD), "-p", "x").check()
    bt_here("import", write(NEW), "-p", "x").check()
    assert bt_here("export", "-p", "x").check().lines[0]["input"] == 1


@pytest.mark.parametrize(("own", "mode", "kept"), [(True, "replace", True), (False, "merge", False)])
def test_a_rows_own_word_wins(bt_here: Bt, write: Write, own: bool, mode: str, kept: bool) -> None:
    """``_is_merge`` of a row decides over the option."""
    bt_here("import", write(OLD), "-p", "x").check()
    bt_here("import", write(LINKED | NEW | {"_is_merge": own}), "-p", "x", "--on-conflict", mode).check()
    assert ("input" in bt_here("export", "-p", "x").check().lines[0]) == kept


@pytest.mark.parametrize("mode", ["merge", "replace", "skip", "error"])
def test_the_same_file_again_is_unchanged_in_every_mode(bt_here: Bt, write: Write, mode: str) -> None:
    """Equal content is no conflict."""
    path = write(OLD, {"input": "no id"})
    bt_here("import", path, "-p", "x").check()
    report = bt_here("import", path, "-p", "x", "--on-conflict", mode, "--json").check().json
    assert report["records"]["unchanged"] == 2


def test_a_skipped_version_can_still_be_merged(bt_here: Bt, write: Write) -> None:
    """Skipping a record does not hide it from a later run."""
    bt_here("import", write(OLD), "-p", "x").check()
    new = write(NEW, name="new.jsonl")
    bt_here("import", new, "-p", "x", "--on-conflict", "skip").check()
    bt_here("import", new, "-p", "x").check()
    assert bt_here("export", "-p", "x").check().lines[0]["output"] == 2


def test_an_unknown_mode(bt_here: Bt, write: Write) -> None:
    """A mode that does not exist is a usage mistake."""
    bt_here("import", write(OLD), "--on-conflict", "guess").check(2)
