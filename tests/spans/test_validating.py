"""What a program may log, and what it is told otherwise: as with Braintrust's own package."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections import UserDict
from typing import Any

import pydantic
import pytest
from braintrust.logger import (
    VALID_SOURCES,
    _validate_and_sanitize_experiment_log_full_args,
    _validate_and_sanitize_experiment_log_partial_args,
)

from bt_cli.spans.validating import Feedback, checked_event, checked_feedback, checked_whole_event


class Model(pydantic.BaseModel):
    a: int = 1
    b: int | None = None


class ListModel(pydantic.RootModel[list[int]]):
    pass


class OlderModel:
    def dict(self, exclude_none: bool) -> dict[str, int]:
        return {"a": 1}


class Failing:
    def model_dump(self, exclude_none: bool) -> Any:
        raise TypeError("no data")


@dataclasses.dataclass
class Data:
    a: int = 1

    @property
    def b(self) -> int:
        return 2


INVALID = {
    "a score above 1": {"scores": {"s": 1.1}},
    "a score below 0": {"scores": {"s": -0.1}},
    "a score beyond all": {"scores": {"s": math.inf}},
    "a score that is text": {"scores": {"s": "1"}},
    "a score's name that is a number": {"scores": {1: 1}},
    "metrics that are a list": {"metrics": [1]},
    "a metric that is text": {"metrics": {"m": "1"}},
    "a metric that is nothing": {"metrics": {"m": None}},
    "a metric's name that is a number": {"metrics": {1: 1}},
    "metadata that is a list": {"metadata": [1]},
    "metadata that is an empty list": {"metadata": []},
    "metadata that is text": {"metadata": "m"},
    "metadata that is a number": {"metadata": 5},
    "metadata that dumps a list": {"metadata": ListModel([1])},
    "metadata that fails": {"metadata": Failing()},
    "metadata that is a class": {"metadata": Data},
    "a key of metadata that is a number": {"metadata": {1: 1}},
    "tags that are text": {"tags": "t"},
    "tags that are an object": {"tags": {"t": 1}},
    "a tag that is a number": {"tags": ["t", 1]},
    "a tag twice": {"tags": ["t", "u", "t"]},
    "attributes that are text": {"span_attributes": "llm"},
    "a key of attributes that is a number": {"span_attributes": {1: 1}},
    "input twice": {"input": 1, "inputs": 2},
}


def message(check: Any, *arguments: Any) -> str:
    with pytest.raises(ValueError, match=r".") as raised:
        check(*arguments)
    return str(raised.value)


@pytest.mark.parametrize("event", INVALID.values(), ids=INVALID)
def test_a_wrong_shape_is_refused_in_the_words_of_the_official_package(event: dict[str, Any]) -> None:
    """At once, where the program logs it."""
    assert message(checked_event, event) == message(_validate_and_sanitize_experiment_log_partial_args, dict(event))


def test_scores_that_are_a_list_are_refused_in_words() -> None:
    """The official package fails with an AttributeError."""
    assert message(checked_event, {"scores": [1]}) == "scores must be a dictionary of names with scores"


VALID = {
    "truth values": {"scores": {"yes": True, "no": False, "none": None, "half": 0.5}},
    "a metric that is a truth value": {"metrics": {"m": True, "n": math.inf, "o": 2}},
    "tags": {"tags": ["a", "b"]},
    "attributes": {"span_attributes": {"name": "n", "type": "llm"}},
    "metadata": {"metadata": {"a": {1: 2}}},
    "metadata that is a model": {"metadata": Model()},
    "metadata that is an older model": {"metadata": OlderModel()},
    "metadata that is a dataclass": {"metadata": Data()},
    "metadata that is another mapping": {"metadata": UserDict(a=1)},
    "inputs": {"inputs": 1, "output": 2},
    "inputs beside nothing": {"inputs": 1, "input": None},
    "other fields": {"anything": object, "error": "e", "expected": None, "id": "i"},
    "nothing": {},
    "nothing in each field": dict.fromkeys(("scores", "metrics", "metadata", "tags", "span_attributes", "input")),
}


@pytest.mark.parametrize("event", VALID.values(), ids=VALID)
def test_a_valid_event_is_what_the_official_package_makes_of_it(event: dict[str, Any]) -> None:
    """Truth values are scores, models their members, and input has one name."""
    ours = checked_event(event)
    assert ours == _validate_and_sanitize_experiment_log_partial_args(copy.deepcopy(event))
    assert all(type(one) is not bool for one in (ours.get("scores") or {}).values())


def test_inputs_that_are_nothing_say_nothing() -> None:
    """Neither does their name stay."""
    assert checked_event({"inputs": None, "input": 1}) == {"input": 1}


@pytest.mark.parametrize("empty", [{}, [], "", 0, False, ()])
def test_what_is_empty_is_an_empty_field(empty: Any) -> None:
    """The official package checks nothing that is empty; the store gets the field's own shape all the same."""
    names = ("scores", "metrics", "span_attributes", "tags")
    assert checked_event(dict.fromkeys(names, empty)) == {
        "scores": {},
        "metrics": {},
        "span_attributes": {},
        "tags": [],
    }


