"""autoevals' scorers that ask nobody, and our own: the exact number for each kind of input."""

from __future__ import annotations

from typing import Any

import pytest

from builders import row
from seats import case, in_trace, one, scorer

OFFLINE: list[tuple[str, Any, Any, float]] = [
    ("ExactMatch", "a", "a", 1),
    ("ExactMatch", "a", "A", 0),
    ("ExactMatch", 1, "1", 1),
    ("ExactMatch", 1, 1.0, 0),
    ("ExactMatch", True, 1, 0),
    ("ExactMatch", {"a": 1, "b": 2}, '{"a": 1,  "b": 2}', 1),
    ("ExactMatch", {"a": 1, "b": 2}, {"b": 2, "a": 1}, 0),
    ("ExactMatch", '{"a": 1}', '{"a":1}', 0),
    ("ExactMatch", "", "", 1),
    ("ExactMatch", 0, 0, 1),
    ("JSONEqual", {"a": 1, "b": 2}, {"b": 2, "a": 1.0}, 1),
    ("JSONEqual", '{"a": 1}', {"a": 1}, 1),
    ("JSONEqual", {"a": 1}, 5, 0),
    ("JSONEqual", "{a", "{a", 1),
    ("JSONEqual", [1, 2], [2, 1], 0),
    ("Levenshtein", "kitten", "sitting", 1 - 3 / 7),
    ("Levenshtein", "", "", 1),
    ("Levenshtein", "", "text", 0),
    ("Levenshtein", "\u00e9", "e\u0301", 0),
    ("Levenshtein", {"a": True}, '{"a":true}', 1),
    ("Levenshtein", "👍🏽", "👍", 0.5),
    ("LevenshteinScorer", "ab", "ac", 0.5),
    ("NumericDiff", 105, 100, 1 - 5 / 205),
    ("NumericDiff", 0, 0, 1),
    ("NumericDiff", 3, 0, 0),
    ("NumericDiff", -1, 1, 0),
    ("NumericDiff(coerce=True)", " 1,000 ", 1000, 1),
    ("JSONDiff", {"a": 1}, {"a": 1, "b": 2}, 0.5),
    ("JSONDiff", {"a": None}, {}, 1),
    ("JSONDiff", [1, 2], [1], 0.5),
    ("JSONDiff", '{"a": "x"}', {"a": "x"}, 1),
    ("JSONDiff", "5", 5, 1 / 3),
    ("JSONDiff(preserve_strings=True)", "[1]", "[2]", 2 / 3),
    ("ListContains", ["a", "b"], ["b", "a"], 1),
    ("ListContains", [], [], 1),
    ("ListContains", [], ["a"], 0),
    ("ListContains", ["a", "zz"], ["a"], 0.5),
    ("ListContains(allow_extra_entities=True)", ["a", "zz"], ["a"], 1),
    ("ListContains", '["a"]', ["a"], 1),
]
VALID: list[tuple[str, Any, float]] = [
    ("ValidJSON", '{"a": 1}', 1),
    ("ValidJSON", [1], 1),
    ("ValidJSON", "1", 0),
    ("ValidJSON", "```json\n{}\n```", 0),
    ("ValidJSON", "", 0),
    ('ValidJSON(schema={"type": "integer"})', "5", 1),
    ('ValidJSON(schema={"required": ["a"]})', '{"b": 1}', 0),
    ('ValidJSON(schema={"const": null})', "null", 1),
]


@pytest.mark.parametrize(("spec", "output", "expected", "score"), OFFLINE, ids=str)
def test_offline_value(spec: str, output: Any, expected: Any, score: float) -> None:
    """A scorer that compares gives this number."""
    assert one(spec, case(output=output, expected=expected)).score == pytest.approx(score)


@pytest.mark.parametrize(("spec", "output", "score"), VALID, ids=str)
def test_valid_json(spec: str, output: Any, score: float) -> None:
    """JSON is valid by itself or by a schema; what is expected is no schema."""
    assert one(spec, case(output=output, expected="something")).score == score


def test_pairs_of_lists_can_be_written() -> None:
    """ListContains' number and pairs are plain JSON."""
    value = one("ListContains", case(output=["a"], expected=["a"]))
    assert type(value.score) is float
    assert value.metadata == {"pairs": [["a", "a", 1]]}


@pytest.mark.parametrize(
    ("spec", "output", "expected", "told"),
    [
        ("Levenshtein", "x" * 20_001, "y", "20,001 characters is too long"),
        ("JSONDiff", {"a": "x" * 20_001}, {"a": "y"}, "too long"),
        ("NumericDiff", "5", 5, r"output is no number; NumericDiff\(coerce=True\)"),
        ("NumericDiff(coerce=True)", "five", 5, "five"),
        ("NumericDiff", [1], 5, "output is no number$"),
        ("ListContains", "a, b", ["a"], "output is no list"),
        ("ListContains", ["a"], {"a": 1}, "expected is no list"),
        ("ExactMatch", {"a": 1}, 5, "cannot compare an object or list with a number; JSONEqual can"),
    ],
)
def test_input_that_a_scorer_refuses(spec: str, output: Any, expected: Any, told: str) -> None:
    """What cannot be compared is an error of its case that says why, never a number."""
    with pytest.raises((TypeError, ValueError), match=told):
        one(spec, case(output=output, expected=expected))


def test_not_a_number_is_no_score() -> None:
    """Infinity makes NumericDiff say NaN, which autoevals lets pass."""
    with pytest.raises(ValueError, match="NaN"):
        one("NumericDiff", in_trace(row("a", output="1e999", expected="1e999")))


def test_deep_nesting_is_an_error_of_its_case() -> None:
    """What is nested too deeply for a scorer does not end the run."""
    deep: Any = 1
    for _ in range(20_000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deeply"):
        scorer("JSONDiff").score(case(), {"output": deep, "expected": deep})
