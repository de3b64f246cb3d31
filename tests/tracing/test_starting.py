"""Loggers and experiments on real stores: a file, and a server before one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from braintrust.span_identifier_v3 import SpanComponentsV3

import bt_cli as bt
from braintrust_server import braintrust_server
from bt_cli.errors import BtError, NotFoundError
from bt_cli.spans.container import Container, container_id
from bt_cli.tracing.state import STATE
from running import Result
from serving import Serving, serving

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that these tests share; each has a project of its own."""
    with serving(tmp_path_factory.mktemp("served") / "t.db") as running:
        yield running


@pytest.fixture(params=["file", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A store as ``--store`` names it."""
    if request.param == "file":
        return str(tmp_path / "traces.db")
    found: Serving = request.getfixturevalue("server")
    return found.url


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """A project that no other test uses."""
    return str(request.node.name)


def exported(bt_here: Run, store: str, *options: str) -> list[dict[str, Any]]:
    bt.flush()
    return bt_here("export", "--store", store, "--to", "rows", *options).check().lines


def test_spans_are_what_bt_exports(bt_here: Run, store: str, project: str) -> None:
    """Linked, in order, whole."""
    bt.init_logger(project, store=store)
    with bt.start_span(name="root", input={"q": "é"}), bt.start_span(name="child", type="llm") as child:
        child.log(output=[1, 2.5, None], metadata={"model": "m"}, metrics={"tokens": 3}, tags=["a"])
    root, below = exported(bt_here, store, "--project", project)
    assert (root["span_attributes"]["name"], root["input"], root["span_parents"]) == ("root", {"q": "é"}, [])
    assert (below["span_parents"], below["root_span_id"]) == ([root["span_id"]], root["root_span_id"])
    assert (below["output"], below["metadata"], below["tags"]) == ([1, 2.5, None], {"model": "m"}, ["a"])


def test_nothing_is_opened_before_the_first_span(tmp_path: Path) -> None:
    """Registration is lazy."""
    bt.init_logger("p", store=str(tmp_path / "t.db"))
    bt.flush()
    assert list(tmp_path.iterdir()) == []


def test_default_store_is_that_of_the_commands(bt_here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``BT_STORE``, and the default project."""
    monkeypatch.setenv("BT_STORE", str(tmp_path / "mine.db"))
    bt.init_logger()
    bt.start_span(name="x").end()
    (row,) = exported(bt_here, str(tmp_path / "mine.db"), "--project", "default")
    assert row["span_attributes"]["name"] == "x"


def test_key_of_the_environment_sends_nothing_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a key that the program gives, or a store that it names, means Braintrust."""
    monkeypatch.setenv("BRAINTRUST_API_KEY", "secret")
    logger = bt.init_logger("p")
    assert logger.target.worker.about.name.endswith("spans.db")


def test_key_that_the_program_gives_means_braintrust() -> None:
    """As with Braintrust's SDK."""
    assert bt.init_logger("p", api_key="k").target.worker.about.name == "https://api.braintrust.dev"


def test_loggers_of_one_store_have_one_worker(tmp_path: Path) -> None:
    """And so one connection and one thread."""
    first = bt.init_logger("a", store=str(tmp_path / "t.db"))
    second = bt.init_logger("b", store=str(tmp_path / "t.db"))
    assert first.target.worker is second.target.worker and bt.current_logger() is second


def test_project_has_the_id_of_its_name(store: str, project: str) -> None:
    """In every store of ours."""
    logger = bt.init_logger(project, store=store)
    assert logger.id == container_id(Container(project))


def test_feedback_lies_in_the_row(bt_here: Run, store: str, project: str) -> None:
    """Scores are merged, the comment is added."""
    logger = bt.init_logger(project, store=store)
    with bt.start_span(scores={"a": 0.5}) as span:
        pass
    logger.log_feedback(span.id, scores={"human": 1}, expected="e", tags=["good"], comment="nice", source="app")
    (row,) = exported(bt_here, store, "--project", project)
    assert (row["scores"], row["expected"], row["tags"]) == ({"a": 0.5, "human": 1}, "e", ["good"])
    assert [one["comment"]["text"] for one in row["comments"]] == ["nice"]


def test_row_is_updated_by_its_id(bt_here: Run, store: str, project: str) -> None:
    """What was there stays."""
    logger = bt.init_logger(project, store=store)
    with bt.start_span(input=1, metadata={"a": 1}) as span:
        pass
    bt.flush()
    logger.update_span(span.id, output=2, metadata={"b": 2})
    (row,) = exported(bt_here, store, "--project", project)
    assert (row["input"], row["output"], row["metadata"]) == (1, 2, {"a": 1, "b": 2})


def test_row_is_updated_by_its_slug(bt_here: Run, store: str, project: str) -> None:
    """Wherever it was exported."""
    bt.init_logger(project, store=store)
    with bt.start_span(input=1) as span:
        pass
    bt.flush()
    bt.update_span(span.export(), output=2)
    (row,) = exported(bt_here, store, "--project", project)
    assert (row["input"], row["output"]) == (1, 2)


def test_slug_of_a_container_updates_nothing(tmp_path: Path) -> None:
    """It names no row."""
    logger = bt.init_logger("p", store=str(tmp_path / "t.db"))
    with pytest.raises(ValueError, match="Exported span must have a row_id"):
        bt.update_span(logger.export(), output=1)


def test_trace_goes_on_below_a_slug(bt_here: Run, store: str, project: str) -> None:
    """In the same container, whatever is current there."""
    bt.init_logger(project, store=store)
    with bt.start_span(name="here") as span:
        slug = span.export()
    bt.init_logger(f"{project} other", store=store)
    with bt.start_span(name="there", parent=slug):
        pass
    here, there = exported(bt_here, store, "--project", project)
    assert (there["span_parents"], there["root_span_id"]) == ([here["span_id"]], here["root_span_id"])


def test_trace_goes_on_by_headers(bt_here: Run, store: str, project: str) -> None:
    """Case and other headers don't matter; what others put into them is passed on."""
    bt.init_logger(project, store=store)
    with bt.start_span(name="here") as span:
        headers = span.inject({"Baggage": "tenant=7"})
    incoming = {name.title(): value for name, value in headers.items()} | {"Tracestate": "v=1"}
    with bt.start_span(name="there", parent=bt.extract_trace_context(incoming)) as there:
        onwards = there.inject()
    rows = exported(bt_here, store, "--project", project)
    assert rows[1]["span_parents"] == [rows[0]["span_id"]]
    assert headers["baggage"].startswith("tenant=7,braintrust.parent=project_")
    assert onwards["tracestate"] == "v=1" and onwards["traceparent"].split("-")[1] == rows[0]["root_span_id"]


def test_headers_without_a_trace_begin_one(tmp_path: Path) -> None:
    """Whatever else they have."""
    bt.init_logger("p", store=str(tmp_path / "t.db"))
    assert bt.extract_trace_context({"traceparent": "nonsense"}) is None
    with bt.start_span(parent=bt.extract_trace_context({})) as span:
        assert span.span_parents == []  # type: ignore[union-attr]


def test_experiment_is_new_each_time(store: str, project: str) -> None:
    """A name that is taken gets a suffix."""
    names = []
    for _ in range(2):
        experiment = bt.init(project, "nightly", store=store)
        experiment.log(input=1, output=2, scores={"s": 1})
        names.append(experiment.name)
        experiment.flush()
    assert names[0] == "nightly" and names[1].startswith("nightly-") and len(names[1]) == len("nightly-") + 8


def test_experiment_may_be_gone_on_with(store: str, project: str) -> None:
    """With ``update``."""
    first = bt.init(project, "nightly", store=store)
    assert (first.name, bt.init(project, "nightly", update=True, store=store).name) == ("nightly", "nightly")


def test_experiment_without_a_name_gets_one(store: str, project: str) -> None:
    """That no other has."""
    assert bt.init(project, store=store).name != bt.init(project, store=store).name


def test_cases_come_back(store: str, project: str) -> None:
    """As they were logged."""
    experiment = bt.init(project, "e", store=store)
    experiment.log(input={"q": 1}, output="a", expected="b", scores={"s": 0.5}, metadata={"m": 1})
    with experiment.start_span(name="eval", input={"q": 2}) as span:
        span.log(output="c", scores={"s": 1})
    rows = list(experiment)
    assert [row["input"] for row in rows] == [{"q": 1}, {"q": 2}]
    assert [row["span_attributes"]["type"] for row in rows] == ["eval", "eval"]
    opened = bt.init(project, "e", open=True, store=store)
    assert [row["id"] for row in opened.fetch()] == [row["id"] for row in rows]
    assert [(case["input"], case["expected"]) for case in opened.as_dataset()] == [({"q": 1}, "b"), ({"q": 2}, "c")]


def test_experiment_that_is_not_there_cannot_be_opened(store: str, project: str) -> None:
    """Not even made."""
    with pytest.raises(NotFoundError, match="nowhere"):
        _ = bt.init(project, "nowhere", open=True, store=store).id


def test_experiment_is_current(store: str, project: str) -> None:
    """Spans begin in it rather than in the logger."""
    bt.init_logger(f"{project} logs", store=store)
    experiment = bt.init(project, "e", store=store)
    with bt.start_span(name="case"):
        pass
    assert bt.current_experiment() is experiment
    assert [row["span_attributes"]["name"] for row in experiment] == ["case"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "Must specify at least one of project or project_id"),
        ({"project": "p", "open": True}, "Cannot open an experiment without specifying its name"),
        ({"project": "p", "experiment": "e", "open": True, "update": True}, "Cannot open and update"),
    ],
)
def test_experiments_that_nobody_can_mean(asked: dict[str, Any], message: str) -> None:
    """Said at once."""
    with pytest.raises(ValueError, match=message):
        bt.init(**asked)


