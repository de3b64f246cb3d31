"""Odd JSON that can be mended without guessing; each repair has a code that is counted."""

from __future__ import annotations

import re

_STRING_OR_WORD = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*+"|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_IN_STRING = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.|(?P<control>[\x00-\x1f])",
    re.DOTALL,
)


def repair(text: bytes) -> tuple[bytes, tuple[str, ...]]:
    """``text`` with what can be mended mended, and the codes of the repairs made.

    ``bad_utf8``: bytes that are no UTF-8 → U+FFFD. ``not_a_number``: NaN, Infinity → null.
    ``lone_surrogate``: half an escaped pair → ``\\ufffd``. ``control_byte``: raw in a string → ``\\u00XX``.
    """
    codes: dict[str, None] = {}
    if not is_utf8(text):
        text = text.decode("utf-8", "replace").encode()
        codes["bad_utf8"] = None

    def mend(token: re.Match[bytes]) -> bytes:
        found = token.group()
        if found[0] != 34:
            codes["not_a_number"] = None
            return b"null"
        return _IN_STRING.sub(mend_inside, found)

    def mend_inside(token: re.Match[bytes]) -> bytes:
        if token.group("lone"):
            codes["lone_surrogate"] = None
            return b"\\ufffd"
        if token.group("control"):
            codes["control_byte"] = None
            return b"\\u%04x" % token.group()[0]
        return token.group()

    return _STRING_OR_WORD.sub(mend, text), tuple(codes)


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
