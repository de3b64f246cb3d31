"""Text from data, made safe to show: what would move a cursor or turn text around is spelled out."""

from __future__ import annotations

_TURNING = (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROL = (*range(0x20), *range(0x7F, 0xA0))
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_ESCAPES = str.maketrans(
    {chr(code): f"\\x{code:02x}" for code in _CONTROL} | {chr(code): f"\\u{code:04x}" for code in _TURNING} | _NAMED
)
_JSON_ESCAPES = {code: f"\\u{code:04x}" for code in (*_CONTROL, *_TURNING) if code != 0x0A}
_SEPARATORS = str.maketrans(_NAMED)


def visible(text: str) -> str:
    r"""``text`` on one line with control bytes as ``\x1b``, for a terminal."""
    return text.translate(_ESCAPES)


def json_visible(text: str) -> str:
    r"""JSON text that says the same with control bytes as ``\u009b``, for a terminal; JSON has them in strings only."""
    return text.translate(_JSON_ESCAPES)


def one_field(text: str) -> str:
    r"""``text`` as one field of a tab-separated line: tab and line ends as ``\t`` and ``\n``, the rest as it is."""
    return text.translate(_SEPARATORS)


def shorten_home(path: str, home: str) -> str:
    """``path`` with the home folder as ``~``."""
    return "~" + path[len(home) :] if home and path.startswith(home.rstrip("/") + "/") else path
