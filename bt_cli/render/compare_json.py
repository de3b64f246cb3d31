"""A comparison for programs: the ``--json`` object, and tables for a pipe. Cases stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from bt_cli.render.amounts import plain
from bt_cli.spans.comparison import Comparison, Measure
from bt_cli.spans.gate import Verdict
from bt_cli.spans.pairs import CasePair, Told

MEASURES = ("base", "other", "difference", "low", "high", "better", "worse", "equal", "n", "only_base", "only_other")
MEASURE_COLUMNS = ("run", "measure", "kind", *MEASURES, "verdict")
CASE_COLUMNS = (
    "run",
    "case",
    "in",
    "measure",
    "base",
    "other",
    "difference",
    "verdict",
    "base_traces",
    "other_traces",
)

Line = list[object]


def comparison_json(comparison: Comparison, told: Told | None, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The JSON text of one comparison, in parts; ``told`` None for no cases to be told."""
    head = orjson.dumps(comparison_dict(comparison, verdicts)).decode()
    yield f'{head[:-1]},"per_case":'
    if told is None:
        yield "null}"
        return
    yield '{"items":['
    for place, pair in enumerate(told):
        yield ("," if place else "") + orjson.dumps(_case(pair)).decode()
    yield '],"truncated":false,"next_cursor":null}}'


def measure_lines(comparison: Comparison, shown: Callable[[str], str]) -> Iterator[Line]:
    """A line of `MEASURE_COLUMNS` for each measure; before them how many cases and traces there are to compare."""
    run = shown(comparison.other)
    for name, facts in _coverage(comparison).items():
        yield [run, name, "coverage", *(_blank(facts.get(column)) for column in MEASURES), ""]
    for one in comparison.measures:
        yield [run, shown(one.name), one.kind, *map(_blank, _numbers(one).values()), _verdict(one) or ""]


def case_lines(comparison: Comparison, told: Told, shown: Callable[[str], str]) -> Iterator[Line]:
    """A line of `CASE_COLUMNS` for each measure of each case; one without a measure for a case that has none."""
    run = shown(comparison.other)
    names = {one.name: shown(one.name) for one in comparison.measures}
    for pair in told:
        before = (run, shown(pair.label), pair.where)
        after = (",".join(map(shown, pair.base_traces)), ",".join(map(shown, pair.other_traces)))
        for value in pair.values:
            numbers = (_blank(plain(number)) for number in (value.base, value.other, value.difference))
            yield [*before, names[value.name], *numbers, value.verdict or "", *after]
        if not pair.values:
            yield [*before, "", "", "", "", "", *after]


def comparison_dict(comparison: Comparison, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """A comparison as one object, without its cases."""
    return {
        "base": comparison.base,
        "other": comparison.other,
        "by": comparison.by,
        "cases": {
            "base": comparison.base_cases,
            "other": comparison.other_cases,
            "matched": comparison.matched,
            "repeated": comparison.repeated,
            "only_base": comparison.only_base,
            "only_other": comparison.only_other,
        },
        "traces": {
            "base": comparison.base_traces,
            "other": comparison.other_traces,
            "unkeyed_base": comparison.unkeyed_base,
            "unkeyed_other": comparison.unkeyed_other,
        },
        "measures": [
            {"name": one.name, "kind": one.kind, **_numbers(one), "verdict": _verdict(one)}
            for one in comparison.measures
        ],
        "gates": [
            {
                "measure": one.measure,
                "state": one.state,
                "worse_by": plain(one.worse_by),
                "allowed": plain(one.allowed),
                "missing": one.missing,
                "of": one.of,
                "missing_are": one.missing_are,
            }
            for one in verdicts
        ],
    }


def _coverage(comparison: Comparison) -> dict[str, dict[str, int]]:
    """What is compared at all, under the names of the columns that say the same of a measure."""
    return {
        "cases": {
            "base": comparison.base_cases,
            "other": comparison.other_cases,
            "n": comparison.matched,
            "only_base": comparison.only_base,
            "only_other": comparison.only_other,
        },
        "repeated_cases": {"n": comparison.repeated},
        "traces": {"base": comparison.base_traces, "other": comparison.other_traces},
        "unkeyed_traces": {"base": comparison.unkeyed_base, "other": comparison.unkeyed_other},
    }


def _numbers(measure: Measure) -> dict[str, float | None]:
    return {name: plain(getattr(measure, name)) for name in MEASURES}


def _verdict(measure: Measure) -> str | None:
    """Over no case there is none."""
    return measure.verdict if measure.n else None


def _case(pair: CasePair) -> dict[str, Any]:
    values = [
        {
            "name": value.name,
            "kind": value.kind,
            "base": plain(value.base),
            "other": plain(value.other),
            "difference": plain(value.difference),
            "verdict": value.verdict,
        }
        for value in pair.values
    ]
    return {
        "case": pair.label,
        "in": pair.where,
        "base_traces": pair.base_traces,
        "other_traces": pair.other_traces,
        "measures": values,
    }


def _blank(value: object) -> object:
    return "" if value is None else value
