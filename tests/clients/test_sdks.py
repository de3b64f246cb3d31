"""Braintrust's SDKs, unmodified, in their own processes: what each logged is what `bt export` gives.

Each program of `programs` is an example of Braintrust's documentation. The quick run has the current
Python SDK; the old one and JavaScript's are slow.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from judge_process import JudgeServer
from sdks import Sdk, Served

Export = Callable[..., list[Any]]
QUESTION = "What is the capital of France?"
ALWAYS = {"id", "span_id", "root_span_id", "span_parents", "created", "metrics", "context", "span_attributes"}
"""What every span of an SDK has."""


def named(rows: list[Any]) -> dict[str, Any]:
    """Rows by the names of their spans, each with what a span always has checked and taken off."""
    assert len({row["id"] for row in rows}) == len(rows)
    found = {}
    for row in rows:
        assert set(row) >= ALWAYS, row
        metrics = row["metrics"]
        assert metrics["start"] <= metrics["end"]
        created = datetime.fromisoformat(row["created"])
        assert abs(created.timestamp() - metrics["start"]) < 5
        assert abs(datetime.now(UTC) - created).total_seconds() < 600
        found[row["span_attributes"]["name"]] = row
    return found


def own(row: Any) -> dict[str, Any]:
    """What the program itself logged in a span."""
    kept = {key: value for key, value in row.items() if key not in ALWAYS}
    counts = {key: value for key, value in row["metrics"].items() if key not in ("start", "end")}
    return kept | ({"metrics": counts} if counts else {})


def test_traces(sdk: Sdk, exported: Export) -> None:
    """Nested spans, an error, a span with an exported parent, feedback, a comment and a late change come back whole."""
    project = f"traces {sdk.name}"
    said = sdk.run("traces", project)
    spans = named(exported("-p", project))
    assert {name: row["span_attributes"].get("type") for name, row in spans.items()} == {
        "request": "task",
        "retrieve": "function",
        "answer": "llm",
        "broken": None,
        "later": None,
    }
    root = spans["request"]
    assert (root["id"], spans["later"]["id"]) == (said["row"], said["later"])
    assert {name: (row["root_span_id"], row["span_parents"]) for name, row in spans.items()} == {
        name: (root["root_span_id"], [] if row is root else [root["span_id"]]) for name, row in spans.items()
    }
    text = {"text": "Paris", "confidence": 0.875} | ({"big": 123456789012345678901234567890} if sdk.is_python else {})
    documents = ["France", "Paris — ville lumière"]
    asked = {"question": QUESTION} if sdk.is_python else [QUESTION]
    assert own(spans["retrieve"]) == {"input": asked, "output": documents}
    assert own(spans["answer"]) == {
        "input": {**asked, "documents": documents} if isinstance(asked, dict) else [*asked, documents],
        "output": text,
        "metadata": {"model": "gpt-5"},
        "metrics": {"prompt_tokens": 11, "completion_tokens": 7, "tokens": 18},
    }
    broken = own(spans["broken"])
    assert "no such city" in broken.pop("error")
    assert broken == {"input": {"city": "Atlantis"}}
    assert own(spans["later"]) == {"output": "said by another process"}
    logged = own(root)
    (comment,) = logged.pop("comments")
    assert comment["comment"] == {"text": "well said"}
    (audit,) = logged.pop("audit_data")
    assert (audit["source"], audit["metadata"]) == ("external", {"who": "u2"})
    assert logged == {
        "input": QUESTION,
        "output": text,
        "expected": "Paris",
        "scores": {"polite": 1, "helpful": 0.5},
        "metadata": {"user": {"id": "u1"}, "reviewed": True},
        "tags": ["geo", "demo", "checked"],
    }


def test_chat(sdk: Sdk, exported: Export, judge_server: JudgeServer) -> None:
    """Calls of a model through the SDK's wrapper are spans with the messages, the answer and the counts, streamed or not."""
    project = f"chat {sdk.name}"
    said = sdk.run("chat", project, judge_server.url)
    root, streamed, whole = exported("-p", project)
    assert said["streamed"] == said["whole"] == "I think that the answer is fine."
    assert said["parts"] > 2
    for row, asked in ((streamed, {"stream": True, "temperature": 0.5}), (whole, {})):
        assert row["span_parents"] == [root["span_id"]]
        assert (row["span_attributes"]["name"], row["span_attributes"]["type"]) == ("Chat Completion", "llm")
        assert row["input"] == [{"role": "user", "content": "Say something."}]
        assert row["output"][0]["message"]["content"] == said["whole"]
        assert row["output"][0]["message"]["role"] == "assistant"
        told = {key: row["metadata"][key] for key in ("model", *asked)}
        assert told == {"model": "gpt-5", **asked}
        metrics = row["metrics"]
        assert metrics["tokens"] == metrics["prompt_tokens"] + metrics["completion_tokens"] > 0
        assert (metrics["prompt_cached_tokens"], metrics["completion_reasoning_tokens"]) == (2, 1)
        assert 0 <= metrics["time_to_first_token"] <= metrics["end"] - metrics["start"] + 0.01


def test_attachments(sdk: Sdk, served: Served, exported: Export) -> None:
    """Attachments lie beside the store byte for byte, rows hold their references, and the SDK reads them back."""
    project = f"attachments {sdk.name}"
    said = sdk.run("attachments", project)
    assert said["read"] is True
    (row,) = exported("-p", project)
    references = {name: dict(value) for name, value in row["input"].items()}
    keys = {name: reference.pop("key", None) for name, reference in references.items()}
    assert references == {
        "bytes": {
            "type": "braintrust_attachment",
            "filename": "b.bin",
            "content_type": "application/octet-stream",
        },
        "file": {"type": "braintrust_attachment", "filename": "note.txt", "content_type": "text/plain"},
        "elsewhere": {
            "type": "external_attachment",
            "filename": "key.png",
            "content_type": "image/png",
            "url": "s3://bucket/key.png",
        },
    }
    assert row["output"] == {"image": "data:image/png;base64,iVBORw0KGgo="}
    kept = blobs_of(served.store, keys)
    assert kept == {"bytes": bytes(range(256)) * 5000, "file": b"file contents\n"}


