"""A comparison for people: tables on a terminal, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.render.amounts import aligned, amount, count, difference, integer
from bt_cli.render.charts import finished, wrapped
from bt_cli.render.look import BOLD, DIM, Look, cut
from bt_cli.render.markdown import escaped, table
from bt_cli.render.table import READABLE, Cell, Column, boxed
from bt_cli.spans.comparison import CasePair, Comparison, Kind, Measure, Value
from bt_cli.spans.gate import Verdict

_LONGEST_NAME = 40
_STYLES = {"better": "green", "worse": "red", "noise": "dim", "equal": "dim"}
_SIGNS = {"better": "▲", "worse": "▼", "noise": "~", "equal": "="}
_ASCII_SIGNS = {"better": "+", "worse": "!", "noise": "~", "equal": "="}
LEGEND = "▲ better · ▼ worse · ~ within noise: the interval has 0 in it"
_ASCII_LEGEND = "+ better, ! worse, ~ within noise: the interval has 0 in it"


def comparison_text(comparison: Comparison, cases: Sequence[CasePair] | None, look: Look) -> str:
    """A comparison for a terminal; ``cases`` None for none to be told."""
    names = [_end(look.clean(name), look.room // 2 - 2) for name in (comparison.base, comparison.other)]
    text = f"{look.paint(' → '.join(names), BOLD)}\n{wrapped(look, ', '.join(coverage(comparison)))}"
    if comparison.matched:
        rows = [_row(one, look) for one in comparison.measures]
        if rows:
            text += boxed(_columns(look), rows, look)
            text += look.paint(_ASCII_LEGEND if look.ascii else LEGEND, DIM) + "\n"
        if cases is not None:
            text += "\n" + _cases(comparison, cases, look)
    return finished(look, text)


def comparison_markdown(
    comparison: Comparison, cases: Sequence[CasePair] | None, verdicts: Sequence[Verdict], look: Look
) -> str:
    """A comparison as Markdown, with what the gates say."""
    base, other = (escaped(look.clean(name), 60) for name in (comparison.base, comparison.other))
    text = f"### {base} → {other}\n\n"
    if comparison.matched and comparison.measures:
        rows = [_markdown_row(one, look) for one in comparison.measures]
        text += table(_columns(look), rows) + f"\n{LEGEND}  \n"
    text += f"{escaped(look.clean(', '.join(coverage(comparison))), 400)}.\n"
    text += "".join(f"\n**{escaped(line)}**\n" for line in verdict_lines(comparison, verdicts, look))
    if comparison.matched and cases is not None:
        title = f"<details><summary>{count(len(cases), 'case')}</summary>"
        text += f"\n{title}\n\n{_markdown_cases(comparison, cases, look)}\n</details>\n"
    return text


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
    """What the gates say that did not pass."""
    kinds = {measure.name: measure.kind for measure in comparison.measures}
    return [_verdict_line(one, kinds.get(one.measure, "score"), look) for one in verdicts if one.state != "passed"]


def _verdict_line(verdict: Verdict, kind: Kind, look: Look) -> str:
    name = cut(look.clean(verdict.measure), _LONGEST_NAME)
    if verdict.state == "unknown":
        return f"{name} can't be judged: no case has it on both sides."
    return f"{name} is worse by {amount(kind, verdict.worse_by)}, and {amount(kind, verdict.allowed)} is allowed."


def _columns(look: Look) -> list[Column]:
    """The last three count cases."""
    signs = _signs(look)
    counts = [Column(signs["better"], 2), Column(signs["worse"], 2), Column("n", 3)]
    return [
        Column("", right=False, least=READABLE),
        Column("base"),
        Column("other"),
        Column("diff"),
        Column("95 % interval", 1),
        *counts,
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


def _names(comparison: Comparison) -> list[tuple[str, Kind]]:
    return [(one.name, one.kind) for one in comparison.measures]


def _cases(comparison: Comparison, cases: Sequence[CasePair], look: Look) -> str:
    return boxed(*_case_table(comparison, cases, look), look) if cases else "No case is such.\n"


def _markdown_cases(comparison: Comparison, cases: Sequence[CasePair], look: Look) -> str:
    columns, rows = _case_table(comparison, cases, look)
    return table(columns, [[escaped(row[0].text), *(cell.text for cell in row[1:])] for row in rows])


def _case_table(comparison: Comparison, cases: Sequence[CasePair], look: Look) -> tuple[list[Column], list[list[Cell]]]:
    columns = [Column(look.clean(comparison.by), right=False, least=READABLE)]
    columns += [
        Column(look.clean(name), 0 if kind == "score" else place)
        for place, (name, kind) in enumerate(_names(comparison), start=1)
    ]
    rows = []
    for pair in cases:
        values = {(value.name, value.kind): value for value in pair.values}
        cells = [_case_cell(values.get((name, kind))) for name, kind in _names(comparison)]
        rows.append([Cell(look.clean(pair.label)), *cells])
    return columns, rows


def _case_cell(value: Value | None) -> Cell:
    if value is None:
        return Cell("")
    base, other = (aligned(value.kind, number) for number in (value.base, value.other))
    if value.difference == 0:
        return Cell(other, "dim")
    return Cell(f"{base} → {other}", "green" if value.gain > 0 else "red" if value.gain < 0 else "yellow")


def _end(name: str, width: int) -> str:
    """The end of a name, which of a path tells most."""
    return name if len(name) <= width else "…" + name[-(width - 1) :]
