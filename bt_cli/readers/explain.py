"""What is wrong with a piece of text that should be JSON, in words, and where."""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

_valid = msgspec.json.Decoder(Raw).decode
_OFFSET = re.compile(r"\(byte (\d+)\)")
_KEY_BEFORE = re.compile(rb'("(?:[^"\\]|\\.)*"\s*:)\s*$', re.DOTALL)


def explain(text: bytes) -> tuple[str, int]:
    """A sentence's end ("not valid JSON: …") and the offset in ``text`` that it speaks of."""
    try:
        _valid(text)
    except RecursionError:
        return "nested too deeply to be read", 0
    except msgspec.DecodeError as error:
        return _words(str(error), text)
    return "not a record", 0


def _words(message: str, text: bytes) -> tuple[str, int]:
    found = _OFFSET.search(message)
    if found is None:
        return "the text ends before the value does", len(text)
    offset = min(int(found.group(1)), len(text))
    key = _KEY_BEFORE.search(text, max(0, offset - 200), offset)
    if key and text[offset : offset + 1] in (b"}", b",", b"]"):
        return f"expected a value after {key.group(1).decode('utf-8', 'replace')}", offset
    detail = message.removeprefix("JSON is malformed: ").split(" (byte")[0]
    if detail == "invalid character":
        detail = f"unexpected {_shown(text[offset : offset + 1])}"
    return detail, offset


def _shown(byte: bytes) -> str:
    return byte.decode() if byte.isascii() and byte.decode().isprintable() else f"byte 0x{byte.hex()}"
