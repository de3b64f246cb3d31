"""Files and modules of scorers: how they are loaded, and what stops a run before its first case."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from bt_cli.errors import UsageError
from seats import case, one, scorer


def test_file_imports_its_neighbours(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file can import what lies beside it, but nothing there stands in for a library."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    written("VALUE = 0.5", "neighbour_of_mine.py")
    written("raise RuntimeError", "colorsys.py")
    file = written("import colorsys, neighbour_of_mine\ndef f(output): return neighbour_of_mine.VALUE")
    assert one(f"{file}:f", case(output="x")).score == 0.5


def test_two_functions_of_one_file(written: Any) -> None:
    """A file is run once for all of its functions."""
    file = written("seen = []\ndef f(output): seen.append(1); return 1\ndef g(output): return len(seen)")
    assert [one(f"{file}:{name}", case(output="x")).score for name in ("f", "g")] == [1, 1]


def test_printing_on_import_is_no_data(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What a file prints while it is loaded goes to standard error."""
    scorer(f"{written('print(123)' + chr(10) + 'def f(output): return 1')}:f")
    assert capsys.readouterr() == ("", "123\n")


MISTAKES = [
    ("def f(output)\n  return 1", "mine.py:1: expected ':'"),
    (
        "import nowhere_at_all\ndef f(output): return 1",
        "mine.py:1: ModuleNotFoundError: No module named 'nowhere_at_all'",
    ),
    ("x = 1\n\nraise SystemExit(3)", "mine.py:3: SystemExit: 3"),
    ("def broken(): raise ValueError\nbroken()", "mine.py:1: ValueError"),
    ("def g(output): return 1", "mine.py has no function 'f'"),
    ("f = 5", "is no function"),
    ("def f(output, truth): return 1", "nothing is known for its parameter 'truth'"),
    ("def f(output, /): return 1", "cannot be given by name"),
    ("class f:\n def __init__(self, x): pass", "TypeError"),
    ("f = type", "TypeError"),
]


@pytest.mark.parametrize(("source", "told"), MISTAKES)
def test_file_that_cannot_be_used(written: Any, source: str, told: str) -> None:
    """What cannot be loaded or called ends the run before its first case, with file and line."""
    file = written(source)
    with pytest.raises(UsageError) as caught:
        scorer(f"{file}:f")
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("absent.py:f", "absent.py is no file"),
        ("no_such_package_x:f", "no_such_package_x: ModuleNotFoundError"),
        ("json:nothing_like_it", "json has no function"),
    ],
)
def test_module_that_cannot_be_used(spec: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or module that is not there is named."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(UsageError) as caught:
        scorer(spec)
    assert told in caught.value.message


def test_syntax_error_in_a_neighbour(written: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in an imported file is told with that file's name and line."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    written("x = 1\nx = = 2", "neighbour_with_mistake.py")
    with pytest.raises(UsageError, match=r"neighbour_with_mistake.py:2: invalid syntax"):
        scorer(f"{written('import neighbour_with_mistake')}:f")


def test_ctrl_c_while_loading(written: Any) -> None:
    """An interrupt is no mistake of the file."""
    with pytest.raises(KeyboardInterrupt):
        scorer(f"{written('raise KeyboardInterrupt')}:f")


def test_unknown_argument(written: Any) -> None:
    """An argument that the function does not have is told with the nearest."""
    with pytest.raises(UsageError, match="no parameter 'limt'") as caught:
        scorer(f"{written('def f(output, limit=1): return 1')}:f(limt=2)")
    assert caught.value.hint == "did you mean limit?"


def test_nearest_function(written: Any) -> None:
    """A function that is not there is told with one that is."""
    with pytest.raises(UsageError) as caught:
        scorer(f"{written('def polite(output): return 1')}:polit")
    assert caught.value.hint == "did you mean polite?"


def test_callable_without_signature() -> None:
    """A builtin that does not tell its parameters is refused."""
    with pytest.raises(UsageError, match="no signature found"):
        scorer("math:hypot")
