"""``--strict``: all or nothing, also from a pipe."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bt_cli.pipeline.report import Counts, ImportReport
from bt_cli.spans.row import Row
from bt_cli.stores.base import Store

Import = Callable[..., ImportReport]
Write = Callable[..., str]
GOOD = b'{"id":"a","children":[{"id":"b"}]}\n'


def test_without_a_problem_all_is_stored(importing: Import, write: Write) -> None:
    """Clean input is stored as without the option, and counted once."""
    report = importing(write({"id": "a"}, {"id": "b"}), strict=True)
    assert (report.refused, report.records, report.records_in) == (False, Counts(new=2), 2)


@pytest.mark.parametrize(
    "bad", [b'{"id":', b'{"children":5}', b'{"id":"b","input":NaN}', b'{"id":"b","scores":{"s":7}}', b"\xff"]
)
def test_any_problem_keeps_all_out(importing: Import, write: Write, store: Store, bad: bytes) -> None:
    """A reject, a repair and a value of the wrong shape are all problems."""
    report = importing(write({"id": "a"}, bad), strict=True)
    assert (report.refused, store.containers()) == (True, [])


def test_a_problem_in_the_last_file_keeps_all_out(importing: Import, write: Write, store: Store) -> None:
    """Everything is checked before anything is written."""
    importing(write({"id": "a"}, name="1.jsonl"), write(b"{", name="2.jsonl"), strict=True)
    assert store.containers() == []


def test_refused_input_is_told_in_full(importing: Import, write: Write) -> None:
    """The report of a refused run has the problems with their places."""
    report = importing(write({"id": "a"}, b'{"children":5}'), strict=True)
    assert [(one.code, one.line) for one in report.findings] == [("children_not_list", 2)]


def test_a_known_record_is_still_unchanged(importing: Import, write: Write) -> None:
    """Checking does not make a stored record new."""
    path = write({"id": "a"})
    importing(path)
    assert importing(path, strict=True).records == Counts(unchanged=1)


def test_exit_code_5(bt: Callable[..., Any], write: Write) -> None:
    """Refused input cannot be used."""
    result = bt("import", write({"id": "a"}, b"{"), "--strict").check(5)
    assert "nothing was written" in result.err


def test_stdin_is_stored_whole(bt_here: Callable[..., Any]) -> None:
    """A pipe is read twice without its writer knowing."""
    bt_here("import", "--strict", "-p", "x", stdin=GOOD).check()
    assert [row["id"] for row in bt_here("export", "-p", "x").check().lines] == ["a", "b"]


def test_stdin_keeps_its_name(bt: Callable[..., Any]) -> None:
    """Problems are told of <stdin>, not of the file that kept it."""
    result = bt("import", "--strict", stdin=GOOD + b"{").check(5)
    assert result.err.splitlines()[1].startswith("<stdin>:2:")


def test_redirected_file(bt_here: Callable[..., Any], tmp_path: Path) -> None:
    """A file as stdin is read twice from where it stood."""
    (tmp_path / "in.jsonl").write_bytes(b"not for us\n" + GOOD)
    command = f"{{ read -r first; exec {sys.executable} -m bt_cli import --strict -p x; }} < in.jsonl"
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60)
    assert len(bt_here("export", "-p", "x").check().lines) == 2


def test_process_substitution(bt: Callable[..., Any]) -> None:
    """A pipe under a name of /dev/fd is stored whole."""
    command = f"{sys.executable} -m bt_cli import --strict -p x <(printf '%s' '{GOOD.decode().strip()}')"
    subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=60)
    assert len(bt("export", "-p", "x").check().lines) == 2


def test_a_named_pipe_is_refused(bt_here: Callable[..., Any], tmp_path: Path) -> None:
    """A pipe that can't be read twice is a usage mistake, not an empty import."""
    import os

    os.mkfifo(tmp_path / "pipe")
    # The pipe must have a writer, or looking at it would wait for one.
    held = os.open(tmp_path / "pipe", os.O_RDWR)
    result = bt_here("import", "--strict", "pipe").check(2)
    os.close(held)
    assert "hint: bt import --strict < pipe" in result.err


def test_strict_and_follow_exclude_each_other(bt_here: Callable[..., Any], write: Write) -> None:
    """What never ends can't be checked first."""
    bt_here("import", "--strict", "--follow", write({"id": "a"})).check(2)


def test_a_conflict_with_the_store_is_found_before_anything_is_stored(
    importing: Import, write: Write, stored: Callable[[], list[Row]]
) -> None:
    """What only the store can refuse is a problem like any other: nothing is written."""
    importing(write({"id": "a", "children": [{"id": "b"}]}, name="1.jsonl"))
    clash = {"id": "b", "span_id": "b", "root_span_id": "z", "span_parents": []}
    report = importing(write(clash, {"id": "c"}, name="2.jsonl"), strict=True)
    assert (report.refused, {one.id for one in stored()}) == (True, {"a", "b"})
