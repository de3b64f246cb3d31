"""The command lines that users paste: real shells, real pipes, the samples of this repository."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from running import BT, Result, started

Shell = Callable[[str], Result]
Bt = Callable[..., Result]

TREE = {"name": "answer", "id": "t1", "children": [{"name": "one", "id": "c1"}, {"name": "two", "id": "c2"}]}
ROOT = {"id": "r1", "span_id": "r1", "root_span_id": "r1", "span_parents": [], "input": "hi"}
CHILD = {"id": "r2", "span_id": "r2", "root_span_id": "r1", "span_parents": ["r1"], "output": "ho"}

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not on PATH")


def write(name: str, *records: dict[str, Any]) -> None:
    """A file of JSON lines in the working directory, packed as its name says."""
    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    pack = {".gz": gzip.compress, ".zst": zstandard.compress}.get(path.suffix, bytes)
    path.write_bytes(pack(data))


def test_program_into_import(shell: Shell) -> None:
    """python app.py | bt import -p support stores what the program prints."""
    shell('python "$SAMPLES/python/app.py" | bt import -p support').check()
    assert len(shell("bt export -p support --to tree").check().lines) == 3


@needs_jq
def test_program_into_convert_into_jq(shell: Shell) -> None:
    """bt convert is a filter in front of jq."""
    line = """python "$SAMPLES/python/app.py" | bt convert | jq -c 'select(.span_attributes.type=="llm")'"""
    assert {row["span_attributes"]["type"] for row in shell(line).check().lines} == {"llm"}


def test_unpacked_stream_into_import(shell: Shell) -> None:
    """zcat logs/*.jsonl.gz | bt import -p ci reads several files as one stream."""
    write("logs/a.jsonl.gz", TREE)
    write("logs/b.jsonl.gz", {"name": "other"})
    assert shell("zcat logs/*.jsonl.gz | bt import -p ci --json").check().json["traces"]["new"] == 2


def test_packed_stream_into_import(shell: Shell) -> None:
    """gzip is recognised on stdin."""
    write("a.jsonl.gz", TREE)
    assert shell("cat a.jsonl.gz | bt import -p ci --json").check().json["spans"]["new"] == 3


def test_quoted_glob_of_packed_files(shell: Shell) -> None:
    """bt import 'logs/**/*.jsonl.zst' finds files in folders below, unpacks them, and puts bad records aside."""
    write("logs/1/a.jsonl.zst", TREE)
    write("logs/2/3/b.jsonl.zst", {"name": "other"})
    line = "bt import 'logs/**/*.jsonl.zst' -p p --rejects bad.jsonl --max-errors 0.1% --json"
    assert shell(line).check().json["input"]["records"] == 2


def test_export_into_import(shell: Shell) -> None:
    """bt export -p a --to tree | bt import -p b: both export identically."""
    shell('bt import "$SAMPLES/support.jsonl" -p a && bt export -p a --to tree | bt import -p b').check()
    assert shell("bt export -p a").check().out == shell("bt export -p b").check().out


def test_traces_of_low_scores_into_another_project(shell: Shell) -> None:
    """bt export --where-score brings whole traces, which another project takes up."""
    low = {"name": "low", "scores": {"Factuality": 0.2}, "children": [{"name": "child"}]}
    write("t.jsonl", low, {"name": "high", "scores": {"Factuality": 0.9}}, {"name": "none"})
    shell("bt import t.jsonl -p support").check()
    line = "bt export -p support --where-score 'Factuality<0.5' --to tree | bt import -p review"
    shell(line).check()
    names = [row["span_attributes"]["name"] for row in shell("bt export -p review").check().lines]
    assert names == ["low", "child"]


def test_a_look_that_is_cut_off(shell: Shell) -> None:
    """bt view trace ID | head: no traceback, whether or not all was written before the reader went away."""
    write("t.jsonl", TREE)
    shell("bt import t.jsonl -p p").check()
    done = shell("bt view trace t1 | head -1")
    assert (done.code in (0, 141), done.out.startswith("answer"), done.err) == (True, True, "")


def test_a_regression_stops_ci(shell: Shell) -> None:
    """bt compare main run.jsonl --fail-on-regression exits 4 when a score fell."""
    write("main.jsonl", {"input": 1, "scores": {"Factuality": 0.9}})
    write("run.jsonl", {"input": 1, "scores": {"Factuality": 0.4}})
    shell("bt import main.jsonl -p main").check()
    shell("bt compare main run.jsonl --fail-on-regression").check(4)


def test_a_query_as_json(shell: Shell) -> None:
    """bt sql … --json gives numbers by column name."""
    write("t.jsonl", {"name": "x", "metadata": {"model": "m"}, "metrics": {"tokens": 7}})
    shell("bt import t.jsonl -p p").check()
    found = shell('bt sql "select model, sum(tokens) from spans group by 1" --json').check().json
    assert found["items"] == [{"model": "m", "sum(tokens)": 7}]


