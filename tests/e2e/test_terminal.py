"""What people see: the program on a terminal, which here is a pseudo-terminal of 60 columns."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import termios
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from running import BT, PATIENCE, SAMPLES, Result, started
from screen import environment, opened, read

COLUMNS = 60

RECORD = b'{"id":"one","name":"answer"}\n'
ERASE_LINE, SHOW_CURSOR = b"\x1b[2K", b"\x1b[?25h"


class Terminal:
    """A pseudo-terminal with the program on it; ``seen`` is all that it has shown."""

    def __init__(self) -> None:
        self._screen, self._line = opened(COLUMNS)
        self._programs = ExitStack()
        self.seen = b""

    def start(self, *arguments: str, piped: str = "") -> subprocess.Popen[bytes]:
        """Starts `bt`; the streams named in ``piped`` are pipes instead."""
        names = ("stdin", "stdout", "stderr")
        streams = {name: subprocess.PIPE if name in piped.split() else self._line for name in names}
        # It owns the terminal, so that Ctrl-C typed there reaches it.
        own = (lambda: fcntl.ioctl(self._line, termios.TIOCSCTTY, 0)) if not piped else None
        program = started([*BT, *arguments], env=environment(), preexec_fn=own, **streams)
        return self._programs.enter_context(program)

    def run(self, *arguments: str) -> int:
        """Runs `bt` to its end; its exit code."""
        process = self.start(*arguments)
        self.end()
        return process.wait(PATIENCE)

    def type(self, text: bytes) -> None:
        os.write(self._screen, text)

    def wait_for(self, text: bytes) -> None:
        """Reads until the program has shown ``text``."""
        while text not in self.seen:
            assert select.select([self._screen], [], [], PATIENCE)[0], f"{text!r} was not shown: {self.seen!r}"
            self.seen += os.read(self._screen, 1 << 16)

    def end(self) -> None:
        """Reads until the program has let go of the terminal."""
        if self._line >= 0:
            os.close(self._line)
            self._line = -1
        while block := read(self._screen):
            self.seen += block

    def close(self) -> None:
        self._programs.close()
        for end in (self._screen, self._line):
            if end >= 0:
                os.close(end)

    @property
    def lines(self) -> list[str]:
        return self.seen.decode().replace("\r\n", "\n").splitlines()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    one = Terminal()
    yield one
    one.close()


@pytest.fixture
def stored(bt: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A store with the traces of one project."""
    monkeypatch.setenv("BT_STORE", str(tmp_path / "spans.db"))
    bt("import", SAMPLES / "support.jsonl", "-p", "support").check()


def show_bar(terminal: Terminal) -> subprocess.Popen[bytes]:
    """An import from a pipe that lasts until its input ends, after the bar was shown."""
    process = terminal.start("import", "-p", "a", "--store", "a.db", piped="stdin stdout")
    assert process.stdin is not None
    process.stdin.write(RECORD)
    process.stdin.flush()
    terminal.wait_for(b"1 record")
    return process


@pytest.mark.parametrize("command", ["import", "convert"])
def test_help_when_nothing_is_piped_in(command: str, terminal: Terminal) -> None:
    """With a terminal as stdin, and no file, the command explains itself at once."""
    assert terminal.run(command) == 2
    assert "Usage: bt" in terminal.seen.decode()


def test_help_goes_to_stderr(terminal: Terminal) -> None:
    """The explanation is talk: it never gets into a file that data was to go to."""
    process = terminal.start("convert", piped="stdout")
    terminal.end()
    assert process.communicate(timeout=PATIENCE)[0] == b""


def test_bar_appears(terminal: Terminal) -> None:
    """Work that takes long enough shows a bar with what has come of it so far."""
    show_bar(terminal).communicate(timeout=PATIENCE)
    assert b"\xe2\x94\x81" in terminal.seen


def test_bar_goes(terminal: Terminal) -> None:
    """At the end the bar's line is erased, the cursor is back, and the closing line stands alone."""
    show_bar(terminal).communicate(timeout=PATIENCE)
    terminal.end()
    after = terminal.seen[terminal.seen.rindex("━".encode()) :]
    assert ERASE_LINE in after and SHOW_CURSOR in after and "1 new trace" in terminal.lines[-1]


