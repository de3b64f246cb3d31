"""What `bt compare` prints, and what it says beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import orjson
from msgspec import Struct

from bt_cli.cli.drawing import report_look
from bt_cli.cli.visible import visible

if TYPE_CHECKING:
    from bt_cli.cli.console import Console
    from bt_cli.render.look import Look
    from bt_cli.spans.comparison import Comparison
    from bt_cli.spans.gate import Verdict
    from bt_cli.spans.pairs import Told


class Found(Struct, frozen=True):
    """One comparison, the cases to tell (None for none), and what the gates say of it."""

    comparison: Comparison
    told: Told | None
    verdicts: list[Verdict]


def print_found(console: Console, found: Sequence[Found], code: int, markdown: bool, ascii_only: bool) -> None:
    """Prints the comparisons in the form that is asked for, or that fits where they go, case by case.

    In a pipe they are one table: of the cases, where these are told, else of the measures.
    """
    look = report_look(console, ascii_only, markdown)
    if console.json:
        parts = _object(found, code)
    elif markdown or console.out_is_terminal:
        parts = _texts(found, look, markdown)
    else:
        parts = _lines(found, look)
    console.emit_parts(parts, json=console.json)


def _object(found: Sequence[Found], code: int) -> Iterator[str]:
    from bt_cli.render.compare_json import comparison_json

    head = orjson.dumps({"schema": "bt/compare/1", "ok": code == 0, "exit_code": code}).decode()
    yield f'{head[:-1]},"comparisons":{{"items":['
    for place, one in enumerate(found):
        yield "," if place else ""
        yield from comparison_json(one.comparison, one.told, one.verdicts)
    yield '],"truncated":false,"next_cursor":null}}\n'


def _texts(found: Sequence[Found], look: Look, markdown: bool) -> Iterator[str]:
    from bt_cli.render.compare_text import comparison_markdown, comparison_text

    for place, one in enumerate(found):
        yield "\n" if place else ""
        if markdown:
            yield from comparison_markdown(one.comparison, one.told, one.verdicts, look)
        else:
            yield from comparison_text(one.comparison, one.told, look)


def _lines(found: Sequence[Found], look: Look) -> Iterator[str]:
    from bt_cli.render.compare_json import CASE_COLUMNS, MEASURE_COLUMNS, case_lines, measure_lines

    of_cases = any(one.told is not None for one in found)
    yield "\t".join(CASE_COLUMNS if of_cases else MEASURE_COLUMNS) + "\n"
    for one in found:
        if one.told is None:
            lines = measure_lines(one.comparison, look.clean)
        else:
            lines = case_lines(one.comparison, one.told, look.clean)
        yield from ("\t".join(map(str, line)) + "\n" for line in lines)


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
