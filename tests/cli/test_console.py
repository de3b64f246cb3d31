"""Showing things: control bytes, findings, progress, exit codes."""

from typing import Any

from bt_cli.cli.console import Console
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.findings import finding_lines, findings_lines
from bt_cli.cli.progress import Meter
from bt_cli.cli.progress_text import describe
from bt_cli.cli.visible import visible
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import Finding

FINDING = Finding("not_json", "not valid JSON", "a.jsonl", 2, 41, 21, "", '{"id":"b", "input": }', 20)


def test_control_bytes_are_spelled_out() -> None:
    """Escape sequences and bidi marks of data can't reach the terminal."""
    assert visible("a\x1b[31m\n\x9b\u202e") == "a\\x1b[31m\\n\\x9b\\u202e"


def test_finding_has_a_caret_below_its_column() -> None:
    """The caret stands under the character meant."""
    assert finding_lines(FINDING) == [
        "a.jsonl:2:21 (byte 41): not valid JSON:",
        '    {"id":"b", "input": }',
        "                        ^",
    ]


def test_findings_beyond_ten_are_counted_by_kind() -> None:
    """Ten in full, then counts."""
    lines = list(findings_lines([FINDING] * 10, {"not_json": 12, "nan": 30}))
    assert lines[-1] == "and 30 nan, 2 not_json more"


def test_progress_names_what_is_known() -> None:
    """Records, spans, rejected, time left, bytes and rate, in this order."""
    now = Progress(records=10, spans=85, bytes_read=1_000_000, bytes_total=4_000_000, rejected=1)
    assert describe(now, 2.0) == "10 records · 85 spans · 1 rejected · 0:06 left · 1.0/4.0 MB · 42 spans/s"


def test_progress_is_a_line_each_ten_seconds(capsys: Any) -> None:
    """Off a terminal: nothing at first, then a line each ten seconds."""
    times = iter([0.0, 0.1, 1.0, 9.0, 10.1, 15.0, 20.2])
    with Meter(Console(), "plain", lambda: next(times)) as meter:
        for _ in range(6):
            meter(Progress(records=1, spans=1))
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_quiet_has_no_progress(capsys: Any) -> None:
    """--quiet switches progress off."""
    times = iter([0.0, 100.0])
    Meter(Console(quiet=True), "plain", lambda: next(times))(Progress(records=1))
    assert capsys.readouterr().err == ""


def test_worst_exit_code_wins() -> None:
    """Signals outrank all, then 1, 8, 6, 7, 5, 3, 4."""
    assert [first_of(3, 130), first_of(4, 3), first_of(5, 8), first_of(0, 0)] == [130, 3, 8, 0]
