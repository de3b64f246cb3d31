"""A summary for people: a few lines, histograms and tables on a terminal; tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bt_cli.render.amounts import aligned, amount, count, edge, integer, moment
from bt_cli.render.charts import bar, finished, sparks
from bt_cli.render.look import BOLD, CYAN, DIM, RED, Look, cut
from bt_cli.render.markdown import escaped, table
from bt_cli.render.summary_json import label
from bt_cli.render.table import READABLE, Cell, Column, boxed
from bt_cli.spans.statistics import Bin
from bt_cli.spans.summary import Group, Summary

_LONGEST_BAR = 40


def summary_text(name: str, summary: Summary, look: Look) -> str:
    """The summary of ``name`` for a terminal."""
    whole = summary.whole
    parts = ["".join(_head(name, summary, look)), "".join(_latency(whole, look))]
    if whole.scores:
        parts.append(_scores(whole, look))
    if summary.groups:
        parts.append(_groups(summary, look))
    return finished(look, "\n".join(part for part in parts if part))


def summary_markdown(name: str, summary: Summary, look: Look) -> str:
    """The summary of ``name`` as tables of Markdown."""
    whole = summary.whole
    parts = [
        f"### {escaped(look.clean(name))}\n",
        table(_COLUMNS, [[cell.text for cell in _row(whole)]]),
    ]
    if whole.scores:
        rows = [[escaped(row[0].text), *(cell.text for cell in row[1:-1])] for row in _score_rows(whole, look)]
        parts.append(table(_SCORE_COLUMNS[:-1], rows))
    if summary.groups:
        columns, grouped = _group_table(summary, look)
        rows = [[escaped(row[0].text), *(cell.text for cell in row[1:])] for row in grouped]
        parts.append(table(columns, rows))
    return "\n".join(parts)


def _head(name: str, summary: Summary, look: Look) -> Iterator[str]:
    whole = summary.whole
    counted = f"{count(whole.traces, 'trace')}, {count(whole.spans, 'span')}"
    # A name that leaves no room for the numbers behind it has a line of its own.
    separator = ": " if len(name) + len(counted) + len(_period(whole)) + 2 <= look.room else "\n"
    yield f"{look.paint(cut(look.clean(name), look.room - 2), BOLD)}{separator}{counted}{_period(whole)}\n"
    units = whole.spans if summary.scope == "spans" else whole.traces
    if whole.errors:
        told = look.paint(count(whole.errors, "span"), RED)
        yield f"errors   {told} in {integer(whole.failed)} of {count(whole.traces, 'trace')}\n"
    elif whole.traces:
        yield "errors   none\n"
    for kind, values in (("tokens", whole.tokens), ("cost", whole.cost)):
        if values.n:
            each = f"{amount(kind, values.mean)} each in {integer(values.n)} of {count(units, summary.scope[:-1])}"
            yield f"{kind:<9}{amount(kind, values.total)}{look.paint(f' · {each}', DIM)}\n"


def _period(group: Group) -> str:
    """``· 2026-01-05 09:02 – 17:40 UTC``: to the minute, the day once where it is the same."""
    first, last = (moment(seconds)[: len("2026-01-05 09:02")] for seconds in (group.begin, group.end))
    if not first or not last:
        return ""
    day, _, time = last.partition(" ")
    until = "" if first == last else f" – {time if first.startswith(day) else last}"
    return f" · {first}{until} UTC"


def _latency(group: Group, look: Look) -> Iterator[str]:
    values = group.latency
    if not values.n:
        return
    told = (("p50", values.median), ("p95", values.p95), ("p99", values.p99), ("max", values.max))
    numbers = "   ".join(f"{look.paint(name, DIM)} {amount('latency', value)}" for name, value in told)
    yield f"latency  {numbers}\n"
    if values.n > 1:
        yield from _bars(group.latency_bins, look)


def _bars(bins: Sequence[Bin], look: Look) -> Iterator[str]:
    names = [f"{edge(one.low)} – {edge(one.high)}" for one in bins]
    wide = max(map(len, names), default=0)
    most = max((one.count for one in bins), default=1)
    room = max(min(_LONGEST_BAR, look.room - wide - 20), 4)
    for name, one in zip(names, bins, strict=True):
        drawn = bar(look, one.count / most, room)
        yield f"  {name:>{wide}}  {look.paint(drawn, CYAN) + ' ' if drawn else ''}{integer(one.count)}\n"


_SCORE_COLUMNS = (
    Column("score", right=False, least=READABLE),
    Column("mean"),
    Column("min", 2),
    Column("median", 2),
    Column("max", 3),
    Column("n", 1),
    Column("missing", 1),
    Column("0 – 1", 4, right=False),
)


def _scores(group: Group, look: Look) -> str:
    return boxed(_SCORE_COLUMNS, _score_rows(group, look), look)


def _score_rows(group: Group, look: Look) -> list[list[Cell]]:
    return [
        [
            Cell(look.clean(score.name)),
            *(
                Cell(aligned("score", value))
                for value in (score.values.mean, score.values.min, score.values.median, score.values.max)
            ),
            Cell(integer(score.values.n)),
            Cell(integer(score.missing), "yellow" if score.missing else ""),
            Cell(sparks(look, score.tenths), "cyan"),
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
        Cell(aligned("tokens", group.tokens.total)),
        Cell(aligned("cost", group.cost.total)),
        *(Cell(aligned("latency", value)) for value in (latency.median, latency.p95, latency.p99)),
    ]


def _groups(summary: Summary, look: Look) -> str:
    columns, rows = _group_table(summary, look)
    return boxed(columns, rows, look)


def _group_table(summary: Summary, look: Look) -> tuple[list[Column], list[list[Cell]]]:
    names = [score.name for score in summary.whole.scores]
    columns = [Column(look.clean(summary.group_by or ""), right=False, least=READABLE), *_COLUMNS]
    columns += [Column(look.clean(name), 3) for name in names]
    rows = []
    for group in summary.groups:
        means = {score.name: score.values.mean for score in group.scores}
        first = Cell(look.clean(label(group.value)), "dim" if group.value is None else "")
        rows.append([first, *_row(group), *(Cell(aligned("score", means.get(name))) for name in names)])
    return columns, rows
