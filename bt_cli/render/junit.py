"""Results of scorers as JUnit XML: a suite a scorer, a case a trace, and a suite of the gates.

Each part is text of its own, so that a writer can stream them. Text from data becomes valid XML 1.0:
characters that it does not know are spelled out.
"""

from __future__ import annotations

import re

from bt_cli.render.score_words import check_words
from bt_cli.spans.score_gates import Check
from bt_cli.spans.score_tally import SLACK, Outcome, ScorerNumbers

GATES = "gates"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_TABLE = str.maketrans(_ESCAPES)
_LONGEST = 2_000
"""Characters of a reason that are told."""


def head() -> str:
    """Begins a report."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bt score">\n'


def tail() -> str:
    """Ends a report."""
    return "</testsuites>\n"


def case(result: Outcome, trace: str, threshold: float | None) -> str:
    """One result. With a ``threshold``, a score below it is a failure; what was not run is skipped, and says so."""
    span = "" if result.span_id in ("", trace) else f" {result.span_id}"
    begin = f"    <testcase classname={quoted(result.name)} name={quoted(trace + span)}"
    inner = _outcome(result, threshold)
    if result.score is not None:
        inner = f'<properties><property name="score" value="{result.score!r}"/></properties>{inner}'
    return f"{begin}>{inner}</testcase>\n" if inner else f"{begin}/>\n"


def is_below(result: Outcome, threshold: float | None) -> bool:
    """Whether the score is one that the row threshold of a gate calls a failure."""
    return threshold is not None and result.score is not None and result.score < threshold - SLACK


def suite_head(scorer: ScorerNumbers, failures: int) -> str:
    """Begins the suite of a scorer, whose counts are known by then."""
    skipped = scorer.skipped + scorer.not_run
    return _suite(scorer.name, scorer.cases, failures, scorer.errors, skipped)


def suite_tail() -> str:
    """Ends a suite."""
    return "  </testsuite>\n"


def gates_suite(checks: list[Check]) -> str:
    """A suite of its own for the gates: a mean that is too low is no fault of any single case."""
    if not checks:
        return ""
    failures, unknown = (sum(check.state == state for check in checks) for state in ("failed", "unknown"))
    return _suite(GATES, len(checks), failures, unknown, 0) + "".join(map(_check, checks)) + suite_tail()


def quoted(text: str) -> str:
    """``text`` as an attribute of XML 1.0."""
    return f'"{_FORBIDDEN.sub(_spelled, text).translate(_TABLE)}"'


def _spelled(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _suite(name: str, tests: int, failures: int, errors: int, skipped: int) -> str:
    counts = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    return f"  <testsuite name={quoted(name)} {counts}>\n"


def _outcome(result: Outcome, threshold: float | None) -> str:
    reason = result.reason[:_LONGEST]
    if result.state == "error":
        return f"<error message={quoted(reason)}/>"
    if result.state == "skipped":
        return f"<skipped message={quoted(reason)}/>"
    if result.state == "not_run":
        return f"<skipped message={quoted(f'not run: {reason}' if reason else 'not run')}/>"
    if is_below(result, threshold):
        return f"<failure message={quoted(f'{result.score:.6g} is below {threshold:g}')}/>"
    return ""


def _check(check: Check) -> str:
    begin = f'    <testcase classname="{GATES}" name={quoted(f"{check.kind} {check.name}")}'
    if check.state == "passed":
        return f"{begin}/>\n"
    kind = "failure" if check.state == "failed" else "error"
    return f"{begin}><{kind} message={quoted(check_words(check))}/></testcase>\n"
