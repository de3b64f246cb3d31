"""A comparison for people: tables on a terminal, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bt_cli.render.amounts import aligned, amount, count, difference, integer
from bt_cli.render.case_text import case_markdown, case_text
from bt_cli.render.charts import finished, wrapped
from bt_cli.render.look import BOLD, DIM, Look, cut
from bt_cli.render.markdown import escaped, table
from bt_cli.render.table import READABLE, Cell, Column, boxed
from bt_cli.spans.comparison import Comparison, Measure
from bt_cli.spans.gate import Verdict
from bt_cli.spans.pairs import Kind, Told

_LONGEST_NAME = 40
_STYLES = {"better": "green", "worse": "red", "noise": "dim", "equal": "dim"}
_SIGNS = {"better": "▲", "worse": "▼", "noise": "~", "equal": "="}
_ASCII_SIGNS = {"better": "+", "worse": "!", "noise": "~", "equal": "="}
_LEGEND = "▲ better · ▼ worse · ~ within noise: the interval has 0 in it"
_ASCII_LEGEND = "+ better, ! worse, ~ within noise: the interval has 0 in it"
_MARKDOWN_COLUMNS = (
    Column("measure", right=False),
    *map(Column, ("base", "other", "diff", "95 % interval", "better", "worse", "cases")),
)
"""With words where a terminal is short of room for them."""


def comparison_text(comparison: Comparison, told: Told | None, look: Look) -> Iterator[str]:
    """A comparison for a terminal, in parts; ``told`` None for no cases to be told."""
    names = [_end(look.clean(name), look.room // 2 - 2) for name in (comparison.base, comparison.other)]
    text = f"{look.paint(' → '.join(names), BOLD)}\n{wrapped(look, look.clean(', '.join(coverage(comparison))))}"
    if comparison.matched and comparison.measures:
        text += boxed(_columns(look), [_row(one, look) for one in comparison.measures], look)
        text += look.paint(_ASCII_LEGEND if look.ascii else _LEGEND, DIM) + "\n"
    yield finished(look, text)
    if told is not None:
        yield from (finished(look, part) for part in case_text(comparison, told, look))


def comparison_markdown(
    comparison: Comparison, told: Told | None, verdicts: Sequence[Verdict], look: Look
) -> Iterator[str]:
    """A comparison as Markdown, in parts, with what the gates say."""
    base, other = (escaped(look.clean(name), 60) for name in (comparison.base, comparison.other))
    text = f"### {base} → {other}\n\n"
    if comparison.matched and comparison.measures:
        rows = [_markdown_row(one, look) for one in comparison.measures]
        text += table(_MARKDOWN_COLUMNS, rows) + f"\n{_LEGEND}  \n"
    text += f"{escaped(look.clean(', '.join(coverage(comparison))), 400)}.\n"
    text += "".join(f"\n**{escaped(line, 400)}**\n" for line in verdict_lines(comparison, verdicts, look))
    yield text
    if told is not None:
        yield from case_markdown(comparison, told, look)


def coverage(comparison: Comparison) -> list[str]:
    """How many cases match, and what is left out, in words."""
    by = comparison.by
    found = [f"{count(comparison.matched, 'case')} matched by {by}"]
    if comparison.repeated:
        found.append(f"{integer(comparison.repeated)} of them with several trials (means)")
    for side, only, unkeyed in (
        ("base", comparison.only_base, comparison.unkeyed_base),
        ("other", comparison.only_other, comparison.unkeyed_other),
    ):
        if only:
            found.append(f"{integer(only)} only in {side}")
        if unkeyed:
            found.append(f"{count(unkeyed, 'trace')} of {side} without {by}")
    return found


def verdict_lines(comparison: Comparison, verdicts: Sequence[Verdict], look: Look) -> list[str]:
    """What the gates say that did not pass; missing cases are told once for all of them."""
    kinds = {measure.name: measure.kind for measure in comparison.measures}
    lines = [_verdict_line(one, kinds, look) for one in verdicts if one.state != "passed"]
    return list(dict.fromkeys(lines))


def _verdict_line(verdict: Verdict, kinds: Mapping[str, Kind], look: Look) -> str:
    name = cut(look.clean(verdict.measure), _LONGEST_NAME)
    if verdict.state == "unknown":
        return f"{name} can't be judged: no case has it on both sides."
    if verdict.state == "incomplete":
        cases = f"{integer(verdict.missing)} of {count(verdict.of, 'case')} of base"
        lacks = cases if verdict.missing_are == "cases" else f"{name} of {cases}"
        return f"other lacks {lacks}, so nothing is judged; --max-missing allows some."
    kind = kinds[verdict.measure]
    return f"{name} is worse by {amount(kind, verdict.worse_by)}, and {amount(kind, verdict.allowed)} is allowed."


def _columns(look: Look) -> list[Column]:
    """The last three count cases."""
    signs = _signs(look)
    return [
        Column("measure", right=False, least=READABLE),
        Column("base"),
        Column("other"),
        Column("diff"),
        Column("95 % interval", 1),
        Column(signs["better"], 3),
        Column(signs["worse"], 2),
        Column("n", 4),
    ]


def _signs(look: Look) -> dict[str, str]:
    return _ASCII_SIGNS if look.ascii else _SIGNS


def _row(measure: Measure, look: Look) -> list[Cell]:
    sign = f" {_signs(look)[measure.verdict]}" if measure.n else ""
    return [
        Cell(look.clean(measure.name)),
        Cell(aligned(measure.kind, measure.base)),
        Cell(aligned(measure.kind, measure.other)),
        Cell(difference(measure.kind, measure.difference) + sign, _STYLES[measure.verdict]),
        Cell(_interval(measure)),
        Cell(integer(measure.better)),
        Cell(integer(measure.worse)),
        Cell(integer(measure.n)),
    ]


def _interval(measure: Measure) -> str:
    if measure.low is None:
        return aligned(measure.kind, None)
    return f"[{difference(measure.kind, measure.low)}, {difference(measure.kind, measure.high)}]"


def _markdown_row(measure: Measure, look: Look) -> list[str]:
    name, base, other, changed, *rest = (cell.text for cell in _row(measure, look))
    if measure.verdict in ("better", "worse"):
        changed = f"**{changed}**"
    return [escaped(name), base, other, changed, *rest]


def _end(name: str, width: int) -> str:
    """The end of a name, which of a path tells most."""
    return name if len(name) <= width else "…" + name[-(width - 1) :]