def test_links_name_container_and_row(store: str, project: str) -> None:
    """By ids, below the pages of the store."""
    logger = bt.init_logger(project, store=store)
    with bt.start_span() as span:
        pass
    pages = "http://127.0.0.1:8765" if "://" not in store else store
    link = f"{pages}/app/bt/object?object_type=project_logs&object_id={logger.id}&id={span.id}"
    assert (span.permalink(), bt.permalink(span.export())) == (link, link)
    logger.flush()
    assert span.link() == link


def test_wrong_number_in_the_environment_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The program that is traced goes on, by the defaults."""
    monkeypatch.setenv("BRAINTRUST_QUEUE_SIZE", "many")
    bt.init_logger("p", store=str(tmp_path / "t.db"))
    assert STATE.settings.queue_size == 25_000
    assert "BRAINTRUST_QUEUE_SIZE is no number: many" in caplog.text


def test_payload_files_can_be_imported(bt_here: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept of a store that was not there comes into another one, whole."""
    monkeypatch.setenv("BRAINTRUST_FAILED_PUBLISH_PAYLOADS_DIR", str(tmp_path / "failed"))
    monkeypatch.setenv("BRAINTRUST_NUM_RETRIES", "0")
    bt.init_logger("p", store="http://127.0.0.1:9")
    with bt.start_span(name="kept", input=1):
        pass
    bt.flush()
    bt_here("import", tmp_path / "failed", "-p", "p", "--store", tmp_path / "t.db").check()
    (row,) = exported(bt_here, str(tmp_path / "t.db"), "--project", "p")
    assert (row["span_attributes"]["name"], row["input"], json.dumps(row).count("log_id")) == ("kept", 1, 0)


