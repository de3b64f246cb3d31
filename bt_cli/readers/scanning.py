"""Finding where a JSON value ends, aware of strings and linear in its length."""

from __future__ import annotations

import re

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*+"|[{}\[\]"]', re.DOTALL)
_OPENER = {ord("}"): ord("{"), ord("]"): ord("[")}
_MAX_NESTING = 2000
"""Brackets within each other; no parser takes more."""


class Unbalanced(Exception):  # noqa: N818 - tells the reader to give up on a value; nobody else sees it
    """The text is no JSON: a string or bracket does not close, at ``offset`` of the line last fed.

    ``cut`` tells that it might be, if the line went on.
    """

    def __init__(self, message: str, offset: int, cut: bool = False) -> None:
        super().__init__(message)
        self.offset = offset
        self.cut = cut


class ValueScanner:
    """Follows one object or array over as many lines as it takes."""

    def __init__(self) -> None:
        self._open = bytearray()
        self._last = b""

    def feed(self, line: bytes, start: int = 0) -> int:
        """Reads on from ``start``: the offset after the value's last byte, or -1 if it goes on in the next line."""
        for token in _TOKEN.finditer(line, start):
            byte = line[token.start()]
            if byte == 34:
                if token.end() - token.start() == 1:
                    raise Unbalanced("a string does not end on its line", token.start(), cut=True)
            elif byte in b"{[":
                self._open.append(byte)
                if len(self._open) > _MAX_NESTING:
                    raise Unbalanced("nested too deeply to be read", token.start())
            elif not self._open or self._open.pop() != _OPENER[byte]:
                raise Unbalanced(f"unexpected {chr(byte)}", token.start())
            elif not self._open:
                return token.end()
        self._last = line.rstrip()[-1:] or self._last
        return -1

    def may_continue_with(self, line: bytes) -> bool:
        """Whether a line that begins with ``{`` or ``[`` can be part of the value, rather than the next one.

        Without this a record cut at a line's end would swallow those that follow.
        """
        if line[:1] not in (b"{", b"["):
            return True
        in_list = self._open[-1:] == b"["
        return self._last == b":" or (in_list and self._last in (b"[", b","))
