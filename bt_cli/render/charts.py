"""Bars and sparks, and words that fill lines."""

from __future__ import annotations

from bt_cli.render.look import Look

_PUNCTUATION = str.maketrans("…–·→", ".-->")


def bar(look: Look, share: float, length: int) -> str:
    """A bar of ``share`` (0–1) of ``length`` characters, in eighths of one; something above zero shows."""
    if look.ascii:
        return "#" * max(round(share * length), share > 0)
    eighths = max(round(share * length * 8), share > 0)
    return "█" * (eighths // 8) + "▏▎▍▌▋▊▉"[eighths % 8 - 1 : eighths % 8]


def sparks(look: Look, counts: list[int]) -> str:
    """A character for each count, as high as its share of the largest."""
    most = max(counts, default=0)
    levels = ".:-=+*#@" if look.ascii else "▁▂▃▄▅▆▇█"
    return "".join(" " if not count else levels[max(count * 8 // most - 1, 0)] for count in counts)


def wrapped(look: Look, text: str) -> str:
    """``text`` in lines of the width, each ended."""
    from textwrap import wrap

    return "".join(f"{line}\n" for line in wrap(text, max(look.room, 20), break_on_hyphens=False))


def finished(look: Look, text: str) -> str:
    """``text``, with only ASCII also its punctuation in the nearest signs of the same width."""
    return text.translate(_PUNCTUATION) if look.ascii else text
