"""A comparison for people: tables on a terminal, and Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.render.grid import Cell, Column, boxed, cut
from bt_cli.render.markdown import escaped, table
from bt_cli.render.measures import amount, difference, integer
from bt_cli.render.style import Style
from bt_cli.spans.comparison import CasePair, Comparison, Kind, Measure, Value
from bt_cli.spans.gate import Verdict

_LONGEST_NAME = 40
_STYLES = {"better": "green", "worse": "red", "noise": "dim", "equal": "dim"}
_SIGNS = {"better": "▲", "worse": "▼", "noise": "~", "equal": "="}
_ASCII_SIGNS = {"better": "+", "worse": "!", "noise": "~", "equal": "="}
LEGEND = "▲ better · ▼ worse · ~ within noise: the interval has 0 in it"
_ASCII_LEGEND = "+ better, ! worse, ~ within noise: the interval has 0 in it"


def comparison_text(comparison: Comparison, cases: Sequence[CasePair] | None, style: Style) -> str:
    """A comparison for a terminal; ``cases`` None for none to be told."""
    names = [_end(style.shown(name), style.width // 2 - 2) for name in (comparison.base, comparison.other)]
    text = f"{style.paint(' → '.join(names), 'bold')}\n{style.wrapped(', '.join(coverage(comparison)))}"
    if comparison.matched:
        rows = [_row(one, style) for one in comparison.measures]
        if rows:
            text += boxed(_columns(style), rows, style)
            text += style.paint(_ASCII_LEGEND if style.ascii else LEGEND, "dim") + "\n"
        if cases is not None:
            text += "\n" + _cases(comparison, cases, style)
    return style.finished(text)


def comparison_markdown(
    comparison: Comparison, cases: Sequence[CasePair] | None, verdicts: Sequence[Verdict], style: Style
) -> str:
    """A comparison as Markdown, with what the gates say."""
    base, other = (escaped(style.shown(name), 60) for name in (comparison.base, comparison.other))
    text = f"### {base} → {other}\n\n"
    if comparison.matched and comparison.measures:
        rows = [_markdown_row(one, style) for one in comparison.measures]
        text += table([column.name for column in _columns(style)], rows) + f"\n{LEGEND}  \n"
    text += f"{escaped(style.shown(', '.join(coverage(comparison))), 400)}.\n"
    text += "".join(f"\n**{escaped(line)}**\n" for line in verdict_lines(comparison, verdicts, style))
    if comparison.matched and cases is not None:
        title = f"<details><summary>{_count(len(cases), 'case')}</summary>"
        text += f"\n{title}\n\n{_markdown_cases(comparison, cases, style)}\n</details>\n"
    return text


def coverage(comparison: Comparison) -> list[str]:
    """How many cases match, and what is left out, in words."""
    by = comparison.by
    found = [f"{_count(comparison.matched, 'case')} matched by {by}"]
    if comparison.repeated:
        found.append(f"{integer(comparison.repeated)} of them with several trials (means)")
    for side, only, unkeyed in (
        ("base", comparison.only_base, comparison.unkeyed_base),
        ("other", comparison.only_other, comparison.unkeyed_other),
    ):
        if only:
            found.append(f"{integer(only)} only in {side}")
        if unkeyed:
            found.append(f"{_count(unkeyed, 'trace')} of {side} without {by}")
    return found


def verdict_lines(comparison: Comparison, verdicts: Sequence[Verdict], style: Style) -> list[str]:
    """What the gates say that did not pass."""
    kinds = {measure.name: measure.kind for measure in comparison.measures}
    return [_verdict_line(one, kinds.get(one.measure, "score"), style) for one in verdicts if one.state != "passed"]


def _verdict_line(verdict: Verdict, kind: Kind, style: Style) -> str:
    name = cut(style.shown(verdict.measure), _LONGEST_NAME)
    if verdict.state == "unknown":
        return f"{name} can't be judged: no case has it on both sides."
    return f"{name} is worse by {amount(kind, verdict.worse_by)}, and {amount(kind, verdict.allowed)} is allowed."


def _columns(style: Style) -> list[Column]:
    """The last three count cases."""
    signs = _signs(style)
    counts = [Column(signs["better"], 2), Column(signs["worse"], 2), Column("n", 3)]
    return [
        Column("", right=False),
        Column("base"),
        Column("other"),
        Column("diff"),
        Column("95 % interval", 1),
        *counts,
    ]


def _signs(style: Style) -> dict[str, str]:
    return _ASCII_SIGNS if style.ascii else _SIGNS


def _row(measure: Measure, style: Style) -> list[Cell]:
    sign = f" {_signs(style)[measure.verdict]}" if measure.n else ""
    return [
        Cell(style.shown(measure.name)),
        Cell(amount(measure.kind, measure.base)),
        Cell(amount(measure.kind, measure.other)),
        Cell(difference(measure.kind, measure.difference) + sign, _STYLES[measure.verdict]),
        Cell(_interval(measure)),
        Cell(integer(measure.better)),
        Cell(integer(measure.worse)),
        Cell(integer(measure.n)),
    ]


def _interval(measure: Measure) -> str:
    if measure.low is None:
        return amount(measure.kind, None)
    return f"[{difference(measure.kind, measure.low)}, {difference(measure.kind, measure.high)}]"


def _markdown_row(measure: Measure, style: Style) -> list[str]:
    name, base, other, changed, *rest = (cell.text for cell in _row(measure, style))
    if measure.verdict in ("better", "worse"):
        changed = f"**{changed}**"
    return [escaped(name), base, other, changed, *rest]


def _names(comparison: Comparison) -> list[tuple[str, Kind]]:
    return [(one.name, one.kind) for one in comparison.measures]


def _cases(comparison: Comparison, cases: Sequence[CasePair], style: Style) -> str:
    if not cases:
        return "No case is such.\n"
    columns = [Column(style.shown(comparison.by), right=False)]
    columns += [
        Column(style.shown(name), 0 if kind == "score" else place)
        for place, (name, kind) in enumerate(_names(comparison), start=1)
    ]
    rows = []
    for pair in cases:
        values = {(value.name, value.kind): value for value in pair.values}
        cells = [_case_cell(values.get((name, kind)), style) for name, kind in _names(comparison)]
        rows.append([Cell(style.shown(pair.label)), *cells])
    return boxed(columns, rows, style)


def _case_cell(value: Value | None, style: Style) -> Cell:
    if value is None:
        return Cell("")
    base, other = (amount(value.kind, number) for number in (value.base, value.other))
    if value.difference == 0:
        return Cell(other, "dim")
    return Cell(f"{base} → {other}", "green" if value.gain > 0 else "red" if value.gain < 0 else "yellow")


def _markdown_cases(comparison: Comparison, cases: Sequence[CasePair], style: Style) -> str:
    header = [escaped(style.shown(comparison.by)), *(escaped(style.shown(name)) for name, _ in _names(comparison))]
    rows = []
    for pair in cases:
        values = {(value.name, value.kind): value for value in pair.values}
        cells = [_case_cell(values.get((name, kind)), style).text for name, kind in _names(comparison)]
        rows.append([escaped(style.shown(pair.label)), *cells])
    return table(header, rows)


def _end(name: str, width: int) -> str:
    """The end of a name, which of a path tells most."""
    return name if len(name) <= width else "…" + name[-(width - 1) :]


def _count(number: int, noun: str) -> str:
    return f"{integer(number)} {noun if number == 1 else noun + 's'}"
