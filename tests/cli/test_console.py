"""Showing things: control bytes, findings, progress, exit codes."""

from io import BytesIO
from typing import Any

import orjson

from bt_cli.cli.console import Console
from bt_cli.cli.exit_codes import first_of
from bt_cli.cli.findings import finding_lines, findings_lines
from bt_cli.cli.progress import Meter
from bt_cli.cli.progress_text import describe
from bt_cli.cli.visible import JsonTerminal, json_visible, visible
from bt_cli.pipeline.progress import Progress
from bt_cli.pipeline.report import Finding

FINDING = Finding("not_json", "not valid JSON", "a.jsonl", 2, 41, 21, "", '{"id":"b", "input": }', 20)


def test_control_bytes_are_spelled_out() -> None:
    """Escape sequences and bidi marks of data can't reach the terminal."""
    assert visible("a\x1b[31m\n\x9b\u202e") == "a\\x1b[31m\\n\\x9b\\u202e"


def test_what_has_no_width_is_spelled_out() -> None:
    """Text that nobody would see is seen: zero-width characters, marks, and the invisible copy of ASCII."""
    assert visible("a\u200bb\ufeff\u2060\u200e\xad\U000e0041") == r"a\u200bb\ufeff\u2060\u200e\u00ad\U000e0041"


def test_joiners_stay_where_they_join() -> None:
    """Between letters of other scripts and in emoji they belong to the text; beside ASCII they hide."""
    assert visible("👩\u200d👧 می\u200cروم") == "👩\u200d👧 می\u200cروم"
    assert visible("pass\u200dword \u200c") == r"pass\u200dword \u200c"


def test_json_for_a_terminal_says_the_same() -> None:
    """No control byte, no mark and nothing unseen is left, raw line ends between values aside; the value is the same."""
    odd = "\x7f\x9b\u202e\u2066\u200b\U000e0041 a\u200db 👩\u200d👧\0\x1b\t\n"
    text = json_visible('{\t"a":\r\n' + orjson.dumps(odd).decode() + "}")
    assert orjson.loads(text) == {"a": odd}
    assert visible(text) == text.replace("\t", "\\t").replace("\n", "\\n")


def test_json_for_a_terminal_in_pieces() -> None:
    """A character that is cut in two by a buffer is whole on the terminal."""
    out = BytesIO()
    terminal = JsonTerminal(out)
    terminal.writelines(bytes([byte]) for byte in "é\u202e👧".encode())
    terminal.flush()
    assert out.getvalue().decode() == "é\\u202e👧"


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
