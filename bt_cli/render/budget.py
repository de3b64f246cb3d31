"""Views in so many characters; of a tree errors, the slowest spans and what leads to them stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from bt_cli.render.heading import brief_heading, heading
from bt_cli.render.look import DIM, Look
from bt_cli.render.tree import Block
from bt_cli.spans.trace import TraceFacts

_MARK = 16
"""Characters set aside for each line that says how much was cut."""
_WIDEST, _NARROWEST = 100, 40
"""Columns of a tree in a budget."""
_ROWS = (None, 40, 20, 10, 5, 2, 1)
"""Rows that a value gets, tried one after the other."""


def width_within(most: int, wanted: int | None) -> int:
    """Columns where ``most`` characters are all there is: a long guide or name would use them up."""
    return min(wanted or _WIDEST, max(most // 5, _NARROWEST))


def within(trace: TraceFacts, blocks: Sequence[Block], most: int, look: Look) -> str:
    """Heading and tree in at most ``most`` characters; what was cut is said where it was, and in all at the end.

    The heading gets a third of them at most, so that there are spans below it, the first one at least.
    """
    head = heading(trace, look)
    whole = head + "".join(block.text for block in blocks)
    if len(whole) <= most:
        return whole
    if len(head) > most // 3:
        head = brief_heading(trace, look)
    kept = _kept(blocks, most - len(head) - len(_last(blocks, range(len(blocks)), most)))
    text = head + "".join(_lines(blocks, kept, look)) + _last(blocks, kept, most)
    return text if len(text) <= most else _middle_cut(text, most, look)


def _last(blocks: Sequence[Block], kept: Collection[int], most: int) -> str:
    """What the end says: spans that have a line, and those that a line stands for."""
    total = sum(block.spans for block in blocks)
    folded = sum(blocks[place].spans for place in kept if blocks[place].folded)
    shown = sum(not blocks[place].folded for place in kept)
    more = f", {folded:,} folded" if folded else ""
    return f"Cut to {most:,} characters: {shown:,} of {total:,} spans shown{more}.\n"


def drawn_within(draw: Callable[[Look], str], most: int, look: Look) -> str:
    """What ``draw`` makes in at most ``most`` characters: long values are cut, then what is in the middle of all."""
    text = ""
    for rows in _ROWS:
        text = draw(replace(look, rows=rows, remedy=""))
        if len(text) <= most:
            return text
    return _middle_cut(text, most, look)


def _kept(blocks: Sequence[Block], room: int) -> set[int]:
    """The places of the blocks that stay: the first, errors, then the slowest, each with all above it."""
    by_weight = sorted(
        range(len(blocks)), key=lambda place: (place != 0, not blocks[place].error, -blocks[place].duration)
    )
    kept: set[int] = set()
    for place in by_weight:
        path = _path(blocks, place, kept)
        cost = _cost(blocks, path)
        if cost > room and blocks[place].error:  # rather without what leads to it than not at all
            path = [place]
            cost = _cost(blocks, path)
        if cost <= room:
            kept.update(path)
            room -= cost
        if room < _MARK:
            break
    return kept


def _path(blocks: Sequence[Block], place: int, kept: set[int]) -> list[int]:
    """A block and those above it that are not kept yet."""
    path = []
    while place >= 0 and place not in kept:
        path.append(place)
        place = blocks[place].parent
    return path


def _cost(blocks: Sequence[Block], path: Sequence[int]) -> int:
    return sum(len(blocks[one].text) + _MARK for one in path)


def _lines(blocks: Sequence[Block], kept: set[int], look: Look) -> list[str]:
    lines: list[str] = []
    cut = 0
    for place, block in enumerate(blocks):
        if place not in kept:
            cut += block.spans
            continue
        if cut:
            lines.append(look.paint(f"{look.ellipsis} {cut:,} cut", DIM) + "\n")
            cut = 0
        lines.append(block.text)
    return [*lines, look.paint(f"{look.ellipsis} {cut:,} cut", DIM) + "\n"] if cut else lines


def _middle_cut(text: str, most: int, look: Look) -> str:
    """Beginning and end of a text that even so is too long, in whole lines where there are any."""
    mark = "{} {:,} characters cut {}\n"
    room = max(most - len(mark.format(look.ellipsis, len(text), look.ellipsis)), 0)
    after = text.find("\n", len(text) - room // 2) + 1
    end = text[after:] if after else ""
    room -= len(end)
    begin = text[: text.rfind("\n", 0, room) + 1] or _first_words(text, room)
    cut = len(text) - len(begin) - len(end)
    return (begin + mark.format(look.ellipsis, cut, look.ellipsis) + end)[:most]


def _first_words(text: str, room: int) -> str:
    """The beginning of a long line, up to a blank where there is one."""
    words = text[: max(room - 1, 0)]
    return (words[: words.rfind(" ")] if " " in words else words) + "\n"
