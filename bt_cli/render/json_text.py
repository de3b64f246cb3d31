"""JSON text, indented and in colours; numbers, keys and strings stay as they are written."""

from __future__ import annotations

import re

import msgspec

from bt_cli.render.excerpt import excerpt
from bt_cli.render.look import BLUE, DIM, GREEN, MAGENTA, Look
from bt_cli.render.media import shortened

_TOKEN = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|-?\d[\d.eE+-]*|true|false|null')
_BRIEF = 80
"""Characters of a value that stays on one line."""
_ROWS = 4
"""Rows in which JSON over several lines would say too little."""


def pretty(json: str) -> str:
    """JSON text over several lines; as it is where no parser takes it."""
    try:
        return msgspec.json.format(json, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return json


def compact(json: str) -> str:
    """JSON text without white space between its tokens; as it is where no parser takes it."""
    try:
        return msgspec.json.format(json, indent=-1)
    except (msgspec.DecodeError, RecursionError):
        return json


def json_lines(json: str, look: Look, indent: str) -> list[str]:
    """A value as lines to look at, the bytes of media named by type and size; on one line where there are few rows."""
    json = shortened(json)
    lines = look.lines(compact(json) if look.rows is not None and look.rows < _ROWS else pretty(json), "")
    return excerpt(lines, look, indent, lambda line: paint_json(line, look))


def brief_lines(json: str, look: Look) -> list[str]:
    """The same, but on one line where that is short."""
    line = compact(shortened(json)) if len(json) <= 4 * _BRIEF else json
    return [paint_json(look.clean_line(line), look)] if len(line) <= _BRIEF else json_lines(json, look, "")


def paint_json(line: str, look: Look) -> str:
    """A line of JSON in colours, where there are some."""
    return _TOKEN.sub(lambda found: _painted(found, look), line) if look.color else line


def _painted(found: re.Match[str], look: Look) -> str:
    string, colon = found[1], found[2]
    if colon:
        return look.paint(string, BLUE) + colon
    if string:
        return look.paint(string, GREEN)
    return look.paint(found[0], DIM if found[0] == "null" else MAGENTA)
