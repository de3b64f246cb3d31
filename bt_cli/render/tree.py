"""A trace as text: a line a span with guides, waterfall bar, duration, tokens and marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bt_cli.render import amounts
from bt_cli.render.error_text import error_line
from bt_cli.render.folding import Entry, FactsOf, Folded
from bt_cli.render.look import BOLD, CYAN, DIM, GREEN, MAGENTA, RED, YELLOW, Look, cells, cut, isolated, pad
from bt_cli.render.waterfall import Range, bar, range_of
from bt_cli.spans.facts import Facts
from bt_cli.spans.fragments import Why

MARKS: dict[Why, str] = {
    "orphan": "orphan: its parent is not here",
    "cycle": "cycle: its parents lead back to it",
    "deep": "goes on from 256 levels above",
}
_COLORS = {"llm": MAGENTA, "tool": YELLOW, "function": CYAN, "score": GREEN}
_GAP = "  "
_LABEL_IN_PIPE = 60
"""Columns to which names are filled up in a pipe; longer ones stand out."""
_BAR_IN_PIPE = 24
_DURATION, _NARROWEST_BAR, _WIDEST_BAR, _NARROWEST_LABEL = 8, 8, 40, 16


class Block(NamedTuple):
    """The line of an entry, and below it the line of its error; what decides whether a budget keeps it."""

    text: str
    parent: int
    error: bool
    duration: float
    spans: int
    folded: bool = False


class _Widths(NamedTuple):
    label: int
    bar: int
    tokens: int


def blocks(shown: Sequence[Entry], facts: FactsOf, why: dict[int, Why], look: Look) -> Iterator[Block]:
    """The text of every entry of a tree, in order."""
    whole = range_of(facts.values())
    widths = _widths(shown, facts, look, whole)
    for entry in shown:
        if entry.branch is None:
            assert entry.folded is not None  # an entry is the one or the other
            yield _fold_block(entry, entry.folded, widths, look)
            continue
        own = facts[id(entry.branch)]
        share = whole.share(own) if whole else None
        text = _line(entry, own, share, widths, look) + _notes(own, why.get(id(entry.branch)), entry, widths, look)
        text = text.rstrip() + "\n" + _error(entry, own, look)
        yield Block(text, entry.parent, own.error is not None, own.duration or 0.0, 1)


def _widths(shown: Sequence[Entry], facts: FactsOf, look: Look, whole: Range | None) -> _Widths:
    label = max((cells(_label(entry, facts, look)) for entry in shown), default=0)
    own = [facts[id(entry.branch)] for entry in shown if entry.branch is not None]
    tokens = max((len(amounts.tokens(one.tokens)) for one in own), default=0)
    if look.width is None:
        return _Widths(min(label, _LABEL_IN_PIPE), _BAR_IN_PIPE if whole else 0, tokens)
    taken = _DURATION + len(_GAP) + (tokens + len(_GAP) if tokens else 0) + len(_GAP)
    room = look.width - taken
    label = min(label, max(_NARROWEST_LABEL, room * 45 // 100))
    for_bar = min((room - label) * 55 // 100, _WIDEST_BAR)
    return _Widths(label, for_bar if whole and for_bar >= _NARROWEST_BAR else 0, tokens)


def _label(entry: Entry, facts: FactsOf, look: Look) -> str:
    if entry.branch is None:
        return ""
    own = facts[id(entry.branch)]
    return entry.guide + _named(own, look)


def _named(own: Facts, look: Look) -> str:
    return look.clean((own.name or "(no name)") + (f" [{own.type}]" if own.type else ""))


def _line(entry: Entry, own: Facts, share: tuple[float, float] | None, widths: _Widths, look: Look) -> str:
    name = _named(own, look)
    guide = _guide(entry, name, widths.label, look)
    name = look.fit(name, widths.label - cells(guide))
    filled = " " * (widths.label - cells(guide) - cells(name))
    color = RED if own.error is not None else _COLORS.get(own.type or "", "")
    styles = [one for one in (color, BOLD if entry.depth == 1 else "") if one]
    parts = [look.paint(guide, DIM) + look.paint(isolated(name), *styles) + filled]
    if widths.bar:
        drawn = bar(share, widths.bar, look.ascii)
        parts.append(look.paint(drawn, color or CYAN) if drawn.strip() else drawn)
    parts.append(pad(amounts.duration(own.duration), _DURATION, right=True))
    if widths.tokens:
        parts.append(pad(amounts.tokens(own.tokens), widths.tokens, right=True))
    return _GAP.join(parts)


def _guide(entry: Entry, name: str, label: int, look: Look) -> str:
    """The guides, or where they leave the name too little of the column how deep the span lies."""
    guide = cells(entry.guide)
    if look.width is None or guide <= label // 2 or guide + cells(name) <= label:
        return entry.guide
    return f"{look.ellipsis}{entry.depth} {entry.guide[-3:]}"


def _notes(own: Facts, why: Why | None, entry: Entry, widths: _Widths, look: Look) -> str:
    """Model, scores, cost and marks, as far as they fit."""
    notes = [
        (look.cross, RED) if own.error is not None else ("", ""),
        (MARKS[why] if why else "", YELLOW),
        (look.clean(own.model or ""), ""),
        (look.clean(amounts.scores(own.scores, look.dot)), GREEN),
        (amounts.cost(own.cost), DIM),
    ]
    room = None if look.width is None else look.width - widths.label - _columns(widths)
    drawn = ""
    for text, color in notes:
        if not text:
            continue
        gap = len(_GAP) if not drawn else len(look.dot)
        if room is not None:
            text = cut(text, room - gap, look.ellipsis)
            room -= gap + cells(text)
        if text:
            drawn += (_GAP if not drawn else look.dot) + look.paint(isolated(text), *([color] if color else []))
    return drawn


def _columns(widths: _Widths) -> int:
    others = [one for one in (widths.bar, _DURATION, widths.tokens) if one]
    return sum(others) + len(_GAP) * len(others)


def _error(entry: Entry, own: Facts, look: Look) -> str:
    """The line below a failed span."""
    if own.error is None:
        return ""
    under = entry.under
    if look.width is not None and cells(under) > look.width // 3:
        under = f"{look.ellipsis} "
    text = look.fit(f"{look.cross} {look.clean(error_line(own.error))}", (look.width or 0) - cells(under))
    return look.paint(under, DIM) + look.paint(text, RED) + "\n"


def _fold_block(entry: Entry, folded: Folded, widths: _Widths, look: Look) -> Block:
    guide = _guide(entry, "", widths.label, look)
    text = look.fit(folded_text(folded, look), (look.width or 0) - cells(guide))
    painted = look.paint(guide, DIM) + look.paint(text, RED if folded.errors else DIM)
    return Block(painted + "\n", entry.parent, folded.errors > 0, folded.longest or 0.0, folded.spans, True)


def folded_text(folded: Folded, look: Look) -> str:
    """``… 37 more like this (74 spans), 1.20 s–4.00 s, 2 errors``."""
    if folded.below:
        parts = [f"{look.ellipsis} {amounts.count(folded.spans, 'span')} below"]
    else:
        inside = f" ({amounts.count(folded.spans, 'span')})" if folded.spans > folded.siblings else ""
        parts = [f"{look.ellipsis} {folded.siblings:,} more like this{inside}"]
    ends = [amounts.duration(folded.shortest), amounts.duration(folded.longest)]
    if ends[0]:
        parts.append(("-" if look.ascii else "–").join(dict.fromkeys(ends)))
    if folded.errors:
        parts.append(amounts.count(folded.errors, "error"))
    return ", ".join(parts)