def test_filters_together(shell: Shell) -> None:
    """Each filter given must match; a slip in one ends the command with 2 and a hint."""
    wanted = {
        "name": "chat",
        "tags": ["vip"],
        "metadata": {"user": 42},
        "output": "caf\u00e9",
        "metrics": {"tokens": 9},
    }
    write("t.jsonl", wanted, {**wanted, "tags": ["eu"]}, {**wanted, "metadata": {"user": 43}})
    shell("bt import t.jsonl -p p").check()
    line = "bt export -p p --tag vip --metadata user=42 --grep 'output=/^café$/' --min-tokens 9 --filter \"name like 'ch%'\""
    assert len(shell(line).check().lines) == 1
    slip = shell('bt export -p p --filter "nme = 1"').check(2)
    assert "did you mean 'name'?" in slip.err


def test_rows_into_import(shell: Shell) -> None:
    """Rows move from project to project as trees do."""
    shell('bt import "$SAMPLES/support.jsonl" -p a && bt export -p a | bt import -p b').check()
    assert shell("bt export -p a --to tree").check().out == shell("bt export -p b --to tree").check().out


def test_convert_equals_import_and_export(shell: Shell) -> None:
    """bt convert prints the rows that an import would store."""
    shell('bt import "$SAMPLES/support.jsonl" -p a').check()
    assert shell('bt convert "$SAMPLES/support.jsonl"').check().out == shell("bt export -p a").check().out


@needs_jq
def test_second_import_stores_nothing(shell: Shell) -> None:
    """A CI job may assert that an import has been done before."""
    line = """bt import "$SAMPLES/support.jsonl" -p a && bt import "$SAMPLES/support.jsonl" -p a --json"""
    shell(f"{line} | jq -e '.traces.new == 0 and .traces.unchanged == 5'").check()


def test_reader_that_goes_away(shell: Shell) -> None:
    """bt export | head -1 ends without a word, and with the exit code of a closed pipe."""
    write("many.jsonl", *({"id": f"i{number:05}", "input": "x" * 500} for number in range(2000)))
    shell("bt import many.jsonl -p a").check()
    done = shell("bt export -p a | head -1").check(141)
    assert (len(done.lines), done.err) == (1, "")


def test_mixed_trees_and_rows(shell: Shell) -> None:
    """One file may hold trees and rows."""
    write("mixed.jsonl", TREE, CHILD, ROOT)
    done = shell("bt import mixed.jsonl -p a --json").check().json
    assert (done["format"], done["traces"]["new"], done["spans"]["new"]) == ("trees and rows", 2, 5)


def test_parent_from_another_file(shell: Shell) -> None:
    """A child that comes first is linked when its parent arrives, in another file."""
    write("child.jsonl", {**CHILD, "root_span_id": None})
    write("parent.jsonl", ROOT)
    shell("bt import child.jsonl -p a; bt import parent.jsonl -p a").check()
    assert [tree["children"][0]["id"] for tree in shell("bt export -p a --to tree").check().lines] == ["r2"]


def test_rejects_corrected_and_imported(shell: Shell) -> None:
    """The rejects file, corrected in place, is the input of the next import."""
    Path("t.jsonl").write_text('{"id":"a"}\n{"id":"b", "input": }\n{"id":"c"}\n')
    shell("bt import t.jsonl -p a --rejects bad.jsonl").check(3)
    shell('sed -i \'s/"input": }/"input": 1}/; s/\\\\"input\\\\": }/\\\\"input\\\\": 1}/\' bad.jsonl').check()
    shell("bt import bad.jsonl -p a").check()
    assert {row["id"] for row in shell("bt export -p a").check().lines} == {"a", "b", "c"}


def test_allowed_errors_let_ci_go_on(shell: Shell) -> None:
    """Within --max-errors a rejected record is told, and the exit code is 0."""
    Path("t.jsonl").write_text('{"id":"a"}\n{nonsense\n{"id":"c"}\n')
    assert "t.jsonl:2:" in shell("bt import t.jsonl -p a --max-errors 1").check().err


def test_check_stops_ci(shell: Shell) -> None:
    """bt convert --check answers with exit code 4."""
    Path("t.jsonl").write_text('{"id":"a"}\n{nonsense\n')
    assert shell("bt convert --check t.jsonl && echo go on").check(4).out == ""


def test_missing_file_stores_nothing(shell: Shell) -> None:
    """A file that is not there is found before the others are stored."""
    write("there.jsonl", TREE)
    shell("bt import there.jsonl missing.jsonl -p a").check(5)
    assert shell("bt export -p a").code == 2


