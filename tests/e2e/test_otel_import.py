"""OpenTelemetry's spans through the command: linkage, repeats, and what the report says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from running import Result

TRACE, ROOT, CHILD = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"


def span(span_id: str, parent: str = "", **fields: Any) -> dict[str, Any]:
    times = {"startTimeUnixNano": "1767603731630000000", "endTimeUnixNano": "1767603733610000000"}
    return {"traceId": TRACE, "spanId": span_id, "parentSpanId": parent, "name": "work", **times, **fields}


def request(*spans: dict[str, Any]) -> str:
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}) + "\n"


def test_spans_link_across_files_and_order(bt: Callable[..., Result], tmp_path: Path) -> None:
    """A child that comes before its parent, in another file."""
    (tmp_path / "a.jsonl").write_text(request(span(CHILD, ROOT)))
    (tmp_path / "b.jsonl").write_text(request(span(ROOT)))
    done = bt("import", "a.jsonl", "b.jsonl", "-p", "p", "--json")
    assert done.code == 0
    report = json.loads(done.out)
    assert (report["traces"]["new"], report["spans"]["new"], report["orphans"]) == (1, 2, 0)
    (tree,) = map(json.loads, bt("export", "-p", "p", "--to", "tree").out.splitlines())
    assert [one["id"] for one in tree["children"]] == [CHILD]


def test_delivered_twice_is_once(bt: Callable[..., Result], tmp_path: Path) -> None:
    """In one file, and in a second run."""
    (tmp_path / "a.jsonl").write_text(request(span(ROOT), span(CHILD, ROOT)) * 2)
    first = json.loads(bt("import", "a.jsonl", "-p", "p", "--json").out)
    again = json.loads(bt("import", "a.jsonl", "-p", "p", "--json").out)
    assert (first["spans"]["new"], first["spans"]["folded"] + first["spans"]["unchanged"]) == (2, 2)
    assert (again["spans"]["new"], again["spans"]["changed"], again["records"]["rejected"]) == (0, 0, 0)


def test_the_report_tells_what_was_detected_and_what_has_no_home(bt: Callable[..., Result], tmp_path: Path) -> None:
    """As a file too."""
    attributes = [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "shop", "value": {"intValue": "7"}},
    ]
    (tmp_path / "a.jsonl").write_text(
        request(span(ROOT, attributes=attributes), span(CHILD, ROOT)) + '{"resourceLogs":[]}\n'
    )
    done = bt("import", "a.jsonl", "-p", "p", "--report", "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["detected"] == [{"form": "otlp-json", "title": "OTLP JSON", "why": "resourceSpans", "records": 2}]
    assert report["dialects"] == {"gen_ai": 1}
    assert report["no_home"] == [{"field": "shop", "count": 1, "reason": "no_field"}]
    assert report["skipped"] == {"logs": 1}
    assert "1 request of logs: passed over" in done.err
    assert "Dialects: gen_ai 1." in done.err
    assert "Read 2 records (OTLP JSON) from a.jsonl." in done.err


def test_a_report_that_cannot_be_written(bt: Callable[..., Result], tmp_path: Path) -> None:
    """A usage error."""
    (tmp_path / "a.jsonl").write_text(request(span(ROOT)))
    assert bt("import", "a.jsonl", "-p", "p", "--report", "none/report.json").code == 2


def test_protobuf_is_told_by_its_first_bytes(bt: Callable[..., Result], tmp_path: Path) -> None:
    """From a file and from a pipe, and the two are one trace."""
    data = TracesData()
    one = data.resource_spans.add().scope_spans.add().spans.add()
    one.trace_id, one.span_id, one.name = bytes.fromhex(TRACE), bytes.fromhex(ROOT), "work"
    (tmp_path / "a.pb").write_bytes(data.SerializeToString())
    done = bt("import", "a.pb", "-p", "p")
    assert "Read 1 record (OTLP protobuf) from a.pb." in done.err
    assert (bt("convert", "a.pb").out) == bt("export", "-p", "p").out


def test_a_second_import_says_the_same_of_its_input(bt: Callable[..., Result], tmp_path: Path) -> None:
    """Though nothing is converted any more."""
    (tmp_path / "a.jsonl").write_text(request(span(ROOT)))
    first, again = (bt("import", "a.jsonl", "-p", "p").err for _ in range(2))
    assert "Read 1 record (OTLP JSON) from a.jsonl." in first
    assert "Read 1 record (OTLP JSON) from a.jsonl." in again
    assert "1 unchanged trace (1 span)" in again


def test_all_or_nothing_and_only_looking(bt: Callable[..., Result], tmp_path: Path) -> None:
    """--strict, --dry-run and files that are looked at without a store."""
    (tmp_path / "a.jsonl").write_text(request(span(ROOT), span(CHILD, ROOT)))
    assert "1 new trace (2 spans)" in bt("import", "a.jsonl", "-p", "p", "--dry-run").err
    assert "1 new trace (2 spans)" in bt("import", "a.jsonl", "-p", "p", "--strict").err
    assert TRACE in bt("view", "logs", "a.jsonl").check().out
