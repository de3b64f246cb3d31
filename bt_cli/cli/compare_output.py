"""What `bt compare` prints, and what it says beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from bt_cli.cli.drawing import report_look
from bt_cli.cli.visible import visible

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.spans.comparison import CasePair, Comparison
    from bt_cli.spans.gate import Verdict


class Found(Struct, frozen=True):
    """One comparison, the cases to tell (None for none), and what the gates say of it."""

    comparison: Comparison
    cases: list[CasePair] | None
    verdicts: list[Verdict]


def print_found(console: Console, found: Sequence[Found], code: int, markdown: bool, ascii_only: bool) -> None:
    """Prints the comparisons in the form that is asked for, or that fits where they go.

    In a pipe they are one table: of the cases, where these are told, else of the measures.
    """
    if console.json:
        console.emit_json(_object(found, code))
        return
    look = report_look(console, ascii_only, markdown)
    if markdown:
        from bt_cli.render.compare_text import comparison_markdown

        texts = [comparison_markdown(one.comparison, one.cases, one.verdicts, look) for one in found]
        console.emit_text("\n".join(texts))
    elif console.out_is_terminal:
        from bt_cli.render.compare_text import comparison_text

        console.emit_text("\n".join(comparison_text(one.comparison, one.cases, look) for one in found))
    else:
        from bt_cli.render.compare_json import case_table, measure_table

        told = [(one.comparison, one.cases) for one in found if one.cases is not None]
        compared = [one.comparison for one in found]
        console.table(*(case_table(told, look.clean) if told else measure_table(compared, look.clean)))


def warn_of(console: Console, found: Sequence[Found]) -> None:
    """Says which sides have little or nothing in common, and which gates did not pass."""
    from bt_cli.render.compare_text import coverage, verdict_lines

    look = report_look(console, markdown=True)  # talk is for people
    for one in found:
        compared = one.comparison
        if not compared.matched:
            pair = f"{visible(compared.base)} and {visible(compared.other)}"
            console.warn(f"No case matches by {visible(compared.by)}: {pair} have none in common.")
        elif (compared.only_base or compared.only_other) and not console.out_is_terminal:
            console.note(f"{visible(compared.other)}: {', '.join(coverage(compared))}.")
        for line in verdict_lines(compared, one.verdicts, look):
            console.warn(f"{visible(compared.other)}: {line}")


def _object(found: Sequence[Found], code: int) -> dict[str, object]:
    from bt_cli.render.compare_json import comparison_dict

    items = [comparison_dict(one.comparison, one.cases, one.verdicts) for one in found]
    return {
        "schema": "bt/compare/1",
        "ok": code == 0,
        "exit_code": code,
        "comparisons": {"items": items, "truncated": False, "next_cursor": None},
    }