@pytest.mark.parametrize("tags", [{"t"}, ("t",), ["t"]])
def test_tags_become_a_list(tags: Any) -> None:
    """Sets and tuples are allowed."""
    assert checked_event({"tags": tags}) == {"tags": ["t"]}


def test_a_score_that_is_no_number_is_accepted() -> None:
    """As the official package does; it is stored as "NaN"."""
    assert math.isnan(checked_event({"scores": {"s": math.nan}})["scores"]["s"])


def test_what_the_program_logged_stays_as_it_was() -> None:
    """Scores are copied before they are changed."""
    event = {"scores": {"s": True}, "inputs": 1}
    checked_event(event)
    assert event == {"scores": {"s": True}, "inputs": 1}
    assert event["scores"]["s"] is True  # type: ignore[index]


def test_a_member_that_cannot_be_read_is_named_in_its_place() -> None:
    """The others stay."""

    @dataclasses.dataclass
    class Half:
        fine: int = 1
        gone: int = 2

    half = Half()
    del half.gone
    del Half.gone
    assert checked_event({"metadata": half})["metadata"] == {"fine": 1, "gone": "<non-sanitizable: Half.gone>"}


INCOMPLETE = {
    "no input": {"output": 1, "scores": {}},
    "input twice": {"input": 1, "inputs": 1, "output": 1, "scores": {}},
    "no output": {"input": 1, "scores": {}},
    "no scores": {"input": 1, "output": 1},
    "scores that are a list": {"input": 1, "output": 1, "scores": [1]},
}


@pytest.mark.parametrize("event", INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_case_that_lacks_something_is_refused_in_the_words_of_the_official_package(event: dict[str, Any]) -> None:
    """A case of an experiment is logged once, whole."""
    theirs = message(_validate_and_sanitize_experiment_log_full_args, dict(event), False)
    assert message(checked_whole_event, event) == theirs


def test_a_whole_case_is_checked_as_any_event() -> None:
    """Its scores too."""
    assert checked_whole_event({"inputs": 1, "output": 2, "scores": {"s": True}}) == {
        "output": 2,
        "scores": {"s": 1},
        "input": 1,
    }
    assert message(checked_whole_event, {"input": 1, "output": 2, "scores": {"s": 2}}).startswith("score values")


def test_feedback_says_what_is_merged_and_what_is_about_it() -> None:
    """Metadata is of the feedback."""
    event = {
        "scores": {"s": True},
        "expected": 1,
        "tags": ("t",),
        "comment": "c",
        "metadata": {"a": 1},
        "source": "app",
    }
    merged = {"scores": {"s": 1}, "expected": 1, "tags": ["t"]}
    assert checked_feedback(event) == Feedback(merged, "c", {"a": 1}, "app")


def test_a_comment_alone_is_feedback() -> None:
    """It changes nothing in the row; who gives it is outside unless somebody says otherwise."""
    assert checked_feedback({"comment": 5, "scores": None, "source": None}) == Feedback({}, "5", None, "external")


@pytest.mark.parametrize("event", [{}, {"metadata": {"a": 1}}, {"scores": None, "comment": None}])
def test_feedback_that_says_nothing_is_refused(event: dict[str, Any]) -> None:
    """Metadata alone is about nothing."""
    assert message(checked_feedback, event) == "At least one of scores, expected, tags, or comment must be specified"


def test_feedback_from_an_unknown_source_is_refused() -> None:
    """In the words of the official package."""
    told = message(checked_feedback, {"comment": "c", "source": "me"})
    assert told == f"source must be one of {VALID_SOURCES}" == "source must be one of ['app', 'api', 'external']"


@pytest.mark.parametrize("event", [{"scores": {"s": 2}}, {"comment": "c", "metadata": [1]}, {"tags": "t"}])
def test_feedback_is_checked_as_an_event(event: dict[str, Any]) -> None:
    """The same messages."""
    assert message(checked_feedback, event)


def test_other_fields_are_no_feedback() -> None:
    """As with any function that has no such parameter."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'input'"):
        checked_feedback({"input": 1, "output": 2, "comment": "c"})
