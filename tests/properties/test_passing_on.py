"""Complete rows are passed on as they are; what a server gets of a file is what it would get the long way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from braintrust_server import BraintrustServer, Fault, braintrust_server
from bt_cli.pipeline import importing
from bt_cli.pipeline.import_ import import_traces
from bt_cli.pipeline.options import ImportOptions, InputOptions
from bt_cli.pipeline.report import ImportReport
from bt_cli.pipeline.touched import Touched
from bt_cli.spans import text
from bt_cli.spans.container import Container
from bt_cli.stores import open_store
from bt_cli.stores.base import Conflict
from properties.strategies import ATTRIBUTES, CREATED, Dice, build_json, build_metrics, build_object, seeded
from serving import serving

ODD = [
    '"text"',
    "17",
    "null",
    "[]",
    "{}",
    '{"a":2}',
    '["x",1]',
    '{"start":1e12,"q":0.5,"r":2}',
    "1e400",
    "NaN",
    '"\\ud800"',
]
MORE = [
    "zz",
    "name",
    "children",
    "_is_merge",
    "project_id",
    "_merge_paths",
    "span\\u005fattributes",
    "is_root",
    "\\u0069d",
]
BREAKS = [
    b"\xff",
    b"\r\n",
    b"\n",
    b"\xef\xbb\xbf",
    b"[",
    b"]",
    b",",
    b"{",
    b"\x01",
    b"",
    b" ",
    b'{"rows":[{"id":"in"}]}',
]
REFUSED = b"refuse me"


def build_members(dice: Dice) -> dict[str, str]:
    """The members of a complete row; every few have an id in common."""
    number = dice.randrange(12)
    values = {
        "id": f'"i{number}"',
        "span_id": f'"s{number}"',
        "root_span_id": f'"t{number // 3}"',
        "span_parents": dice.choice(["[]", '["s1"]', '["s1" , "\\u00e9\\n"]']),
    }
    may = {
        "created": orjson.dumps(dice.choice(CREATED)).decode(),
        "input": build_json(dice),
        "output": dice.choice(['"span_attributes"', '{"span_attributes":{}}', '"refuse me"', '{"url":"file:///no"}']),
        "error": build_json(dice, 1),
        "scores": dice.choice(['{"q":0.5}', '{"q":1,"r":null}', "{}", "null"]),
        "metrics": dice.choice([orjson.dumps(build_metrics(dice)).decode(), '{"start":1704916642.5,"n":1E2}']),
        "metadata": build_object(dice),
        "tags": dice.choice(['["x"]', '["x","\\u00e9"]', "[]", "null"]),
        "span_attributes": dice.choice([*ATTRIBUTES, "{ }", '{"exec_counter":7}', '{"name":"exec_counter"}']),
        "origin": build_object(dice),
    }
    return values | {name: value for name, value in may.items() if dice.random() < 0.4}


def build_line(dice: Dice) -> bytes:
    """A line with a row, of which some have something that is not as it should be."""
    members = build_members(dice)
    odd = dice.randrange(16)
    if odd == 0:
        members[dice.choice(list(members))] = dice.choice(ODD)
    elif odd == 1:
        del members[dice.choice(list(members))]
    elif odd == 2:
        members[dice.choice(MORE)] = dice.choice(ODD)
    written = [f'"{name}":{value}' for name, value in members.items()]
    if odd == 3:
        written.append(dice.choice(written))
    dice.shuffle(written)
    line = ("{" + dice.choice(["", " "]) + ",".join(written) + "}").encode()
    if odd == 4:
        at = dice.randrange(len(line) + 1)
        line = line[:at] + dice.choice(BREAKS) + line[at + dice.randrange(2) :]
    return line + dice.choice([b"\n"] * 9 + [b"\r\n", b" ", b"\n\n", b","])


def build_file(dice: Dice) -> bytes:
    """Some lines."""
    return b"".join(build_line(dice) for _ in range(dice.randrange(1, 9)))


def members_of(body: bytes) -> list[dict[str, Any]]:
    """The rows of a request: payload as it is written, what tells one row from another as values."""
    rows = text.items(text.members(body.decode())["rows"])
    return [
        {
            key: text.decode(text.text_of(value)) if key in _VALUES else bytes(value)
            for key, value in text.members(row).items()
        }
        for row in rows
    ]


_VALUES = ("id", "span_id", "root_span_id", "span_parents", "created", "span_attributes")


def imported(url: str, file: Path, project: str, conflict: Conflict, shortcut: bool) -> tuple[ImportReport, list[str]]:
    """The report of an import, and the ids of the rows whose traces it touched."""
    options = ImportOptions(input=InputOptions(paths=(str(file),)), conflict=conflict)
    store = open_store(url, "write")
    way = importing.recogniser if shortcut else lambda store, conversion: None
    with patch.object(importing, "recogniser", way), Touched() as touched:
        report = import_traces(store, Container(project), options, lambda progress: None, lambda: 0, touched)
        ids = list(touched.ids())
    store.close()
    report.elapsed = 0.0
    return report, ids


@pytest.fixture(scope="module")
def server() -> Iterator[BraintrustServer]:
    """A server of a foreign make, which refuses some rows and keeps what it takes as it came."""
    with pytest.MonkeyPatch.context() as patched, braintrust_server() as running:
        for name in ("BRAINTRUST_API_KEY", "BRAINTRUST_APP_URL", "BRAINTRUST_ORG_NAME"):
            patched.delenv(name, raising=False)
        yield running


def got(server: BraintrustServer, file: Path, conflict: Conflict, shortcut: bool) -> Any:
    """What a server has got of a file, row by row, and what is reported of it."""
    bodies: list[bytes] = []
    server.rows.clear()
    server.faults[:] = [Fault("/logs3", 400, b'{"Message":"no"}', times=-1, when=lambda body: REFUSED in body)]

    def take(body: bytes) -> tuple[int, dict[str, Any]]:
        bodies.append(body)
        return BraintrustServer.take(server, body)

    with patch.object(server, "take", take):
        told = imported(server.url, file, "p", conflict, shortcut)
    return [row for body in bodies for row in members_of(body)], told


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeded(build_file), st.sampled_from(["merge", "replace"]))
@example(b'{"id":"a","span_id":"a","root_span_id":"a","span_parents":[],"input":"x"\n"output":"y"}\n', "merge")
@example(b'{"id":"a","span_id":"a","root_span_id":"a","span_parents":[]},{"id":"b","root_span_id":"b"}\n', "merge")
def test_a_server_gets_what_it_would_get_the_long_way(
    server: BraintrustServer, tmp_path: Path, data: bytes, conflict: Conflict
) -> None:
    """The rows, with the text of their payload, and the report with its findings are equal."""
    file = tmp_path / "rows.jsonl"
    file.write_bytes(data)
    assert got(server, file, conflict, shortcut=True) == got(server, file, conflict, shortcut=False)


@pytest.mark.parametrize("conflict", ["merge", "replace", "skip", "error"])
def test_our_server_tells_the_same_of_the_rows(tmp_path: Path, conflict: Conflict) -> None:
    """New, changed, unchanged, folded and rejected rows are counted alike, with the same findings."""
    dice = Dice(5)
    file = tmp_path / "rows.jsonl"
    with serving(tmp_path / "spans.db") as running:
        for _ in range(4):
            file.write_bytes(b"".join(build_line(dice) for _ in range(60)))
            told = [imported(running.url, file, name, conflict, name == "short") for name in ("short", "long")]
            assert told[0] == told[1]
            assert told[0][0].records.total > 40


def test_complete_rows_meet_no_conversion(
    server: BraintrustServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of them is imported without any record being decoded."""
    file = tmp_path / "rows.jsonl"
    row = b'{"id":"%d","span_id":"%d","root_span_id":"r","span_parents":[],"tags":["x"],"metrics":{"start":1704916642.5}}\n'
    file.write_bytes(b"".join(row % (number, number) for number in range(2500)))
    monkeypatch.setattr(importing.Conversion, "convert", None)
    server.faults.clear()
    report, _ = imported(server.url, file, "p", "merge", shortcut=True)
    assert report.spans.new == 2500
    assert sorted(len(one.json["rows"]) for one in server.of("/logs3"))[-3:] == [500, 1000, 1000]
