"""Numbers that requests write in digits, which may be more than Python turns into a number."""

from __future__ import annotations

MOST = 2**62
"""What SQLite can count to, and more than there is."""


def whole_number(written: str) -> int | None:
    """A number of decimal digits, at most `MOST`; None for any other text."""
    if not (written.isascii() and written.isdecimal()):
        return None
    return MOST if len(written) > 18 else int(written)
