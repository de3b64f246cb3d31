"""Spans: what their rows say of them."""

from __future__ import annotations

import pytest

import bt_cli as bt
from bt_cli.tracing.testing import Recorded


def test_trace_begins_with_a_root(recorded: Recorded) -> None:
    """A span below nothing has no parents, and a trace of its own."""
    bt.start_span().end()
    (root,) = recorded.spans()
    assert (root["span_parents"], root["root_span_id"]) == ([], f"{1:032x}")


def test_root_of_a_logger_is_a_task_named_root(recorded: Recorded) -> None:
    """So it is where nothing else is said."""
    bt.start_span().end()
    (root,) = recorded.spans()
    assert root["span_attributes"] == {
        "name": "root",
        "type": "task",
        "exec_counter": root["span_attributes"]["exec_counter"],
    }


def test_child_is_below_the_current_span(recorded: Recorded) -> None:
    """What begins in the block of a span is below it, in its trace."""
    with bt.start_span(), bt.start_span(name="child"):
        pass
    root, child = recorded.spans()
    assert (child["span_parents"], child["root_span_id"]) == ([root["span_id"]], root["root_span_id"])


def test_child_without_a_name_is_named_by_its_place(recorded: Recorded) -> None:
    """The function, the file and the line that began it."""
    with bt.start_span():
        bt.start_span().end()
    name = recorded.spans()[1]["span_attributes"]["name"]
    assert name.startswith("test_child_without_a_name_is_named_by_its_place:test_span.py:")


def test_child_has_no_type_of_its_own(recorded: Recorded) -> None:
    """Unlike a root."""
    with bt.start_span():
        bt.start_span().end()
    assert "type" not in recorded.spans()[1]["span_attributes"]


def test_siblings_stay_siblings(recorded: Recorded) -> None:
    """A span that has ended is no parent."""
    with bt.start_span(name="root"):
        for name in "abc":
            with bt.start_span(name=name):
                pass
    root, *children = recorded.spans()
    assert {tuple(one["span_parents"]) for one in children} == {(root["span_id"],)}


def test_spans_count_in_the_order_of_their_beginnings(recorded: Recorded) -> None:
    """``exec_counter`` tells spans of one moment apart."""
    with bt.start_span(name="a"):
        bt.start_span(name="b").end()
    first, second = (one["span_attributes"]["exec_counter"] for one in recorded.spans())
    assert second == first + 1


def test_block_ends_its_span(recorded: Recorded) -> None:
    """With the time at which it is left."""
    with bt.start_span():
        pass
    (root,) = recorded.spans()
    assert root["metrics"] == {"start": 1_700_000_000.0, "end": 1_700_000_001.0}


def test_second_end_changes_nothing(recorded: Recorded) -> None:
    """And says what the first one said."""
    span = bt.start_span()
    first = span.end()
    assert span.end() == first
    assert recorded.spans()[0]["metrics"]["end"] == first


def test_end_that_was_logged_counts(recorded: Recorded) -> None:
    """A program may know better when a span ended."""
    with bt.start_span() as span:
        span.log(metrics={"end": 1_700_000_100.5})
    assert recorded.spans()[0]["metrics"]["end"] == 1_700_000_100.5


def test_start_may_be_given(recorded: Recorded) -> None:
    """``created`` stays the moment at which the span was made."""
    bt.start_span(start_time=1_600_000_000.25).end()
    (root,) = recorded.spans()
    assert (root["metrics"]["start"], root["created"]) == (1_600_000_000.25, "2023-11-14T22:13:20.000000+00:00")


def test_row_id_may_be_given(recorded: Recorded) -> None:
    """In the event, as Braintrust's SDK takes it."""
    span = bt.start_span(id="mine")
    span.end()
    assert (span.id, recorded.spans()[0]["id"]) == ("mine", "mine")


def test_logs_are_merged(recorded: Recorded) -> None:
    """Objects deeply, everything else replaced."""
    with bt.start_span(metadata={"a": {"x": 1}}) as span:
        span.log(metadata={"a": {"y": 2}}, output=[1])
        span.log(output=[2])
    (row,) = recorded.spans()
    assert (row["metadata"], row["output"]) == ({"a": {"x": 1, "y": 2}}, [2])


def test_later_changes_of_a_value_are_not_logged(recorded: Recorded) -> None:
    """What is logged is what the value was."""
    value = {"a": [1]}
    with bt.start_span(input=value):
        value["a"].append(2)
    assert recorded.spans()[0]["input"] == {"a": [1]}


def test_logging_after_the_end_works(recorded: Recorded) -> None:
    """A score is often known later."""
    span = bt.start_span()
    span.end()
    recorded.spans()
    span.log(scores={"late": 1})
    assert recorded.spans()[0]["scores"] == {"late": 1}


