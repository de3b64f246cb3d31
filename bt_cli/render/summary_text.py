"""A summary for people: a few lines, histograms and tables on a terminal; tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bt_cli.render.grid import Cell, Column, boxed, cut
from bt_cli.render.markdown import escaped, table
from bt_cli.render.measures import amount, edge, integer
from bt_cli.render.style import Style
from bt_cli.render.summary_json import label
from bt_cli.spans.statistics import Bin
from bt_cli.spans.summary import Group, Summary

_LONGEST_BAR = 40


def summary_text(name: str, summary: Summary, style: Style) -> str:
    """The summary of ``name`` for a terminal."""
    whole = summary.whole
    parts = ["".join(_head(name, summary, style)), "".join(_latency(whole, style))]
    if whole.scores:
        parts.append(_scores(whole, style))
    if summary.groups:
        parts.append(_groups(summary, style))
    return style.finished("\n".join(part for part in parts if part))


def summary_markdown(name: str, summary: Summary, style: Style) -> str:
    """The summary of ``name`` as tables of Markdown."""
    whole = summary.whole
    parts = [
        f"### {escaped(style.shown(name))}\n",
        table([column.name for column in _COLUMNS], [[cell.text for cell in _row(whole)]]),
    ]
    if whole.scores:
        rows = [[escaped(row[0].text), *(cell.text for cell in row[1:-1])] for row in _score_rows(whole, style)]
        parts.append(table([column.name for column in _SCORE_COLUMNS[:-1]], rows))
    if summary.groups:
        columns, grouped = _group_table(summary, style)
        rows = [[escaped(row[0].text), *(cell.text for cell in row[1:])] for row in grouped]
        parts.append(table([escaped(column.name) for column in columns], rows))
    return "\n".join(parts)


def _head(name: str, summary: Summary, style: Style) -> Iterator[str]:
    whole = summary.whole
    counted = f"{_count(whole.traces, 'trace')}, {_count(whole.spans, 'span')}"
    # A name that leaves no room for the numbers behind it has a line of its own.
    separator = ": " if len(name) + len(counted) + len(_period(whole)) + 2 <= style.width else "\n"
    yield f"{style.paint(cut(style.shown(name), style.width - 2), 'bold')}{separator}{counted}{_period(whole)}\n"
    units = whole.spans if summary.scope == "spans" else whole.traces
    if whole.errors:
        told = style.paint(_count(whole.errors, "span"), "red")
        yield f"errors   {told} in {integer(whole.failed)} of {_count(whole.traces, 'trace')}\n"
    elif whole.traces:
        yield "errors   none\n"
    for kind, values in (("tokens", whole.tokens), ("cost", whole.cost)):
        if values.n:
            each = f"{amount(kind, values.mean)} each in {integer(values.n)} of {_count(units, summary.scope[:-1])}"
            yield f"{kind:<9}{amount(kind, values.total)}{style.paint(f' · {each}', 'dim')}\n"


def _period(group: Group) -> str:
    if group.begin is None or group.end is None:
        return ""
    begin, end = (datetime.fromtimestamp(time, UTC) for time in (group.begin, group.end))
    first = f"{begin:%Y-%m-%d %H:%M}"
    last = f"{end:%H:%M}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f" · {first} UTC" if f"{end:%Y-%m-%d %H:%M}" == first else f" · {first} – {last} UTC"


def _latency(group: Group, style: Style) -> Iterator[str]:
    values = group.latency
    if not values.n:
        return
    told = (("p50", values.median), ("p95", values.p95), ("p99", values.p99), ("max", values.max))
    numbers = "   ".join(f"{style.paint(name, 'dim')} {amount('latency', value)}" for name, value in told)
    yield f"latency  {numbers}\n"
    if values.n > 1:
        yield from _bars(group.latency_bins, style)


def _bars(bins: Sequence[Bin], style: Style) -> Iterator[str]:
    names = [f"{edge(one.low)} – {edge(one.high)}" for one in bins]
    wide = max(map(len, names), default=0)
    most = max((one.count for one in bins), default=1)
    room = max(min(_LONGEST_BAR, style.width - wide - 20), 4)
    for name, one in zip(names, bins, strict=True):
        bar = style.bar(one.count / most, room)
        yield f"  {name:>{wide}}  {style.paint(bar, 'cyan') + ' ' if bar else ''}{integer(one.count)}\n"


_SCORE_COLUMNS = (
    Column("score", right=False),
    Column("mean"),
    Column("min", 2),
    Column("median", 2),
    Column("max", 3),
    Column("n", 1),
    Column("missing", 1),
    Column("0 – 1", 4, right=False),
)


def _scores(group: Group, style: Style) -> str:
    return boxed(_SCORE_COLUMNS, _score_rows(group, style), style)


def _score_rows(group: Group, style: Style) -> list[list[Cell]]:
    return [
        [
            Cell(style.shown(score.name)),
            *(
                Cell(amount("score", value))
                for value in (score.values.mean, score.values.min, score.values.median, score.values.max)
            ),
            Cell(integer(score.values.n)),
            Cell(integer(score.missing), "yellow" if score.missing else ""),
            Cell(style.sparks(score.tenths), "cyan"),
        ]
        for score in group.scores
    ]


_COLUMNS = (
    Column("traces"),
    Column("spans", 4),
    Column("errors", 1),
    Column("tokens", 2),
    Column("cost", 2),
    Column("p50", 1),
    Column("p95", 4),
    Column("p99", 4),
)


def _row(group: Group) -> list[Cell]:
    latency = group.latency
    return [
        Cell(integer(group.traces)),
        Cell(integer(group.spans)),
        Cell(integer(group.errors), "red" if group.errors else ""),
        Cell(amount("tokens", group.tokens.total)),
        Cell(amount("cost", group.cost.total)),
        *(Cell(amount("latency", value)) for value in (latency.median, latency.p95, latency.p99)),
    ]


def _groups(summary: Summary, style: Style) -> str:
    columns, rows = _group_table(summary, style)
    return boxed(columns, rows, style)


def _group_table(summary: Summary, style: Style) -> tuple[list[Column], list[list[Cell]]]:
    names = [score.name for score in summary.whole.scores]
    columns = [Column(style.shown(summary.group_by or ""), right=False), *_COLUMNS]
    columns += [Column(style.shown(name), 3) for name in names]
    rows = []
    for group in summary.groups:
        means = {score.name: score.values.mean for score in group.scores}
        first = Cell(style.shown(label(group.value)), "dim" if group.value is None else "")
        rows.append([first, *_row(group), *(Cell(amount("score", means.get(name))) for name in names)])
    return columns, rows


def _count(number: int, noun: str) -> str:
    return f"{integer(number)} {noun if number == 1 else noun + 's'}"