def test_experiment_is_summed_up_beside_the_one_before(store: str, project: str) -> None:
    """Means over its cases; what is better and worse among those that both have."""
    for name, scores in (("before", (0.5, 0.25)), ("after", (1.0, 0.25))):
        experiment = bt.init(project, name, store=store)
        for case, score in enumerate(scores):
            experiment.log(input=case, output="o", scores={"accuracy": score})
    summary = experiment.summarize()
    accuracy = summary.scores["accuracy"]
    assert (summary.experiment_name, summary.comparison_experiment_name) == ("after", "before")
    assert (accuracy.score, accuracy.diff, accuracy.improvements, accuracy.regressions) == (0.625, 0.25, 1, 0)
    lines = str(summary).splitlines()
    assert lines[1:4] == [
        f"{'=' * 25}SUMMARY{'=' * 25}",
        "after compared to before:",
        "62.50% (+25.00%) 'accuracy' score\t(1 improvements, 0 regressions)",
    ]
    assert lines[-1] == f"See results for after at {summary.experiment_url}"
    assert summary.experiment_url.endswith(f"/p/{project.replace('[', '%5B').replace(']', '%5D')}/experiments/after")


def test_experiment_alone_is_compared_with_nothing(store: str, project: str) -> None:
    """Its means are all."""
    experiment = bt.init(project, "only", store=store)
    experiment.log(input=1, output=2, scores={"s": 0.5})
    summary = experiment.summarize()
    assert summary.comparison_experiment_name is None and summary.scores["s"].diff is None
    assert "50.00% 's' score" in str(summary)


def test_summary_may_leave_the_scores_out(store: str, project: str) -> None:
    """Where an experiment lies is told all the same."""
    experiment = bt.init(project, "e", store=store)
    summary = experiment.summarize(summarize_scores=False)
    assert (summary.scores, summary.metrics, summary.experiment_id) == ({}, {}, experiment.id)


