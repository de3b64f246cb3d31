"""The only printer: data to stdout as bytes, talk to stderr as text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

import orjson
from msgspec import Struct, field

from bt_cli.cli.visible import JsonTerminal, json_visible, visible
from bt_cli.errors import BtError, StoreError
from bt_cli.settings import Terminal, load_terminal

_LOG_WIDTH = 120
_BLOCK = 1 << 15
"""Characters that are written at a time: with PYTHONUNBUFFERED each write is a call of the system."""
RED, CYAN, YELLOW, BOLD = "31", "36", "33", "1"


class Console(Struct):
    """How this run talks. Quiet: only errors and lost data are told. JSON: nothing but one object."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool | None = None
    may_ask: bool = True
    terminal: Terminal = field(default_factory=load_terminal)

    @property
    def out(self) -> BinaryIO:
        """Standard output as bytes; raises StoreError where the caller closed it."""
        if sys.stdout is None:
            raise StoreError("standard output is closed", code="output")
        return sys.stdout.buffer

    @property
    def json_out(self) -> BinaryIO:
        """The same for JSON, where a terminal is shown no control bytes; what they say stays."""
        return cast(BinaryIO, JsonTerminal(self.out)) if self.out_is_terminal else self.out

    @property
    def out_is_terminal(self) -> bool:
        """Whether a person reads the data."""
        return sys.stdout is not None and sys.stdout.isatty()

    @property
    def err_is_terminal(self) -> bool:
        """Whether a person reads the talk."""
        return sys.stderr is not None and sys.stderr.isatty()

    @property
    def err_has_color(self) -> bool:
        """Whether the talk is coloured: the flag, else the environment, else whether it is a terminal."""
        wanted = self.color if self.color is not None else self.terminal.color
        return self.err_is_terminal if wanted is None else wanted

    @property
    def out_has_color(self) -> bool:
        """Whether the data is coloured, by the same rules."""
        wanted = self.color if self.color is not None else self.terminal.color
        return self.out_is_terminal if wanted is None else wanted

    @property
    def out_size(self) -> tuple[int, int]:
        """Columns and lines of the terminal that the data goes to."""
        try:
            columns, lines = os.get_terminal_size(sys.stdout.fileno())
        except (OSError, ValueError, AttributeError):
            columns, lines = 0, 0
        return self.terminal.columns or columns or 80, lines or 24

    @property
    def talks(self) -> bool:
        """Whether what is good to know is said at all."""
        return not (self.quiet or self.json)

    @property
    def err_width(self) -> int:
        """Columns of the terminal that the talk goes to; 120 for a log."""
        try:
            columns = os.get_terminal_size(sys.stderr.fileno()).columns
        except (OSError, ValueError, AttributeError):
            columns = _LOG_WIDTH
        return self.terminal.columns or columns

    def note(self, text: str) -> None:
        """Says something that is good to know."""
        if self.talks:
            self._say(text)

    def detail(self, text: str) -> None:
        """Says something that only ``--verbose`` asks for."""
        if self.verbose:
            self.note(text)

    def warn(self, text: str) -> None:
        """Says something that must be known, with ``--quiet`` too; with ``--json`` it is in the object."""
        if not self.json:
            self._say(text)

    def error(self, error: BtError) -> None:
        """Tells of an error and the way out, or prints it as one JSON object."""
        if self.json:
            self.err_json(_error_object(error))
            return
        self._say(f"{self.paint('error:', RED)} {visible(error.message)}")
        for line in getattr(error, "excerpt", ()):
            self._say(f"    {visible(line)}")
        if error.hint:
            self._say(f"{self.paint('hint:', CYAN)} {visible(error.hint)}")

    def paint(self, text: str, color: str) -> str:
        """``text`` in a colour of the terminal, where the talk has colours."""
        return f"\x1b[{color}m{text}\x1b[0m" if self.err_has_color else text

    def emit_json(self, content: object) -> None:
        """One JSON value and a line end on stdout."""
        self.json_out.write(orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE))

    def err_json(self, content: object) -> None:
        """One JSON value as a line of stderr."""
        text = orjson.dumps(content).decode()
        self._say(json_visible(text) if self.err_is_terminal else text)

    def emit_text(self, text: str) -> None:
        """Text as data on stdout."""
        self.out.write(_bytes(text))

    def emit_parts(self, parts: Iterable[str], json: bool = False) -> None:
        """Text in many parts as data on stdout; see `json_out` for text that is JSON."""
        out = self.json_out if json else self.out
        for block in blocks(parts):
            out.write(block)

    def confirm(self, question: str) -> bool:
        """Asks on the terminal; anything but yes is no. The caller has checked `can_ask`."""
        self._say(f"{question} [y/N] ", end="")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    @property
    def can_ask(self) -> bool:
        """Whether there is a person to ask: stdin and stderr are terminals, and ``--no-input`` was not given."""
        return self.may_ask and self.err_is_terminal and sys.stdin is not None and sys.stdin.isatty()

    def _say(self, text: str, end: str = "\n") -> None:
        """Talk is best effort: a closed stderr never stops the work."""
        try:
            sys.stderr.write(text + end)
            sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            return


def _error_object(error: BtError) -> dict[str, object]:
    place = {name: getattr(error, name, None) for name in ("file", "line", "byte", "path")}
    return {"code": error.code, "message": error.message, "hint": error.hint, **place, "exit_code": error.exit_code}


def blocks(parts: Iterable[str]) -> Iterator[bytes]:
    """Parts joined to blocks of a size that is worth writing."""
    waiting: list[str] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _BLOCK:
            yield _bytes("".join(waiting))
            waiting, size = [], 0
    yield _bytes("".join(waiting))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
