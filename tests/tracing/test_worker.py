"""The worker: one thread, a bounded queue, batches, and nothing that is lost in silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import bt_cli as bt
from bt_cli.errors import NetworkError
from bt_cli.settings.tracing import TracingSettings
from bt_cli.spans.container import Container
from bt_cli.spans.problem import Problem
from bt_cli.stores.base import Outcome, Submission
from bt_cli.stores.serving import Written
from bt_cli.tracing.logger import Logger
from bt_cli.tracing.parents import project_target
from bt_cli.tracing.testing import MemorySink
from bt_cli.tracing.worker import About, Worker

Batches = Sequence[tuple[Container, Sequence[Submission]]]


class Gate(MemorySink):
    """A store that waits until it may write, and remembers its batches."""

    def __init__(self, *, open: bool = True) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.batches: list[int] = []
        if open:
            self.gate.set()

    def apply(self, batches: Batches) -> Written:
        self.entered.set()
        assert self.gate.wait(20)
        self.batches.append(sum(len(some) for _, some in batches))
        return super().apply(batches)


class Dead(MemorySink):
    """A store that cannot be reached."""

    def apply(self, batches: Batches) -> Written:
        raise NetworkError("nobody answers")


def logger_of(sink: MemorySink, **settings: Any) -> Logger:
    """A logger of its own worker; it is nobody's current one."""
    worker = Worker(lambda stop: sink, TracingSettings(**settings), About("the store", makes_ids_of_names=True))  # type: ignore[arg-type,return-value]
    return Logger(project_target(worker, "p", None))


def end_spans(logger: Logger, number: int) -> None:
    for index in range(number):
        logger.start_span(name=f"{index}").end()


def test_flush_waits_until_all_is_stored() -> None:
    """Of what was logged before."""
    sink = Gate()
    logger = logger_of(sink)
    end_spans(logger, 2500)
    logger.flush()
    assert len(sink.rows()) == 2500


def test_span_that_ends_at_once_is_written_once() -> None:
    """Its beginning, its logs and its end are one row."""
    sink = Gate()
    logger = logger_of(sink)
    end_spans(logger, 100)
    logger.flush()
    assert sum(sink.batches) == 100


def test_full_queue_makes_whoever_logs_wait() -> None:
    """Until there is room: memory is bounded, and nothing is lost."""
    sink = Gate(open=False)
    logger = logger_of(sink, queue_size=10, batch_rows=5)
    producer = threading.Thread(target=end_spans, args=(logger, 100))
    producer.start()
    assert sink.entered.wait(20)
    producer.join(0.05)
    assert producer.is_alive()
    sink.gate.set()
    producer.join()
    logger.flush()
    assert len(sink.rows()) == 100


def test_full_queue_drops_where_it_is_told_to(caplog: pytest.LogCaptureFixture) -> None:
    """``BRAINTRUST_QUEUE_DROP_WHEN_FULL``: nobody waits, and the loss is said."""
    sink = Gate(open=False)
    logger = logger_of(sink, queue_size=10, batch_rows=5, drops_when_full=True, report_seconds=0)
    end_spans(logger, 1)
    assert sink.entered.wait(20)
    end_spans(logger, 30)
    sink.gate.set()
    logger.flush()
    assert (len(sink.rows()), len(caplog.records)) == (11, 40)
    assert {record.message for record in caplog.records} == {"bt: the queue was full, 1 change of spans dropped"}


def test_span_that_found_no_room_is_written_whole_later() -> None:
    """With its next change, if there is room then."""
    sink = Gate(open=False)
    logger = logger_of(sink, queue_size=1, batch_rows=1, drops_when_full=True)
    end_spans(logger, 1)
    assert sink.entered.wait(20)
    end_spans(logger, 1)
    late = logger.start_span(name="late", input=1)
    sink.gate.set()
    logger.flush()
    late.end()
    logger.flush()
    row = sink.spans()[-1]
    assert (row["span_attributes"]["name"], row["input"], row["metrics"].keys()) == ("late", 1, {"start", "end"})


def test_queue_of_size_zero_is_never_full() -> None:
    """``BRAINTRUST_QUEUE_SIZE=0``."""
    sink = Gate(open=False)
    logger = logger_of(sink, queue_size=0, batch_rows=5)
    end_spans(logger, 1000)
    sink.gate.set()
    logger.flush()
    assert len(sink.rows()) == 1000


