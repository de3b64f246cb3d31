"""A comparison for programs: the ``--json`` object, and tables for a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bt_cli.render.amounts import plain
from bt_cli.spans.comparison import CasePair, Comparison, Measure
from bt_cli.spans.gate import Verdict

MEASURES = ("base", "other", "difference", "low", "high", "better", "worse", "equal", "n", "only_base", "only_other")


def comparison_dict(
    comparison: Comparison, cases: Sequence[CasePair] | None, verdicts: Sequence[Verdict]
) -> dict[str, Any]:
    """One comparison; ``cases`` None for none to be told."""
    told = None if cases is None else [_case(pair) for pair in cases]
    return {
        "base": comparison.base,
        "other": comparison.other,
        "by": comparison.by,
        "cases": {
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
        "measures": [_measure(one) for one in comparison.measures],
        "gates": [
            {
                "measure": one.measure,
                "state": one.state,
                "worse_by": plain(one.worse_by),
                "allowed": plain(one.allowed),
            }
            for one in verdicts
        ],
        "per_case": None if told is None else {"items": told, "truncated": False, "next_cursor": None},
    }


def measure_table(
    comparisons: Iterable[Comparison], shown: Callable[[str], str]
) -> tuple[tuple[str, ...], list[list[object]]]:
    """Columns, and a row for each measure of each comparison."""
    rows = [
        [shown(one.other), shown(measure.name), measure.kind, *map(_blank, _numbers(measure).values())]
        for one in comparisons
        for measure in one.measures
    ]
    return ("side", "measure", "kind", *MEASURES), rows


def case_table(
    found: Iterable[tuple[Comparison, Sequence[CasePair]]], shown: Callable[[str], str]
) -> tuple[tuple[str, ...], list[list[object]]]:
    """Columns, and a row for each measure of each case."""
    rows = [
        [
            shown(one.other),
            shown(pair.label),
            shown(value.name),
            *(_blank(plain(number)) for number in (value.base, value.other, value.difference)),
            ",".join(pair.base_traces),
            ",".join(pair.other_traces),
        ]
        for one, pairs in found
        for pair in pairs
        for value in pair.values
    ]
    return ("side", "case", "measure", "base", "other", "difference", "base_traces", "other_traces"), rows


def _measure(measure: Measure) -> dict[str, Any]:
    return {"name": measure.name, "kind": measure.kind, **_numbers(measure), "verdict": measure.verdict}


def _numbers(measure: Measure) -> dict[str, float | None]:
    return {name: plain(getattr(measure, name)) for name in MEASURES}


def _case(pair: CasePair) -> dict[str, Any]:
    values = [
        {
            "name": value.name,
            "kind": value.kind,
            "base": plain(value.base),
            "other": plain(value.other),
            "difference": plain(value.difference),
        }
        for value in pair.values
    ]
    return {
        "case": pair.label,
        "base_traces": pair.base_traces,
        "other_traces": pair.other_traces,
        "measures": values,
    }


def _blank(value: object) -> object:
    return "" if value is None else value
