"""A tree in so many characters: errors, the slowest spans and what leads to them stay."""

from __future__ import annotations

from collections.abc import Sequence

from bt_cli.render.look import DIM, Look
from bt_cli.render.tree import Block

_MARK = 24
"""Characters set aside for each line that says how much was cut."""


def within(heading: str, blocks: Sequence[Block], most: int, look: Look) -> str:
    """Heading and tree in at most ``most`` characters; what was cut is said where it was, and in all at the end."""
    whole = heading + "".join(block.text for block in blocks)
    if len(whole) <= most:
        return whole
    total = sum(block.spans for block in blocks)
    last = f"Cut to {most:,} characters: {{}} of {total:,} spans shown.\n"
    kept = _kept(blocks, most - len(heading) - len(last) - 12)
    text = heading + "".join(_lines(blocks, kept, look)) + last.format(f"{len(kept):,}")
    return text if len(text) <= most else _middle_cut(text, most, look)


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
    """Beginning and end of a text that even so is too long."""
    mark = f"\n{look.ellipsis} {len(text) - most:,} characters cut {look.ellipsis}\n"
    room = max(most - len(mark), 0)
    return (text[: room - room // 2] + mark + text[len(text) - room // 2 :])[:most]
