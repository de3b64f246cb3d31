"""What scorers are given: defaults, ``--score-map``, and values as texts."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.errors import UsageError
from bt_cli.scoring.base import Missing
from seats import FILLED, FakeJudge, case, run, scorer

ANSWER = {"role": "assistant", "content": "Paris"}
CHOICES = [{"finish_reason": "stop", "index": 0, "message": ANSWER}]
TEXTS: list[tuple[Any, str]] = [
    ("text", "text"),
    (5, "5"),
    (True, "true"),
    ({"b": 1, "a": "é"}, '{"b":1,"a":"é"}'),
    ([1, "x"], '[1,"x"]'),
    (ANSWER, "Paris"),
    ([ANSWER], "Paris"),
    (CHOICES, "Paris"),
    ({"choices": CHOICES}, "Paris"),
    ([{"role": "user", "content": "?"}, ANSWER], "Paris"),
    ([{"role": "tool", "content": "12"}], "12"),
    (
        [{"role": "assistant", "content": None, "tool_calls": []}],
        '[{"role":"assistant","content":null,"tool_calls":[]}]',
    ),
]
ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where?"}]


@pytest.mark.parametrize(("value", "text"), TEXTS, ids=str)
def test_output_as_text(value: Any, text: str) -> None:
    """A scorer of texts gets JSON, never Python, and of messages what the last one says."""
    arguments = scorer("Levenshtein").arguments(case(output=value, expected=value))
    assert arguments == {"output": text, "expected": text}


def test_input_of_several_messages_as_text() -> None:
    """What was asked in several messages is told with their roles."""
    arguments = scorer("ClosedQA").arguments(case(**{**FILLED, "input": ASKED}))
    assert not isinstance(arguments, Missing)
    assert arguments["input"] == "system: Be brief.\n\nuser: Where?"


@pytest.mark.parametrize("name", ["ExactMatch", "JSONDiff", "ListContains", "NumericDiff", "JSONEqual"])
def test_scorer_of_values(name: str) -> None:
    """A scorer that compares values gets them as they are."""
    assert scorer(name).arguments(case(output=[ANSWER], expected={"a": 1})) == {
        "output": [ANSWER],
        "expected": {"a": 1},
    }


@pytest.mark.parametrize("value", ["", 0, False, [], {}])
def test_empty_value_is_there(value: Any) -> None:
    """Only null and absence are missing."""
    assert not isinstance(scorer("ExactMatch").arguments(case(output=value, expected=value)), Missing)


@pytest.mark.parametrize("fields", [{"output": "x"}, {"output": "x", "expected": None}])
def test_null_is_missing(fields: dict[str, Any]) -> None:
    """An input that is null is as good as absent."""
    assert scorer("ExactMatch").arguments(case(**fields)) == Missing(("expected",))


def test_all_that_is_missing_is_named() -> None:
    """Every input that a case lacks is told."""
    assert scorer("Factuality").arguments(case()) == Missing(("input", "output", "expected"))


def test_field_by_a_path() -> None:
    """A mapped input comes from within the row."""
    built = scorer("ExactMatch", "output=output.content", "expected = metadata.truth.0")
    assert built.arguments(case(output=ANSWER, metadata={"truth": ["Paris"]})) == {
        "output": "Paris",
        "expected": "Paris",
    }
    assert built.fields == {"output", "metadata"}


@pytest.mark.parametrize(
    ("path", "field"), [("name", "span_attributes"), ("answer.text", "extra"), ("metadata.a", "metadata")]
)
def test_fields_behind_a_path(path: str, field: str) -> None:
    """What has to be read for a mapping is the field that it looks into, unknown keys of a span too."""
    assert scorer("ExactMatch", f"expected={path}").fields == {"output", field}


def test_id_is_always_read() -> None:
    """An input that is an id needs no field."""
    assert scorer("ExactMatch", "expected=root_span_id").fields == {"output"}


def test_literal() -> None:
    """A quoted text is given to every case."""
    judge = FakeJudge(select_choice={"choice": "Y"})
    run(scorer("ClosedQA", "ClosedQA.criteria='be brief'", judge=judge), case(input="a", output="b"))
    assert "[Criterion]: be brief" in judge.prompt()


def test_own_rule_before_that_of_all() -> None:
    """A rule for one scorer wins over one for all, whatever their order."""
    built = scorer("x=ExactMatch", 'X.expected="mine"', 'expected="all"')
    assert built.arguments(case(output="o")) == {"output": "o", "expected": "mine"}


def test_input_in_the_spec() -> None:
    """An input can be set in the call form; it wins over rules."""
    assert scorer('ExactMatch(expected="yes")', 'expected="no"').arguments(case(output="o")) == {
        "output": "o",
        "expected": "yes",
    }


def test_context_is_not_the_place_in_a_program() -> None:
    """``context`` is looked for in the metadata: the field of that name says where a span was made."""
    given = {**FILLED, "context": {"caller_filename": "a.py"}}
    arguments = scorer("Faithfulness").arguments(case(**given))
    assert not isinstance(arguments, Missing)
    assert arguments["context"] == "One and one is two.\nTwo is a number."


@pytest.mark.parametrize(
    ("rule", "told", "hint"),
    [
        ("expected", "not FIELD=PATH", "as in --score-map"),
        ("=output", "not FIELD=PATH", None),
        ("expected=", "not FIELD=PATH", None),
        ("expected=a..b", "a..b is no path", None),
        ("expected='x", "is no path", None),
        ("expcted=output", "the scorers have no input 'expcted'", "did you mean expected?"),
        ("ExactMatch.context=output", "ExactMatch has no input 'context'", None),
        ("ExctMatch.expected=output", "no scorer is called 'ExctMatch'", "did you mean ExactMatch?"),
    ],
)
def test_mistake_in_a_rule(rule: str, told: str, hint: str | None) -> None:
    """A rule that is none, or that nothing uses, ends the run before it begins."""
    with pytest.raises(UsageError) as caught:
        scorer("ExactMatch", rule)
    assert told in caught.value.message
    assert hint is None or hint in (caught.value.hint or "")