def test_other_names(shell: Shell) -> None:
    """--map, --children-field and --id-field read trees that an app has printed with names of its own."""
    write("own.jsonl", {"uid": 7, "request": {"prompt": "hi"}, "spans": [{"request": {"prompt": "ho"}}]})
    line = "bt convert own.jsonl --children-field spans --id-field uid --map input=request.prompt"
    assert [(row["input"], row["root_span_id"]) for row in shell(line).check().lines] == [("hi", "7"), ("ho", "7")]


def test_added_tag_and_metadata(shell: Shell) -> None:
    """--add-tag and --add-metadata reach each root, and no other span."""
    write("t.jsonl", {**TREE, "tags": ["own"], "metadata": {"own": 1}})
    line = "bt convert t.jsonl --add-tag nightly --add-metadata release=1.4.2 --add-metadata shard=3"
    root, *children = shell(line).check().lines
    assert (root["tags"], root["metadata"]) == (["own", "nightly"], {"own": 1, "release": "1.4.2", "shard": 3})
    assert not any("tags" in child or "metadata" in child for child in children)


def test_time_unit(shell: Shell) -> None:
    """--time-unit forces the unit that auto would take from the size of the number."""
    write("t.jsonl", {"metrics": {"start": 99_999_999_999}})
    starts = [shell(f"bt convert t.jsonl --time-unit {unit}").check().lines[0]["metrics"] for unit in ("s", "ms")]
    assert starts == [{"start": 99_999_999_999}, {"start": 99_999_999.999}]


def test_dry_run_makes_no_store(shell: Shell) -> None:
    """--dry-run says what would be stored, and does not even make the store."""
    done = shell('bt import "$SAMPLES/support.jsonl" -p a --dry-run').check()
    assert "5 new traces" in done.err and not Path("spans.db").exists()


def test_dry_run_compares_with_the_store(shell: Shell) -> None:
    """--dry-run knows what is stored already."""
    shell('bt import "$SAMPLES/python/traces.jsonl" -p a').check()
    done = shell('bt import "$SAMPLES/python/traces.jsonl" "$SAMPLES/rust/traces.jsonl" -p a --dry-run --json').check()
    assert (done.json["traces"]["unchanged"], done.json["traces"]["new"]) == (3, 3)


def test_tee_passes_the_input_on(shell: Shell) -> None:
    """--tee gives the input's bytes to the next program."""
    done = shell('cat "$SAMPLES/support.jsonl" | bt import -p a --tee | cmp - "$SAMPLES/support.jsonl"')
    assert done.check().out == ""


@pytest.mark.parametrize(
    "line",
    [
        'bt import "$SAMPLES/support.jsonl" -p b --tee --json',
        'bt convert "$SAMPLES/support.jsonl" --json',
        "bt export -p a --json",
    ],
    ids=lambda line: line.split()[1],
)
def test_json_report_is_the_last_line_of_stderr(line: str, shell: Shell) -> None:
    """Where stdout is data, the report of --json ends stderr."""
    shell('bt import "$SAMPLES/support.jsonl" -p a').check()
    done = shell(line).check()
    assert json.loads(done.err.splitlines()[-1])["ok"] is True
    assert len(done.lines) >= 5


def test_quiet_says_nothing(shell: Shell) -> None:
    """-q is for cron: no output when all went well."""
    done = shell('bt import "$SAMPLES/support.jsonl" -p a -q').check()
    assert (done.out, done.err) == ("", "")


def test_last_line_says_where_to_look(shell: Shell) -> None:
    """The last line of an import ends with a command that shows what was stored."""
    done = shell('bt import "$SAMPLES/support.jsonl" -p "my project"').check()
    look = done.err.splitlines()[-1].partition("look: ")[2]
    assert len(shell(look).check().out.splitlines()) == 1 + 5


def test_followed_pipe_stores_and_passes_on() -> None:
    """tail -F app.jsonl | bt import --follow --tee: each line comes out while the next has not been written."""
    command = [*BT, "import", "-p", "live", "--store", "live.db", "--follow", "--tee"]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        for number in range(3):
            line = json.dumps({"id": f"line-{number}"}).encode() + b"\n"
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == line
        _, talk = process.communicate()
    assert process.returncode == 0 and b"3 new traces" in talk


