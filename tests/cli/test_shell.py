"""The program from outside: help, global options, errors, tables, endings."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bt_cli.cli.commands import COMMANDS
from bt_cli.cli.help import help_
from bt_cli.cli.main import main
from bt_cli.cli.topics import TOPICS, read_topic
from running import PATIENCE, started

Captured = pytest.CaptureFixture[str]


def status(captured: Captured, *arguments: str) -> dict[str, object]:
    """What ``bt status --json`` says with these arguments around the command."""
    assert main(arguments) == 0
    content: dict[str, object] = json.loads(captured.readouterr().out)
    return content


def test_no_arguments_show_three_examples(capsys: Captured) -> None:
    """bt alone is a short help, exit 0."""
    assert main([]) == 0
    assert sum("bt " in line and line.startswith("  ") for line in capsys.readouterr().out.splitlines()) == 3


def test_help_lists_every_command_without_importing_it() -> None:
    """The list of commands comes from the table."""
    code = "import sys; from bt_cli.cli.main import main; main(['--help']); print('bt_cli.cli.export' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert all(f"  {name} " in done.stdout for name in COMMANDS) and done.stdout.endswith("False\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_has_examples_and_exit_codes(name: str, capsys: Captured) -> None:
    """Each --help has purpose, usage, examples, options in groups, exit codes."""
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert all(part in text for part in ("Usage: bt", "Examples:\n", "Global options:", "Exit codes:"))


def test_unknown_command_suggests_the_nearest(capsys: Captured) -> None:
    """A slip in the command's name exits 2 with the right one."""
    assert main(["imprt"]) == 2
    assert "did you mean 'import'?" in capsys.readouterr().err


def test_unknown_option_suggests_the_nearest(capsys: Captured) -> None:
    """A slip in an option's name exits 2 with the right one."""
    assert main(["import", "--rejcts", "x"]) == 2
    assert "did you mean --rejects?" in capsys.readouterr().err


def test_global_option_before_the_command(capsys: Captured) -> None:
    """-p is accepted before the command."""
    assert status(capsys, "-p", "a", "--json", "status")["project"] == "a"


def test_global_option_after_the_command(capsys: Captured) -> None:
    """-p is accepted after the command."""
    assert status(capsys, "status", "--json", "-p", "a")["project"] == "a"


def test_later_global_option_wins(capsys: Captured) -> None:
    """Given twice, the one after the command counts."""
    assert status(capsys, "-p", "a", "status", "-p", "b", "--json")["project"] == "b"


def test_value_that_looks_like_a_global_option_stays_a_value(capsys: Captured) -> None:
    """The value of another option is never taken for a global option."""
    assert status(capsys, "--store", "--json", "status", "--json")["store"] == "--json"


def test_global_options_stop_at_two_hyphens(capsys: Captured) -> None:
    """Behind -- everything is an argument."""
    assert main(["help", "--", "--json"]) == 2
    assert capsys.readouterr().err.startswith("error: there is no topic '--json'")


def test_error_as_json(capsys: Captured) -> None:
    """With --json an error is one object on stderr."""
    assert main(["help", "formts", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err) == {
        "code": "not_found",
        "message": "there is no topic 'formts'",
        "hint": "did you mean 'formats'?",
        "file": None,
        "line": None,
        "byte": None,
        "path": None,
        "exit_code": 2,
    }


def test_parser_error_as_json(capsys: Captured) -> None:
    """A mistake that the parser finds has the same shape, wherever --json stands."""
    assert main(["import", "--nope", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["exit_code"] == 2


def test_bug_is_a_sentence(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception exits 1 without a traceback."""
    monkeypatch.setattr("bt_cli.cli.session.load_settings", lambda *_: 1 / 0)
    assert main(["status"]) == 1
    error = capsys.readouterr().err
    assert "this is a bug in bt: ZeroDivisionError" in error and "Traceback" not in error


def test_bug_with_debug_has_a_traceback(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """--debug adds the traceback."""
    monkeypatch.setattr("bt_cli.cli.session.load_settings", lambda *_: 1 / 0)
    assert main(["status", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_group_without_a_command_names_them(capsys: Captured) -> None:
    """bt projects alone says which commands there are."""
    assert main(["projects"]) == 2
    assert "needs a command: list, view, delete" in capsys.readouterr().err


def test_version(capsys: Captured) -> None:
    """--version prints the version, after a command too."""
    assert main(["status", "--version"]) == 0
    assert capsys.readouterr().out.startswith("bt ")


@pytest.mark.parametrize("topic", TOPICS)
def test_topic(topic: str, capsys: Captured) -> None:
    """Each topic prints its text."""
    assert main(["help", topic]) == 0
    assert capsys.readouterr().out == read_topic(topic)


@pytest.mark.parametrize("topic", TOPICS)
def test_topic_fits_a_screen(topic: str) -> None:
    """A topic has at most 60 lines of at most 80 columns."""
    lines = read_topic(topic).splitlines()
    assert len(lines) <= 60 and max(map(len, lines)) <= 80


def test_table_in_a_pipe_is_tab_separated(capsys: Captured) -> None:
    """Not on a terminal, a table is one line a row, with tabs."""
    assert main(["status", "-p", "a"]) == 0
    assert "project\ta\t--project" in capsys.readouterr().out.splitlines()


def test_reading_command_never_makes_a_store(tmp_path: Path, capsys: Captured) -> None:
    """A missing store is exit 2, and stays missing."""
    store = tmp_path / "none.db"
    assert main(["projects", "list", "--store", str(store)]) == 2
    assert not store.exists()


def test_closed_pipe_is_quiet() -> None:
    """A reader that goes away gives 141 and no word."""
    command = [sys.executable, "-m", "bt_cli", "help", "formats"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 141)


def test_completion_offers_commands() -> None:
    """The shell's completion knows the commands."""
    words = {"_BT_COMPLETE": "complete_bash", "COMP_WORDS": "bt exp", "COMP_CWORD": "1"}
    code = "from bt_cli.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=words, check=False, timeout=PATIENCE
    )
    assert done.stdout.split() == ["export", "experiments"]


@pytest.mark.parametrize("text", ["README", "bt help --help"])
def test_lists_of_topics_agree(text: str) -> None:
    """People read them in three places."""
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    shown = {"README": readme, "bt help --help": inspect.getdoc(help_) or ""}[text]
    assert ", ".join(TOPICS) in shown
