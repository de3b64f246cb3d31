"""`bt view` as a user runs it: what is found, what is not, pages, JSON, files and pipes."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bt_cli.render.look import cells
from running import BT, SAMPLES, Result, started
from screen import GOLDEN, environment, opened, read, shown

Run = Callable[..., Result]
FILE = GOLDEN / "view" / "trace.jsonl"
FIRST = "019b8d64-7b32-7179-ad9d-ce4832d47197"
BY_TIME = ["e32e9ad8", "42a43ff5", "7438cfa5", "b634c84e", "32d47197"]
"""The ends of the samples' ids, newest first."""


@pytest.fixture
def stored(bt_here: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A store with the sample traces in one project."""
    monkeypatch.setenv("BT_STORE", str(tmp_path / "spans.db"))
    bt_here("import", SAMPLES / "support.jsonl", "-p", "support").check()


def ends(result: Result) -> list[str]:
    """The ends of the ids of a list in a pipe."""
    return [line.split("\t")[-1][-8:] for line in result.out.splitlines()[1:]]


def test_logs_are_newest_first(stored: None, bt_here: Run) -> None:
    """A pipe gets all of them."""
    assert ends(bt_here("view", "logs", "support").check()) == BY_TIME


def test_pages_join(stored: None, bt_here: Run) -> None:
    """Each page says how to go on; together they are the list, and the last one says nothing."""
    got: list[str] = []
    cursor: list[str] = []
    for size in (2, 2, 1):
        page = bt_here("view", "logs", "-p", "support", "--limit", 2, *cursor).check()
        assert len(ends(page)) == size
        got += ends(page)
        cursor = ["--cursor", page.err.split("--cursor ")[-1].strip()]
    assert got == BY_TIME and page.err == ""


def test_json_pages_join(stored: None, bt_here: Run) -> None:
    """next_cursor leads on until it is null."""
    first = bt_here("view", "logs", "-p", "support", "--limit", 4, "--json").check().json
    last = bt_here("view", "logs", "-p", "support", "--cursor", first["next_cursor"], "--json").check().json
    assert (first["truncated"], last["truncated"], last["next_cursor"]) == (True, False, None)
    assert [one["id"][-8:] for one in first["items"] + last["items"]] == BY_TIME


def test_json_of_a_list(stored: None, bt_here: Run) -> None:
    """An item has the facts of its trace as numbers."""
    found = bt_here("view", "logs", "-p", "support", "--json").check().json
    assert found["schema"] == "bt/view-logs/1" and found["ok"] and found["exit_code"] == 0
    assert found["items"][-1] == {
        "id": FIRST,
        "name": "answer",
        "created": "2026-01-05T09:02:11.250000+00:00",
        "duration": 2.41,
        "tokens": 800,
        "cost": 0.000146,
        "spans": 6,
        "errors": 0,
        "scores": {"helpful": 1, "grounded": 0.95},
    }


def test_a_terminal_gets_one_page(stored: None) -> None:
    """As many traces as fit, and the way to go on is not mixed into them."""
    assert len(shown("view", "logs", "support", lines=9).splitlines()) == 1 + 5
    assert "cursor" not in shown("view", "logs", "support", lines=5)


def test_a_limit_of_none(stored: None, bt_here: Run) -> None:
    """--limit 0 shows nothing and says that there is more."""
    done = bt_here("view", "logs", "support", "--limit", 0).check()
    assert ends(done) == [] and "Cut at --limit 0" in done.err


def test_filters(stored: None, bt_here: Run) -> None:
    """A list can be narrowed like an export."""
    assert ends(bt_here("view", "logs", "support", "--error").check()) == ["7438cfa5"]
    assert ends(bt_here("view", "logs", "support", "--since", "2026-01-05T12:00Z").check()) == BY_TIME[:2]


def test_an_ambiguous_id_in_a_list_comes_alone(stored: None, bt_here: Run) -> None:
    """Nothing is on stdout where there is no list."""
    result = bt_here("view", "logs", "-p", "support", "--trace-id", "019b").check(2)
    assert result.out == "" and "ambiguous" in result.err


def test_slashes_of_a_pattern_are_said_to_be_part_of_it(stored: None, bt_here: Run) -> None:
    """As they are delimiters elsewhere, and in path=/regex/."""
    told = "--grep /refund/ looks for the slashes too; without them in any text, or path=/regex/\n"
    assert bt_here("view", "logs", "-p", "support", "--grep", "/refund/").check().err == told
    for written in ("refund", "input=/refund/", "/"):
        assert bt_here("view", "logs", "-p", "support", "--grep", written).check().err == ""


def test_traces_without_time_are_counted(bt_here: Run) -> None:
    """A filter by time says what it can't judge."""
    assert "1 trace without a time left out" in bt_here("view", "logs", FILE, "--since", "2020-01-01").check().err


@pytest.mark.parametrize("cursor", ["nonsense", "WzEsMl0", "e30", "é", "WzEsImEiLCJiIl0", "WzEsImEiXQ"])
def test_a_wrong_cursor(cursor: str, stored: None, bt_here: Run) -> None:
    """What is no cursor, or was made up, is refused."""
    assert "not a cursor" in bt_here("view", "logs", "support", "--cursor", cursor).check(2).err


def test_a_cursor_of_other_traces(stored: None, bt_here: Run) -> None:
    """A cursor leads on in the list that printed it; a mistyped one nowhere."""
    bt_here("import", SAMPLES / "support.jsonl", "-p", "other").check()
    cursor = bt_here("view", "logs", "-p", "support", "--limit", 2, "--json").check().json["next_cursor"]
    bt_here("view", "logs", "-p", "support", "--cursor", cursor).check()
    for project, given in (("other", cursor), ("support", cursor[:-1]), ("support", "X" + cursor[1:])):
        assert "not a cursor" in bt_here("view", "logs", "-p", project, "--cursor", given).check(2).err


@pytest.mark.parametrize("command", ["trace", "thread"])
@pytest.mark.parametrize("wanted", [FIRST, FIRST[-8:], "019b8d64-7b32-70cc-89c0-cefbba568ffa", "cefbba568ffa"])
def test_a_trace_is_found_by_any_of_its_ids(command: str, wanted: str, stored: None, bt_here: Run) -> None:
    """Its own, a span's, or the end of one, without naming the project."""
    assert f"id {FIRST}" in bt_here("view", command, wanted).check().out


def test_an_unknown_id(stored: None, bt_here: Run) -> None:
    """It is said, with what would do."""
    done = bt_here("view", "trace", "nowhere").check(2)
    assert "no trace or span has the id nowhere" in done.err and "4 characters" in done.err and done.out == ""
    assert "no span has the id nowhere" in bt_here("view", "span", "nowhere").check(2).err
    assert "nor is there a file 'run.jsonl'" in bt_here("view", "trace", "run.jsonl").check(2).err


def test_an_ambiguous_id_lists_the_candidates(stored: None, bt_here: Run) -> None:
    """Every trace that is meant is named in full."""
    done = bt_here("view", "trace", "019b8d").check(2)
    assert "ambiguous" in done.err and FIRST in done.err and done.err.count("019b8d") == 4


def test_an_id_in_two_containers(stored: None, bt_here: Run) -> None:
    """Where it stands is told; -p, or the REF before it, decides."""
    bt_here("import", SAMPLES / "support.jsonl", "-p", "support", "--experiment", "try").check()
    told = bt_here("view", "trace", FIRST).check(2).err
    assert "project_logs:support" in told and "experiment:try -p support" in told
    bt_here("view", "trace", FIRST, "-p", "support").check()
    bt_here("view", "trace", "experiment:try", FIRST).check()
    assert bt_here("view", "trace", FIRST, "--json", "-p", "support", "--experiment", "try").json["experiment"] == "try"


def test_nothing_named(bt_here: Run) -> None:
    """Without an argument the command says what it needs."""
    assert "name a trace by its id, or a file" in bt_here("view", "trace").check(2).err
    assert "logs, trace, span, thread" in bt_here("view").check(2).err


def test_a_store_that_is_not_there(bt_here: Run) -> None:
    """Reading makes no store."""
    assert "there is no store" in bt_here("view", "trace", FIRST, "--store", "none.db").check(2).err
    assert not Path("none.db").exists()


def test_a_project_without_traces(stored: None, bt_here: Run) -> None:
    """A project that has experiments only is empty, not unknown; another one is unknown."""
    bt_here("import", SAMPLES / "support.jsonl", "-p", "other", "--experiment", "try").check()
    assert ends(bt_here("view", "logs", "-p", "other").check()) == []
    assert bt_here("view", "logs", "-p", "other", "--json").check().json["items"] == []
    assert "did you mean 'support'" in bt_here("view", "logs", "-p", "suport").check(2).err


@pytest.mark.parametrize("command", ["logs", "trace", "span", "thread"])
def test_a_file_without_traces(command: str, bt_here: Run) -> None:
    """It is said on stderr; nothing is shown, and nothing has failed."""
    Path("empty.jsonl").touch()
    assert "No records" in bt_here("view", command, "empty.jsonl").check().err
    assert bt_here("view", command, "empty.jsonl", "--json").check().json["ok"]


def test_a_file_with_bad_records(bt_here: Run) -> None:
    """What can be read is shown, the rest is told, and the exit code says so."""
    Path("bad.jsonl").write_text('{"name":"good"}\n{"name":\n')
    done = bt_here("view", "trace", "bad.jsonl").check(3)
    assert done.out.startswith("good") and "bad.jsonl:2" in done.err


def test_a_file_that_is_not_there(bt_here: Run) -> None:
    """A path is a path."""
    bt_here("view", "trace", "./none.jsonl").check(5)


@pytest.mark.parametrize("command", ["trace", "span", "thread"])
def test_the_first_of_several(command: str, bt_here: Run) -> None:
    """A file without an id shows its first trace and says that there are more."""
    done = bt_here("view", command, SAMPLES / "support.jsonl").check()
    assert FIRST in done.out and "The first of 5 traces" in done.err


def test_a_pipe(bt_here: Run) -> None:
    """`app | bt view trace -` shows what the app traced."""
    done = bt_here("view", "trace", "-", stdin='{"name":"a","children":[{"name":"b"}]}').check()
    assert done.out.splitlines()[2:] == ["a", "└─ b"] and done.err == ""


def test_json_of_a_trace(bt_here: Run) -> None:
    """The spans in the order of the tree, each with its exact row."""
    found = bt_here("view", "trace", FILE, "trace-0001-aaaa", "--json").check()
    assert found.json["schema"] == "bt/view-trace/1" and found.json["trace"]["errors"] == 2
    spans = found.json["spans"]
    assert [one["depth"] for one in spans] == [0, 1, 1, *[2] * 8, 1]
    assert spans[1]["model"] == "gpt-4o-mini" and spans[1]["tokens"] == 707 and not spans[1]["has_error"]
    assert '"big":123456789012345678901234567890' in found.out and '"temperature":0.20' in found.out


def test_json_of_a_span(bt_here: Run) -> None:
    """The row as the source wrote it, media with their bytes."""
    found = bt_here("view", "span", FILE, "s-route", "--json").check()
    assert found.json["span"]["row"]["span_id"] == "s-route" and '"temperature":0.20' in found.out
    assert "data:image/png;base64,iVBOR" in found.out


def test_json_of_a_thread(bt_here: Run) -> None:
    """Turns with messages; repeats are counted."""
    found = bt_here("view", "thread", FILE, "trace-0001-aaaa", "--json").check().json
    assert [(one["name"], one["repeated"]) for one in found["turns"]] == [
        ("route", 0),
        ("find_order", 0),
        ("猫 order_db", 0),
        ("write_reply", 4),
    ]
    assert found["turns"][1]["messages"][0]["parts"][1] == {"kind": "result", "value": {"carrier": "Nordpost"}}
    assert found["turns"][2]["error"].endswith("TimeoutError: no answer")


def test_fold_and_depth(bt_here: Run) -> None:
    """--fold, --no-fold and --depth decide what is shown."""
    lines = [
        len(bt_here("view", "trace", FILE, "trace-0001", *options).check().out.splitlines())
        for options in (["--fold", 2], ["--no-fold"], ["--depth", 1])
    ]
    assert lines == [14, 16, 4]


def test_max_chars(bt_here: Run) -> None:
    """The budget holds, and errors are in it."""
    text = bt_here("view", "trace", FILE, "trace-0001", "--max-chars", 600).check().out
    assert len(text) <= 600 and "TimeoutError" in text and "Cut to 600 characters" in text


def test_width_in_a_pipe(bt_here: Run) -> None:
    """--width cuts there too."""
    lines = bt_here("view", "trace", FILE, "trace-0001", "--width", 60).check().out.splitlines()
    assert max(map(cells, lines)) <= 60


def test_a_reader_that_goes_away(shell: Callable[[str], Result]) -> None:
    """`| head` ends the program quietly."""
    for command in ("logs", "trace", "span", "thread"):
        done = shell(f"bt view {command} $SAMPLES/support.jsonl -q | head -1")
        assert done.code in (0, 141) and done.err == "", command


def test_a_megabyte_of_text(bt_here: Run) -> None:
    """On a terminal a list and a tree cut it; a pipe gets it whole."""
    Path("big.jsonl").write_text(json.dumps({"name": "x" * 1_000_000, "error": "e" * 1_000_000}))
    assert max(map(len, shown("view", "trace", "big.jsonl", "--no-color").splitlines())) <= 80
    assert max(map(len, shown("view", "logs", "big.jsonl", "--no-color").splitlines())) <= 80
    assert "e" * 1_000_000 in bt_here("view", "trace", "big.jsonl").check().out


@pytest.mark.parametrize("command", ["span", "thread"])
def test_a_terminal_gets_the_beginning_of_long_values(command: str, bt_here: Run) -> None:
    """What is left out is counted, with the way to see it; --full and a pipe have all of it."""
    Path("big.jsonl").write_text(json.dumps({"name": "n", "type": "llm", "output": "x" * 1_000_000}))
    cut = shown("view", command, "big.jsonl", "--no-color")
    assert len(cut) < 5_000 and "characters cut; --full shows all" in cut
    assert "x" * 1_000_000 in shown("view", command, "big.jsonl", "--full")
    assert "x" * 1_000_000 in bt_here("view", command, "big.jsonl").check().out


@pytest.mark.parametrize("command", ["span", "thread"])
def test_max_chars_of_values(command: str, bt_here: Run) -> None:
    """The budget of a tree counts for a span and a conversation too, and is not the opposite of itself."""
    done = bt_here("view", command, FILE, "s-route", "--max-chars", 300).check()
    assert len(done.out) <= 300 and "cut" in done.out
    bt_here("view", command, FILE, "s-route", "--max-chars", 300, "--full").check(2)


def test_a_span_of_many(stored: None, bt_here: Run) -> None:
    """Of a trace in the store only the span is shown, whatever part of its id is given."""
    found = bt_here("view", "span", "cefbba568ffa", "--json").check().json["span"]
    assert found["id"] == "019b8d64-7b32-70cc-89c0-cefbba568ffa" == found["row"]["id"]


@pytest.mark.parametrize("command", ["trace", "span", "thread"])
def test_where_a_trace_was_found(command: str, stored: None, bt_here: Run) -> None:
    """JSON and messages name a container of the store, or the file, never a file as if it were a project."""
    found = bt_here("view", command, FIRST, "--json").check().json
    assert (found["container"], found["project"], "file" in found) == ("project_logs:support", "support", False)
    file = bt_here("view", command, FILE, "--json").check().json
    assert file["file"] == str(FILE) and "container" not in file and "project" not in file
    assert f"has the id nowhere in {FILE}\n" in bt_here("view", command, FILE, "nowhere").check(2).err
    assert "in project_logs:support\n" in bt_here("view", command, "support", "nowhere").check(2).err


def test_json_is_whole_or_nothing(stored: None, bt_here: Run, tmp_path: Path) -> None:
    """A list that can't be read to its end leaves no half of an object."""
    with closing(sqlite3.connect(tmp_path / "spans.db", isolation_level=None)) as db:
        db.execute("DELETE FROM spans WHERE key = (SELECT max(key) FROM spans)")
    done = bt_here("view", "logs", "support", "--json").check(8)
    assert done.out == "" and json.loads(done.err)["exit_code"] == 8


def test_a_long_list(bt_here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many processes look at parts of it, it is one list in order."""
    monkeypatch.setenv("BT_STORE", str(tmp_path / "long.db"))
    rows = ({"id": f"trace-{n:05}", "metrics": {"start": 1767600000 + n % 9_000}} for n in range(0, 70_000, 7))
    Path("long.jsonl").write_text("\n".join(map(json.dumps, rows)))
    bt_here("import", "long.jsonl", "-p", "long").check()
    every = bt_here("view", "logs", "-p", "long").check().out
    assert len(every.splitlines()) == 10_001
    assert every == bt_here("view", "logs", "-p", "long", "--limit", 10_000).check().out


def test_odd_names_keep_to_their_line(bt_here: Run) -> None:
    """In a pipe tabs and line ends of names and scores are spelled out, other bytes stay."""
    name = "a\tb\nc\rd\x1b[31m"
    Path("odd.jsonl").write_text(json.dumps({"name": name, "scores": {"s\tt\n": 1}}))
    _, line = bt_here("view", "logs", "odd.jsonl").check().out.rstrip("\n").split("\n")
    assert line.split("\t")[1] == "a\\tb\\nc\\rd\x1b[31m" and line.split("\t")[7] == "s\\tt\\n=1"


def test_parents_of_a_file_are_looked_for_in_it(bt_here: Run) -> None:
    """A file that is viewed is not stored: its spans without a parent lack it in the input."""
    Path("cut.jsonl").write_text('{"id":"c","span_id":"c","root_span_id":"r","span_parents":["r"]}')
    assert "1 span with a parent that is not in the input; kept." in bt_here("view", "trace", "cut.jsonl").check().err
    assert "not in the store; kept." in bt_here("import", "cut.jsonl", "--store", "s.db").check().err


def test_an_id_in_several_places_has_a_way_out(bt_here: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same trace in two projects, or in an experiment: the hint is a command that shows one of them."""
    monkeypatch.setenv("BT_STORE", str(tmp_path / "several.db"))
    Path("one.jsonl").write_text('{"id":"trace-1","name":"answer"}')
    for experiment in ("first run", "second"):
        bt_here("import", "one.jsonl", "-p", "a", "--experiment", experiment).check()
    told = bt_here("view", "trace", "trace-1").check(2).err
    _, _, command = told.partition("as in: bt ")
    assert "answer" in bt_here(*shlex.split(command)).check().out


def test_follow_shows_what_arrives(stored: None, bt_here: Run) -> None:
    """First the newest, then each root that is stored, once its root is there; Ctrl-C ends it with 130."""
    with started([*BT, "view", "logs", "support", "--follow", "--limit", "1"], stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert one.stdout.readline().startswith(b"time\tname")
        assert one.stdout.readline().rstrip().endswith(b"e32e9ad8")
        child = '{"id":"c","span_id":"c","root_span_id":"late","span_parents":["late"]}'
        bt_here("import", "-p", "support", stdin=child).check()
        bt_here("import", "-p", "support", stdin='{"name":"arrived"}').check()
        assert b"\tarrived\t" in one.stdout.readline()
        root = '{"id":"late","span_id":"late","root_span_id":"late","span_parents":[]}'
        bt_here("import", "-p", "support", stdin=root).check()
        assert one.stdout.readline().rstrip().endswith(b"\tlate")
        one.send_signal(signal.SIGINT)
        assert one.wait() == 130 and one.stdout.read() == b""


def test_follow_as_json_lines(stored: None, bt_here: Run) -> None:
    """Each trace is one JSON object on a line of its own."""
    command = [*BT, "view", "logs", "support", "--follow", "--json", "--limit", "1"]
    with started(command, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert json.loads(one.stdout.readline())["id"].endswith("e32e9ad8")
        one.send_signal(signal.SIGTERM)
        assert one.wait() == 143


def test_follow_on_a_terminal(stored: None) -> None:
    """Lines in columns, with a heading."""
    screen, line = opened(100)
    command = [*BT, "view", "logs", "support", "--follow", "--no-color"]
    with started(command, stdout=line, env=environment()) as one:
        os.close(line)
        seen = b""
        while b"e32e9ad8" not in seen:
            block = read(screen)
            assert block
            seen += block
        one.send_signal(signal.SIGINT)
        assert one.wait() == 130
    os.close(screen)
    assert seen.startswith(b"time ") and [line[-8:] for line in seen.decode().split()[-1:]] == ["e32e9ad8"]


@pytest.mark.parametrize("what", [["trace.jsonl"], ["--cursor", "WzEsMl0"]])
def test_follow_is_for_a_store(what: list[str], stored: None, bt_here: Run) -> None:
    """A file does not grow in a store, and a page does not follow."""
    Path("trace.jsonl").touch()
    assert "--follow" in bt_here("view", "logs", "--follow", *what).check(2).err


def test_html_is_written_beside_nothing_else(bt_here: Run) -> None:
    """The page goes to its file, a note to stderr, and an old page needs --force."""
    done = bt_here("view", "trace", FILE, "trace-0001", "--html", "out.html").check()
    assert done.out == "" and "12 spans → out.html" in done.err and list(Path().iterdir()) == [Path("out.html")]
    assert "--force" in bt_here("view", "trace", FILE, "trace-0001", "--html", "out.html").check(2).err
    bt_here("view", "trace", FILE, "trace-0001", "--html", "out.html", "--force").check()


def test_html_never_replaces_its_input(bt_here: Run) -> None:
    """The file that is looked at is not written over."""
    Path("own.jsonl").write_text('{"name":"a"}')
    done = bt_here("view", "trace", "own.jsonl", "--html", "own.jsonl", "--force").check(2)
    assert "--html own.jsonl is also an input" in done.err
    assert Path("own.jsonl").read_text() == '{"name":"a"}'


def test_html_on_stdout(bt_here: Run) -> None:
    """- is stdout, as everywhere."""
    assert bt_here("view", "trace", FILE, "trace-0001", "--html", "-").check().out.startswith("<!DOCTYPE html>")
