"""The cases of a comparison for people: boxes on a terminal, folded tables in Markdown. Both stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from bt_cli.render.amounts import aligned, count
from bt_cli.render.look import Look
from bt_cli.render.markdown import escaped, table_lines
from bt_cli.render.table import READABLE, Cell, Column, boxed
from bt_cli.spans.comparison import Comparison
from bt_cli.spans.pairs import CasePair, Cases, Kind, Told, Value

_ROWS_OF_A_BOX = 1000
"""More cases are drawn as several boxes: widths are decided before all rows are known."""
_SHOWN_OF_ID = 8
"""Characters of an id's end that lists show."""

Names = Sequence[tuple[str, Kind]]


def case_text(comparison: Comparison, told: Told, look: Look) -> Iterator[str]:
    """The cases for a terminal: a box of those that both sides have, then of those that only one has."""
    names = _names(comparison)
    if comparison.matched and not told.both:
        yield "\nNo case moved so.\n"
    for cases, side in ((told.both, ""), (told.only_base, "base"), (told.only_other, "other")):
        columns = _columns(comparison, names, side, look)
        if cases:
            yield f"\nOnly in {side}:\n" if side else "\n"
        walk = iter(cases)
        while rows := [_row(pair, names, side, look) for pair in islice(walk, _ROWS_OF_A_BOX)]:
            yield boxed(columns, rows, look)


def case_markdown(comparison: Comparison, told: Told, look: Look) -> Iterator[str]:
    """The cases as Markdown that is folded until somebody opens it."""
    names = _names(comparison)
    for cases, side in ((told.both, ""), (told.only_base, "base"), (told.only_other, "other")):
        if cases or (comparison.matched and not side):
            where = f" only in {side}" if side else ""
            yield f"\n<details><summary>{count(len(cases), 'case')}{where}</summary>\n\n"
            yield from _markdown_table(comparison, cases, names, side, look)
            yield "\n</details>\n"


def _markdown_table(comparison: Comparison, cases: Cases, names: Names, side: str, look: Look) -> Iterator[str]:
    columns = _columns(comparison, names, side, look)
    texts = len(columns) - len(names)  # before the numbers, which are Markdown already
    written = ([cell.text for cell in _row(pair, names, side, look)] for pair in cases)
    yield from table_lines(columns, ([*map(escaped, cells[:texts]), *cells[texts:]] for cells in written))


def _names(comparison: Comparison) -> Names:
    return [(one.name, one.kind) for one in comparison.measures]


def _columns(comparison: Comparison, names: Names, side: str, look: Look) -> list[Column]:
    """Those of a case, the case first; of one that only a ``side`` has, its trace too."""
    ranks = enumerate(names, start=1)
    measures = [Column(look.clean(name), 0 if kind == "score" else rank) for rank, (name, kind) in ranks]
    case = Column(look.clean(comparison.by), right=False, least=READABLE)
    return [case, *([Column("trace")] if side else []), *measures]


def _row(pair: CasePair, names: Names, side: str, look: Look) -> list[Cell]:
    values = {(value.name, value.kind): value for value in pair.values}
    cells = [_cell(values.get(name), bool(side)) for name in names]
    return [Cell(look.clean(pair.label)), *([_trace(pair, look)] if side else []), *cells]


def _trace(pair: CasePair, look: Look) -> Cell:
    first, *others = pair.base_traces or pair.other_traces
    more = f" +{len(others)}" if others else ""
    return Cell(look.clean(first[-_SHOWN_OF_ID:]) + more, "dim")


def _cell(value: Value | None, alone: bool) -> Cell:
    """One value, or both where a case has two sides."""
    if value is None:
        return Cell("")
    if alone:
        return Cell(aligned(value.kind, value.other if value.base is None else value.base))
    base, other = (aligned(value.kind, number) for number in (value.base, value.other))
    if value.difference == 0:
        return Cell(other, "dim")
    return Cell(f"{base} → {other}", {"better": "green", "worse": "red"}.get(value.verdict or "", "yellow"))
