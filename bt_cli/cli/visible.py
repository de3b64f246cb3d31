"""Text from data, made safe to show: what moves a cursor, turns text around or can't be seen is spelled out."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import BinaryIO

_TURNING = (0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSEEN = (0xAD, 0x180E, 0x200B, *range(0x2060, 0x2065), *range(0x206A, 0x2070), 0xFEFF, *range(0xE0000, 0xE0080))
"""Characters of no width that change no neighbour; the last are a copy of ASCII that nobody sees, but a model reads."""
_CONTROL = (*range(0x20), *range(0x7F, 0xA0))
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_JOINER = re.compile("(?<![^\0-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\0-\x7f])")
"""Joiners beside ASCII. Elsewhere they belong to the writing (Persian, Hindi) or to an emoji of several."""


def _long(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _in_json(code: int) -> str:
    """A character as JSON escapes it: beyond 16 bits as two surrogates."""
    units = chr(code).encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


_ESCAPES: dict[int, str] = {
    **{code: f"\\x{code:02x}" for code in _CONTROL},
    **{code: _long(code) for code in (*_TURNING, *_UNSEEN)},
    **str.maketrans(_NAMED),
}
_JSON_ESCAPES = {code: _in_json(code) for code in (*_CONTROL, *_TURNING, *_UNSEEN)} | {0x09: "\t", 0x0A: "\n", 0x0D: ""}
"""Raw tabs and line ends stand between values of JSON only."""
_SEPARATORS = str.maketrans(_NAMED)


def visible(text: str) -> str:
    r"""``text`` on one line for people: control bytes as ``\x1b``, what turns text or has no width as ``\u202e``."""
    return _without_joiners(text.translate(_ESCAPES))


def json_visible(text: str) -> str:
    r"""JSON text that says the same with all this as ``\u009b``, for a terminal; JSON has it in strings only."""
    return _without_joiners(text.translate(_JSON_ESCAPES))


def _without_joiners(text: str) -> str:
    if text.isascii():
        return text
    return _JOINER.sub(lambda found: _long(ord(found[0])), text)


def one_field(text: str) -> str:
    r"""``text`` as one field of a tab-separated line: tab and line ends as ``\t`` and ``\n``, the rest as it is."""
    return text.translate(_SEPARATORS)


class JsonTerminal:
    """A terminal that JSON is written to as UTF-8, in pieces of any length: it shows `json_visible`."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._decode = getincrementaldecoder("utf-8")("surrogateescape").decode

    def write(self, data: bytes) -> int:
        """Writes what ends with a whole character; a begun one waits for the rest."""
        self._out.write(json_visible(self._decode(data)).encode("utf-8", "surrogateescape"))
        return len(data)

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Writes one piece after the other."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Shows what was written."""
        self._out.flush()


def shorten_home(path: str, home: str) -> str:
    """``path`` with the home folder as ``~``."""
    return "~" + path[len(home) :] if home and path.startswith(home.rstrip("/") + "/") else path