def test_followed_file_until_terminated(shell: Shell) -> None:
    """bt import FILE --follow sees lines that are appended, and SIGTERM ends it after all of them are stored."""
    growing = Path("app.jsonl")
    growing.write_text('{"id":"first"}\n')
    command = [*BT, "import", "app.jsonl", "-p", "live", "--store", "spans.db", "--follow", "--tee"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        with growing.open("a") as file:
            file.write('{"id":"second"}\n')
        second = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert (first, second, process.returncode) == (b'{"id":"first"}\n', b'{"id":"second"}\n', 143)
    assert [row["id"] for row in shell("bt export -p live").check().lines] == ["first", "second"]


def test_values_however_they_are_laid_out(shell: Shell) -> None:
    """A byte order mark, CRLF, two values on a line, one over many lines and no last newline are all read."""
    text = r"""\xef\xbb\xbf{"id":"a"}\r\n\r\n{"id":"b"} {"id":"c"}\n{\n "id":\n "d"}\n[{"id":"e"}]"""
    assert [row["id"] for row in shell(f"printf '{text}' | bt convert").check().lines] == list("abcde")


def test_output_file_is_compressed_and_read_again(shell: Shell) -> None:
    """bt export -o writes what bt import reads."""
    shell('bt import "$SAMPLES/support.jsonl" -p a && bt export -p a --compress zstd -o a.jsonl.zst').check()
    shell("bt import a.jsonl.zst -p b").check()
    assert shell("bt export -p b").check().out == shell("bt export -p a").check().out


def test_output_over_the_input_is_refused(shell: Shell) -> None:
    """-o equal to an input is a usage mistake, with --force too."""
    write("t.jsonl", TREE)
    shell("bt convert t.jsonl -o t.jsonl --force").check(2)
    assert json.loads(Path("t.jsonl").read_text()) == TREE


def test_experiment_is_a_container_of_its_own(shell: Shell) -> None:
    """The same traces in an experiment and in the logs are kept apart, under the same ids."""
    shell('bt import "$SAMPLES/support.jsonl" -p a && bt import "$SAMPLES/support.jsonl" -p a --experiment e').check()
    assert shell("bt export experiment:e").check().out == shell("bt export project_logs:a").check().out


def test_folder_of_samples(shell: Shell) -> None:
    """A folder means its trace files, those of folders below included."""
    done = shell('bt import "$SAMPLES" -p a --json').check().json
    assert (len(done["input"]["files"]), done["traces"]["new"]) == (6, 20)


def test_the_limit_is_one_for_all_projects(bt: Bt) -> None:
    """--limit counts what comes out, not what comes out of each project."""
    for project in ("a", "b", "c"):
        bt("import", "-p", project, "--store", "s.db", stdin='{"id":"x"}').check()
    assert len(bt("export", "--all-projects", "--limit", 2, "--store", "s.db").check().lines) == 2


def test_a_trace_is_found_in_whichever_project_has_it(bt: Bt) -> None:
    """--trace-id with --all-projects asks them all."""
    for project, name in (("a", "aaaa"), ("b", "bbbb"), ("c", "cccc")):
        bt("import", "-p", project, "--store", "s.db", stdin=f'{{"id":"{name}"}}').check()
    (row,) = bt("export", "--all-projects", "--trace-id", "bbbb", "--store", "s.db").check().lines
    assert row["id"] == "bbbb"


def test_with_container_names_the_project_of_every_row(bt: Bt) -> None:
    """Spans that came from trees get the id under which the store keeps their project."""
    bt("import", "-p", "a", "--store", "s.db", stdin='{"id":"x"}').check()
    (row,) = bt("export", "-p", "a", "--with-container", "--store", "s.db").check().lines
    assert set(row) >= {"id", "project_id"}


def test_rejects_do_not_go_into_standard_input(bt: Bt, tmp_path: Path) -> None:
    """Reading and writing one file would never end."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"id":"a"}\n{"id":"b",}\n')
    with path.open("rb") as stdin:
        done = subprocess.run(
            [*BT, "import", "--store", "s.db", "--rejects", str(path)], stdin=stdin, capture_output=True, text=True
        )
    assert (done.returncode, "is also standard input" in done.stderr) == (2, True)


def test_a_missing_file_makes_no_store(bt: Bt, tmp_path: Path) -> None:
    """What can't be read ends the run before anything is made."""
    bt("import", "missing.jsonl", "--store", "new.db").check(5)
    assert not (tmp_path / "new.db").exists()


def test_longer_records_than_allowed_are_rejected(bt: Bt) -> None:
    """--max-record-bytes skips a record without holding it."""
    result = bt("import", "--max-record-bytes", 20, "--store", "s.db", stdin='{"id":"a"}\n{"id":"' + "b" * 30 + '"}\n')
    assert "2:0" not in result.check(3).err and "longer than 20 bytes" in result.err


def test_convert_keeps_a_rows_own_instruction(bt: Bt) -> None:
    """_is_merge says how a later import has to take the row."""
    (row,) = bt("convert", stdin='{"id":"m","span_id":"m","input":1,"_is_merge":false}').check().lines
    assert row["_is_merge"] is False
