"""Findings about input as people read them: place and sentence, the text, a caret below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bt_cli.cli.visible import visible
from bt_cli.pipeline.report import Finding

SHOWN = 10


def finding_lines(finding: Finding) -> list[str]:
    """``file:line:column (byte N): message``, then the excerpt with a caret where the column lies in it."""
    path = f" (at {visible(finding.path)})" if finding.path else ""
    message = visible(finding.message).removesuffix(":")
    lines = [f"{_place(finding)}: {message}{path}{':' if finding.excerpt else ''}"]
    if finding.excerpt:
        lines.append(f"    {visible(finding.excerpt)}")
        if finding.caret >= 0:
            lines.append(" " * (4 + len(visible(finding.excerpt[: finding.caret]))) + "^")
    return lines


def findings_lines(findings: Sequence[Finding], problems: Mapping[str, int]) -> Iterator[str]:
    """The first ten in full, the rest by kind with counts; ``problems`` counts all by code."""
    shown = findings[:SHOWN]
    for finding in shown:
        yield from finding_lines(finding)
    rest = Counter(problems)
    rest.subtract(finding.code for finding in shown)
    left = {code: number for code, number in rest.items() if number > 0}
    if left:
        kinds = ", ".join(f"{number:,} {code}" for code, number in sorted(left.items(), key=lambda one: -one[1]))
        yield f"{'and' if shown else 'problems:'} {kinds}{' more' if shown else ''}"


def finding_dict(finding: Finding) -> dict[str, object]:
    """The finding as part of a JSON report."""
    return {
        "code": finding.code,
        "message": finding.message,
        "file": finding.file,
        "line": finding.line,
        "byte": finding.byte,
        "column": finding.column,
        "path": finding.path,
        "rejected": finding.rejected,
    }


def _place(finding: Finding) -> str:
    column = f":{finding.column}" if finding.column else ""
    return f"{visible(finding.file)}:{finding.line}{column} (byte {finding.byte})"
