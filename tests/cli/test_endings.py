"""How a run ends: a full disk behind stdout, Ctrl-C, and the words of the closing line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bt_cli.cli.main import main
from running import BT, PATIENCE, SAMPLES

Captured = pytest.CaptureFixture[str]

needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@needs_full_device
@pytest.mark.parametrize("command", [["help", "formats"], ["convert", str(SAMPLES / "support.jsonl")]])
def test_full_disk_behind_stdout(command: list[str]) -> None:
    """Output that cannot be written is exit 8, in one sentence."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*BT, *command], stdout=full, stderr=subprocess.PIPE, check=False, timeout=PATIENCE)
    assert done.returncode == 8
    assert done.stderr.startswith(b"error: ") and b"No space left" in done.stderr and b"Traceback" not in done.stderr


def test_interrupt_while_starting(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Ctrl-C during the imports is as quiet as later."""
    monkeypatch.setitem(sys.modules, "bt_cli.cli.program", _Interrupting("bt_cli.cli.program"))
    assert main(["status"]) == 130
    assert capsys.readouterr().err == ""


def test_interrupt_of_a_command(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Ctrl-C where nothing has to be finished first is one word."""
    monkeypatch.setattr("bt_cli.cli.session.load_settings", _interrupt)
    assert main(["status"]) == 130
    assert capsys.readouterr().err == "error: interrupted\n"


def test_help_of_a_command_as_a_topic(capsys: Captured) -> None:
    """bt help import is bt import --help."""
    assert main(["import", "--help"]) == 0
    wanted = capsys.readouterr().out
    assert main(["help", "import"]) == 0
    assert capsys.readouterr().out == wanted


def test_help_alone_names_the_topics(capsys: Captured) -> None:
    """bt help says what there is to read."""
    assert main(["help"]) == 0
    assert "exit-codes" in capsys.readouterr().out


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


class _Interrupting(type(sys)):  # type: ignore[misc]
    """A module that Ctrl-C hits while it is imported."""

    def __getattr__(self, name: str) -> object:
        raise KeyboardInterrupt