def test_attachments_of_fetched_rows_can_be_read(store: str, project: str) -> None:
    """Wherever they stand; logged anew they name the same file."""
    experiment = bt.init(project, experiment="files", store=store)
    file = bt.Attachment(data=b"bytes", filename="b.bin", content_type="application/octet-stream")
    experiment.log(input={"deep": [file]}, output="x", scores={})
    (row,) = experiment.fetch()
    found = row["input"]["deep"][0]
    assert (found.data, found.reference) == (b"bytes", file.reference)


def test_content_that_is_not_there_is_told_of(store: str, project: str) -> None:
    """Only by who looks at it."""
    experiment = bt.init(project, experiment="files", store=store)
    lost = {"type": "braintrust_attachment", "filename": "f", "content_type": "text/plain", "key": "unknown"}
    experiment.log(input=lost, output="x", scores={})
    (row,) = experiment.fetch()
    with pytest.raises(BtError):
        _ = row["input"].data


def test_attachments_are_brought_and_found(bt_here: Run, store: str, project: str, tmp_path: Path) -> None:
    """A path, bytes and a JSON value, anywhere in an event; what lies elsewhere stays there."""
    (tmp_path / "photo.png").write_bytes(b"PNG")
    bt.init_logger(project, store=store)
    with bt.start_span() as span:
        span.log(
            input={
                "deep": [
                    bt.Attachment(data=str(tmp_path / "photo.png"), filename="photo.png", content_type="image/png")
                ]
            },
            output=bt.Attachment(data=b"bytes", filename="b.bin", content_type="application/octet-stream"),
            metadata={
                "json": bt.JSONAttachment({"a": 1}),
                "far": bt.ExternalAttachment(url="s3://b/k", filename="k", content_type="text/plain"),
            },
        )
    (row,) = exported(bt_here, store, "--project", project, "--attachments", str(tmp_path / "out"))
    assert row["input"]["deep"][0]["type"] == row["output"]["type"] == "braintrust_attachment"
    assert row["metadata"]["far"] == {
        "type": "external_attachment",
        "filename": "k",
        "content_type": "text/plain",
        "url": "s3://b/k",
    }
    contents = sorted(file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert contents == [b"PNG", b"bytes", b'{"a": 1}']


def requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: list[str], **variables: str) -> list[int]:
    """The rows of each request in which spans with these inputs are sent, all by one flush."""
    for name, value in {"SYNC_FLUSH": "1", "ALL_PUBLISH_PAYLOADS_DIR": str(tmp_path / "all"), **variables}.items():
        monkeypatch.setenv(f"BRAINTRUST_{name}", value)
    with braintrust_server() as server:
        bt.init_logger("p", store=server.url)
        for value in inputs:
            bt.start_span(input=value).end()
        bt.flush()
        return [len(asked.json["rows"]) for asked in server.of("/logs3")]


def test_requests_have_at_most_so_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``BRAINTRUST_DEFAULT_BATCH_SIZE``; the bodies that are kept have as many."""
    sent = requests(tmp_path, monkeypatch, ["x"] * 50, DEFAULT_BATCH_SIZE="7")
    kept = [len(json.loads(file.read_bytes())["rows"]) for file in (tmp_path / "all").iterdir()]
    assert sent == [7] * 7 + [1] and sorted(kept) == sorted(sent)


def test_requests_have_at_most_so_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``BRAINTRUST_MAX_REQUEST_SIZE``; a longer row goes alone."""
    inputs = ["a" * 5000, "b" * 800, "c" * 800, "d" * 800]
    assert requests(tmp_path, monkeypatch, inputs, MAX_REQUEST_SIZE="3500") == [1, 2, 1]


def test_older_ids_are_uuids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``BRAINTRUST_LEGACY_IDS``: a trace has the id of its root, and slugs are those of older SDKs."""
    monkeypatch.setenv("BRAINTRUST_LEGACY_IDS", "true")
    bt.init_logger("p", store=str(tmp_path / "t.db"))
    with bt.start_span() as root, bt.start_span() as child:
        slug = SpanComponentsV3.from_str(child.export())
    assert root.root_span_id == root.span_id == str(uuid.UUID(root.span_id)) == child.root_span_id
    assert (slug.span_id, slug.root_span_id, slug.row_id) == (child.span_id, root.span_id, child.id)


def test_what_is_lost_is_said_to_be_lost_where_it_was_to_go(caplog: pytest.LogCaptureFixture) -> None:
    """A program that has named its deployment reads that name, not Braintrust's."""
    bt.init_logger(project="p", api_key="k", app_url="http://127.0.0.1:9")
    bt.start_span(name="s").end()
    bt.flush()
    assert "1 span not stored in http://127.0.0.1:9" in caplog.text