def test_sync_flush_writes_only_when_it_is_asked_to() -> None:
    """``BRAINTRUST_SYNC_FLUSH``: batches are then as many as flushes."""
    sink = Gate()
    logger = logger_of(sink, sync_flush=True)
    end_spans(logger, 10)
    assert not sink.entered.wait(0.2)
    logger.flush()
    assert sink.batches == [10]


def test_rows_for_a_dead_store_are_told_of_and_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """``BRAINTRUST_FAILED_PUBLISH_PAYLOADS_DIR`` has them as the body of a request; the program goes on."""
    logger = logger_of(Dead(), failed_folder=str(tmp_path / "failed"))
    logger.start_span(name="lost", input={"a": 1}).end()
    logger.flush()
    assert [record.message for record in caplog.records] == [
        f"bt: 1 span not stored in the store: nobody answers; kept in {tmp_path}/failed"
    ]
    (file,) = (tmp_path / "failed").iterdir()
    body = json.loads(file.read_bytes())
    assert (body["rows"][0]["input"], body["rows"][0]["log_id"], body["api_version"]) == ({"a": 1}, "g", 2)


def test_all_bodies_are_kept_where_that_is_wanted(tmp_path: Path) -> None:
    """``BRAINTRUST_ALL_PUBLISH_PAYLOADS_DIR``."""
    logger = logger_of(Gate(), all_folder=str(tmp_path), batch_rows=2, sync_flush=True)
    end_spans(logger, 5)
    logger.flush()
    assert sorted(len(json.loads(file.read_bytes())["rows"]) for file in tmp_path.iterdir()) == [1, 2, 2]


def test_refused_row_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    """By its id, with the reason; the others are stored."""

    class Picky(MemorySink):
        def apply(self, batches: Batches) -> Written:
            done = super().apply(batches)
            outcomes = [Outcome("rejected", problem=Problem("odd", "too odd")), *done.outcomes[0][1:]]
            return Written(0, [outcomes])

    logger = logger_of(Picky(), sync_flush=True)
    logger.start_span(id="first").end()
    logger.start_span(id="second").end()
    logger.flush()
    assert [record.message for record in caplog.records] == ["bt: the store refuses the span first: too odd"]


def test_mistake_of_a_store_does_not_end_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever waits for it is not left waiting."""

    class Broken(MemorySink):
        def apply(self, batches: Batches) -> Written:
            raise ZeroDivisionError("oops")

    logger = logger_of(Broken())
    end_spans(logger, 1)
    logger.flush()
    end_spans(logger, 1)
    logger.flush()
    assert [record.message.split(": ", 2)[2] for record in caplog.records] == ["ZeroDivisionError: oops"] * 2


def test_store_is_opened_by_the_thread_that_uses_it() -> None:
    """And by no other, not before the first span."""
    opened: list[str] = []

    def open_store(stop: Callable[[], int]) -> Any:
        opened.append(threading.current_thread().name)
        return MemorySink()

    worker = Worker(open_store, TracingSettings(), About("s", makes_ids_of_names=True))
    logger = Logger(project_target(worker, "p", None))
    assert opened == []
    end_spans(logger, 3)
    logger.flush()
    assert opened == ["bt-tracing"]


def test_end_writes_what_is_left() -> None:
    """What `atexit` calls."""
    sink = Gate()
    logger = logger_of(sink)
    end_spans(logger, 3)
    logger.target.worker.finish()
    assert len(sink.rows()) == 3


def test_end_does_not_wait_for_ever(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """What is not written in time is told of, and kept."""
    sink = Gate(open=False)
    logger = logger_of(sink, batch_rows=1, failed_folder=str(tmp_path))
    end_spans(logger, 3)
    assert sink.entered.wait(20)
    logger.target.worker.finish(0.01)
    sink.gate.set()
    assert "the program ended before they were" in caplog.text
    assert list(tmp_path.iterdir())


def test_feedback_and_updates_go_the_same_way() -> None:
    """In the order in which they were asked for."""
    sink = Gate()
    logger = logger_of(sink)
    with logger.start_span(id="a", output=1) as span:
        pass
    logger.update_span("a", output=2)
    logger.flush()
    assert bt.current_logger() is None and span.id == "a"
    assert sink.rows()[0].output == "2"