def test_none_says_nothing(recorded: Recorded) -> None:
    """A field that is None is absent."""
    bt.start_span(input=None, output="o").end()
    assert "input" not in recorded.spans()[0]


def test_unknown_fields_are_kept(recorded: Recorded) -> None:
    """Under their names."""
    bt.start_span(session="s").end()
    assert recorded.spans()[0]["session"] == "s"


@pytest.mark.parametrize("name", ["id", "span_id", "root_span_id", "span_parents"])
def test_linkage_cannot_be_logged(recorded: Recorded, name: str) -> None:
    """A span stays where it is."""
    with bt.start_span() as span, pytest.raises(TypeError, match=name):
        span.log(**{name: "x"})


def test_attributes_may_change(recorded: Recorded) -> None:
    """Name, type and any other."""
    with bt.start_span(name="old") as span:
        span.set_attributes(name="new", type="llm", span_attributes={"purpose": "scorer"})
    attributes = recorded.spans()[0]["span_attributes"]
    assert (span.name, attributes["name"], attributes["type"], attributes["purpose"]) == ("new", "new", "llm", "scorer")


def test_error_is_recorded_and_goes_on_untouched(recorded: Recorded) -> None:
    """With its traceback in the row, and the same object outside."""
    error = KeyError("gone")
    with pytest.raises(KeyError) as caught, bt.start_span():
        raise error
    assert caught.value is error
    told = recorded.spans()[0]["error"]
    assert told.startswith("Traceback (most recent call last):\n") and told.endswith("KeyError: 'gone'\n")


def test_span_that_failed_has_ended(recorded: Recorded) -> None:
    """Whatever left its block."""
    with pytest.raises(SystemExit), bt.start_span():
        raise SystemExit(3)
    assert "end" in recorded.spans()[0]["metrics"]


def test_propagated_event_reaches_every_span_below(recorded: Recorded) -> None:
    """Merged into what each says itself."""
    with (
        bt.start_span(propagated_event={"metadata": {"run": 7}}),
        bt.start_span(metadata={"own": 1}),
        bt.start_span(),
    ):
        pass
    assert [row["metadata"] for row in recorded.spans()] == [{"run": 7}, {"own": 1, "run": 7}, {"run": 7}]


def test_events_of_the_caller_are_not_changed(recorded: Recorded) -> None:
    """What is merged for the row is a copy."""
    metadata = {"own": 1}
    bt.start_span(metadata=metadata, propagated_event={"metadata": {"run": 7}}).end()
    assert metadata == {"own": 1}


def test_context_says_where_a_span_began(recorded: Recorded) -> None:
    """The nearest function outside the library."""
    bt.start_span().end()
    context = recorded.spans()[0]["context"]
    assert (context["caller_functionname"], context["caller_filename"]) == (
        "test_context_says_where_a_span_began",
        __file__,
    )


def test_span_that_is_written_early_is_amended(recorded: Recorded) -> None:
    """What comes after the first writing of a row is merged into it."""
    with bt.start_span(input=1, metadata={"a": 1}) as span:
        recorded.logger.flush()
        span.log(output=2, metadata={"b": 2})
    (row,) = recorded.spans()
    assert (row["input"], row["output"], row["metadata"]) == (1, 2, {"a": 1, "b": 2})
    assert row["metrics"].keys() == {"start", "end"}


def test_explicit_child_is_below_its_span(recorded: Recorded) -> None:
    """`Span.start_span` needs nothing current."""
    root = bt.start_span()
    child = root.start_span(name="child")
    child.end()
    root.end()
    assert recorded.spans()[1]["span_parents"] == [root.span_id]


def test_span_that_is_not_to_be_current_is_no_parent(recorded: Recorded) -> None:
    """``set_current=False``."""
    with bt.start_span(set_current=False):
        bt.start_span(name="other").end()
    assert [row["span_parents"] for row in recorded.spans()] == [[], []]


def test_logger_logs_an_event_as_a_trace(recorded: Recorded) -> None:
    """Which begins where the one before it ended."""
    recorded.logger.log(input=1, output=2)
    recorded.logger.log(input=3)
    first, second = recorded.spans()
    assert (first["input"], first["output"], first["span_attributes"]["type"]) == (1, 2, "task")
    assert second["metrics"]["start"] == first["metrics"]["end"]


def test_events_beside_spans_are_refused(recorded: Recorded) -> None:
    """As Braintrust's SDK does: it would be a mistake nearly always."""
    bt.start_span().end()
    with pytest.raises(RuntimeError, match="Cannot run toplevel `log` method while using spans"):
        recorded.logger.log(input=1)


def test_events_beside_spans_are_taken_where_they_are_meant(recorded: Recorded) -> None:
    """With ``allow_concurrent_with_spans``."""
    bt.start_span().end()
    recorded.logger.log(input=1, allow_concurrent_with_spans=True)
    assert len(recorded.spans()) == 2