def test_bar_keeps_to_the_width(terminal: Terminal) -> None:
    """The bar takes one line of the terminal, however narrow."""
    show_bar(terminal).communicate(timeout=PATIENCE)
    assert b"\x1b[1A" not in terminal.seen


def test_no_bar_in_a_pipe() -> None:
    """Elsewhere there is no bar, and no control sequence at all."""
    command = [*BT, "import", "-p", "a", "--store", "a.db", "--progress", "auto"]
    done = subprocess.run(command, input=RECORD, capture_output=True, check=True, timeout=PATIENCE)
    assert b"\x1b" not in done.stderr


def test_interrupt_ends_cleanly(terminal: Terminal) -> None:
    """Ctrl-C finishes what was read, takes the bar away and says how to go on."""
    Path("growing.jsonl").write_bytes(RECORD)
    process = terminal.start("import", "growing.jsonl", "--follow", "-p", "a", "--store", "a.db")
    terminal.wait_for(b"1 record")
    terminal.type(b"\x03")
    assert process.wait(PATIENCE) == 130
    terminal.end()
    assert "run the same command again" in terminal.seen.decode() and SHOW_CURSOR in terminal.seen


def test_control_bytes_of_a_bad_record_are_spelled_out(terminal: Terminal) -> None:
    """A record that is shown because it is bad can't colour or move anything."""
    Path("bad.jsonl").write_bytes(b'{"id":"\x1b[31mred\x07"')
    terminal.run("import", "bad.jsonl", "-p", "a", "--store", "a.db")
    assert b"\x1b[31mred" not in terminal.seen and rb"\x1b[31mred\x07" in terminal.seen


def test_control_bytes_of_a_name_are_spelled_out(terminal: Terminal) -> None:
    """A project's name can't move the cursor when it is told, nor in the table."""
    Path("good.jsonl").write_bytes(RECORD)
    terminal.run("import", "good.jsonl", "-p", "\x1b[2Jp", "--store", "a.db")
    assert b"\x1b[2J" not in terminal.seen and rb"\x1b[2Jp" in terminal.seen


def test_control_bytes_in_a_table_are_spelled_out(terminal: Terminal, bt: Callable[..., Result]) -> None:
    """A cell of a table is text, whatever is in it."""
    bt("import", "-p", "\x1b[2J", "--store", "a.db", stdin=RECORD).check()
    terminal.run("projects", "list", "--store", "a.db")
    assert b"\x1b[2J" not in terminal.seen and rb"\x1b[2J" in terminal.seen


def test_table_is_boxed_and_cut(terminal: Terminal, bt: Callable[..., Result]) -> None:
    """On a terminal a table has a frame, and no line is wider than the terminal."""
    bt("import", "-p", "p" * 100, "--store", "a.db", stdin=RECORD).check()
    terminal.run("projects", "list", "--store", "a.db", "--no-color")
    assert terminal.lines[0].startswith("╭") and max(map(len, terminal.lines)) <= COLUMNS
    assert "…" in terminal.seen.decode()


def test_error_is_coloured(terminal: Terminal) -> None:
    """The word error is red on a terminal."""
    terminal.run("projects", "list", "--store", "missing.db")
    assert b"\x1b[31merror:\x1b[0m" in terminal.seen


def test_no_color_is_obeyed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR takes the colours away."""
    monkeypatch.setenv("NO_COLOR", "1")
    terminal.run("projects", "list", "--store", "missing.db")
    assert b"\x1b" not in terminal.seen


@pytest.mark.parametrize(("answer", "told"), [(b"n\n", b"Nothing was deleted"), (b"y\n", b"Deleted project support")])
def test_deleting_asks(answer: bytes, told: bytes, terminal: Terminal, stored: None) -> None:
    """On a terminal a project is deleted after a yes, and only then."""
    process = terminal.start("projects", "delete", "support")
    terminal.wait_for(b"5 traces, 24 spans")
    terminal.type(answer)
    terminal.wait_for(told)
    assert process.wait(PATIENCE) == 0


def test_no_input_never_asks(terminal: Terminal, stored: None) -> None:
    """--no-input makes a terminal as good as a pipe: it needs --yes."""
    assert terminal.run("projects", "delete", "support", "--no-input") == 2


def test_packed_data_is_not_for_a_terminal(terminal: Terminal, stored: None) -> None:
    """gzip data would only garble the terminal."""
    assert terminal.run("export", "-p", "support", "--compress", "gzip") == 2
