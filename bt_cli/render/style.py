"""How text for a terminal is to look."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class Style(Struct, frozen=True):
    """Width in columns, whether there are colours and only ASCII, and how text from traces is made safe to show."""

    width: int
    color: bool
    ascii: bool
    shown: Callable[[str], str]

    def paint(self, text: str, style: str) -> str:
        """``text`` in one of `STYLES`, where there are colours."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.color and style else text

    def bar(self, share: float, length: int) -> str:
        """A bar of ``share`` (0–1) of ``length`` characters, in eighths of one; something above zero shows."""
        if self.ascii:
            return "#" * max(round(share * length), share > 0)
        eighths = max(round(share * length * 8), share > 0)
        return "█" * (eighths // 8) + "▏▎▍▌▋▊▉"[eighths % 8 - 1 : eighths % 8]

    def sparks(self, counts: list[int]) -> str:
        """A character for each count, as high as its share of the largest."""
        most = max(counts, default=0)
        levels = ".:-=+*#@" if self.ascii else "▁▂▃▄▅▆▇█"
        return "".join(" " if not count else levels[max(count * 8 // most - 1, 0)] for count in counts)

    def wrapped(self, text: str) -> str:
        """``text`` in lines of the width, each ended."""
        from textwrap import wrap

        return "".join(f"{line}\n" for line in wrap(text, max(self.width, 20), break_on_hyphens=False))

    def finished(self, text: str) -> str:
        """``text``, with only ASCII also its punctuation in the nearest signs of the same width."""
        return text.translate(_PUNCTUATION) if self.ascii else text


_PUNCTUATION = str.maketrans("…–−·→", ".--->")
STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