def blobs_of(store: Path, keys: dict[str, str | None]) -> dict[str, bytes]:
    """The contents of attachments, by what the program calls them."""
    from bt_cli.blobs.blobs import Blobs

    blobs = Blobs(f"{store}.blobs")
    found = {name: blobs.find("key", key) for name, key in keys.items() if key}
    contents = {name: Path(blobs.path(one.sha256)).read_bytes() for name, one in found.items() if one and one.sha256}
    blobs.close()
    return contents


def test_a_row_larger_than_a_request(sdk: Sdk, served: Served, exported: Export) -> None:
    """What is larger than a request may be is brought apart from it, and is one row like any other."""
    sdk.environment["BRAINTRUST_MAX_REQUEST_SIZE"] = "1000000"
    project = f"big {sdk.name}"
    said = sdk.run("big", project)
    (row,) = exported("-p", project)
    assert (row["id"], row["input"], row["output"]) == (said["row"], "small", "ü" * 3_000_000)
    asked = [json.loads(line) for line in served.server.lines]
    assert [line["status"] for line in asked if line.get("path") == "/logs3/overflow/…"][-1] == 200


def test_experiments(sdk: Sdk, exported: Export) -> None:
    """Rows of an experiment come back, `summarize` compares two, and one that is opened again is the same."""
    project = f"experiments {sdk.name}"
    said = sdk.run("experiment", project)
    first, second, again = said["ids"]
    assert first == again != second
    assert said["compared"] == "first"
    assert math.isclose(said["score"], 2.5 / 3)
    assert math.isclose(said["diff"], 1 / 3)
    assert (said["improvements"], said["regressions"]) == (1, 0)
    assert "/experiments/second" in said["text"]
    for name, scores in (("first", [1, 0, 0.5]), ("second", [1, 1, 0.5])):
        rows = sorted(exported("-p", project, "--experiment", name), key=lambda row: row["id"])
        assert [
            {key: row[key] for key in ("id", "input", "output", "expected", "scores", "span_parents")} for row in rows
        ] == [
            {
                "id": f"{name}-{case}",
                "input": {"case": case},
                "output": f"out {case}",
                "expected": "out 0",
                "scores": {"exact": score},
                "span_parents": [],
            }
            for case, score in enumerate(scores)
        ]
        assert {row["span_attributes"]["type"] for row in rows} == {"eval"}


def test_datasets(sdk: Sdk) -> None:
    """Records are inserted, changed and deleted, and another object of the SDK fetches what is left."""
    said = sdk.run("dataset", f"datasets {sdk.name}")
    assert said["total"] == 2
    assert int(said["version"]) >> 48 == 0x0DE1
    records = sorted(said["records"], key=lambda record: record["id"])
    assert records == [
        {
            "id": "France",
            "input": {"country": "France"},
            "expected": "Paris",
            "metadata": {"by": "hand"},
            "tags": ["geo"],
        },
        {
            "id": "Peru",
            "input": {"country": "Peru"},
            "expected": {"name": "Lima", "since": 1535},
            "metadata": {"by": "hand", "checked": True},
            "tags": ["geo"],
        },
    ]


def test_eval(sdk: Sdk, exported: Export) -> None:
    """`Eval` leaves a trace for each case: task, scorers with their scores, and the error of the case that failed."""
    project = f"eval {sdk.name}"
    said = sdk.run("evaluate", project)
    assert said == {"name": "greeting", "exact": 0.5}
    rows = exported("-p", project, "--experiment", "greeting")
    cases = {row["input"]: row for row in rows if not row["span_parents"]}
    assert {name: row["span_attributes"]["type"] for name, row in cases.items()} == dict.fromkeys(
        ("Foo", "Bar", "broken"), "eval"
    )
    assert {key: cases["Foo"][key] for key in ("output", "expected", "metadata")} == {
        "output": "Hi Foo",
        "expected": "Hi Foo",
        "metadata": {"n": 1},
    }
    assert cases["Bar"]["tags"] == ["odd"]
    assert "the task failed" in cases["broken"]["error"]
    below = {
        name: {
            (row["span_attributes"]["name"], row["span_attributes"]["type"]): row.get("scores")
            for row in rows
            if row["root_span_id"] == case["root_span_id"] and row is not case
        }
        for name, case in cases.items()
    }
    assert [below["Foo"][(one, "score")] for one in ("exact", "length")] == [{"exact": 1}, {"short": 0.25}]
    assert [below["Bar"][(one, "score")] for one in ("exact", "length")] == [{"exact": 0}, {"short": 0.25}]
    assert ("task", "task") in below["Foo"]


def test_eval_over_a_dataset(sdk: Sdk) -> None:
    """Cases know the record that they are from, scorers read the trace, and a name that is taken gets an ending."""
    said = sdk.run("over_dataset", f"doubles {sdk.name}")
    assert said["scores"] == {"same": 1, "spans_seen": 0.2}
    assert said["origins"] == [["dataset", f"d{number}"] for number in range(5)]
    assert said["outputs"] == [0, 2, 4, 6, 8]
    assert re.fullmatch("doubling-[0-9a-f]{8}", said["again"])
