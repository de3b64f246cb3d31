"""A summary for programs: the ``--json`` object, and its facts as fields and values for a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bt_cli.render.amounts import plain
from bt_cli.spans.statistics import Distribution
from bt_cli.spans.summary import Group, Score, Summary
from bt_cli.spans.times import format_iso

NO_GROUP = "(none)"
"""The group of what has no value at the path."""


def summary_dict(summary: Summary) -> dict[str, Any]:
    """The facts of ``bt/summary/1``, all but its head."""
    groups = [{"value": group.value, **group_dict(group)} for group in summary.groups]
    return {
        "scope": summary.scope,
        **group_dict(summary.whole),
        "group_by": summary.group_by,
        "groups": None if summary.group_by is None else {"items": groups, "truncated": False, "next_cursor": None},
        "timeless": summary.timeless,
        "truncated": summary.truncated,
    }


def group_dict(group: Group) -> dict[str, Any]:
    """The numbers of one group: seconds, USD; null where there is no value."""
    odd = group.disagreement
    return {
        "traces": group.traces,
        "spans": group.spans,
        "errors": {"spans": group.errors, "traces": group.failed},
        "begin": None if group.begin is None else format_iso(group.begin),
        "end": None if group.end is None else format_iso(group.end),
        "tokens": _sums(group.tokens),
        "cost": _sums(group.cost),
        "latency": {name: plain(getattr(group.latency, field)) for name, field in _LATENCY.items()},
        "scores": {score.name: _score_dict(score) for score in group.scores},
        "token_disagreement": {
            "traces": odd.traces,
            "claimed": plain(odd.claimed),
            "used": plain(odd.used),
            "difference": plain(odd.difference),
        },
    }


def fields(summary: Summary, shown: Callable[[str], str]) -> Iterator[tuple[str, object]]:
    """Every number of the whole as ``latency.p95`` and its value."""
    facts = group_dict(summary.whole)
    return ((shown(name), "" if value is None else value) for name, value in _flat(facts, ""))


def group_table(summary: Summary, shown: Callable[[str], str]) -> tuple[list[str], list[list[object]]]:
    """Columns, and a row for each group: the same numbers, and the group's value before them."""
    whole = dict(_flat(group_dict(summary.whole), ""))
    rows: list[list[object]] = []
    for group in summary.groups:
        found = dict(_flat(group_dict(group), ""))
        values = (found.get(name) for name in whole)
        rows.append([shown(label(group.value)), *("" if value is None else value for value in values)])
    return [shown(summary.group_by or ""), *map(shown, whole)], rows


def label(value: Any) -> str:
    """A group's value in words."""
    from bt_cli.spans.canonical import canonical

    if value is None:
        return NO_GROUP
    return value if isinstance(value, str) else canonical(value)


_LATENCY = {"n": "n", "mean": "mean", "min": "min", "p50": "median", "p95": "p95", "p99": "p99", "max": "max"}


def _sums(values: Distribution) -> dict[str, Any]:
    return {name: plain(getattr(values, name)) for name in ("total", "n", "mean", "min", "median", "max")}


def _score_dict(score: Score) -> dict[str, Any]:
    names = ("mean", "min", "median", "max", "n")
    return {**{name: plain(getattr(score.values, name)) for name in names}, "missing": score.missing}


def _flat(facts: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield path + name, value
