"""An experiment in numbers beside the one before it: what Braintrust's SDKs print after an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from bt_cli.errors import NotFoundError
from bt_cli.pipeline.compare import Question, Source, read_side
from bt_cli.pipeline.summarise import summarise
from bt_cli.query.filters import SpanFilter
from bt_cli.spans.cases import Side
from bt_cli.spans.comparison import Measure, compare
from bt_cli.spans.container import Container
from bt_cli.spans.statistics import Distribution
from bt_cli.spans.summary import Group
from bt_cli.stores.base import ReadStats, Store
from bt_cli.stores.serving import ServingStore, StoredObject

_BY = "input"
"""Traces with the same input are one case; what ``bt compare`` takes, too."""


class Line(Struct, frozen=True):
    """One score or metric: its mean over the traces, and what it is beside the base.

    ``difference`` is the mean over the cases that both have, None where there are none; ``better`` and
    ``worse`` count those cases. The unit of a score is empty; others are ``s``, ``tok`` and ``$``.
    """

    name: str
    kind: Literal["score", "metric"]
    value: float
    unit: str
    difference: float | None
    better: int
    worse: int


def base_of(store: ServingStore, experiment: StoredObject) -> StoredObject | None:
    """What an experiment is compared with: its base if it has one, else the newest of its project made before it."""
    base = experiment.about.get("base_exp_id")
    if isinstance(base, str) and (found := store.objects("experiment", id=base)):
        return found[0]
    every = store.objects("experiment", project=experiment.container.project)
    before = [one for one in every if one.created < experiment.created]
    return max(before, key=lambda one: one.created, default=None)


def summary_lines(store: Store, container: Container, base: Container | None) -> list[Line]:
    """The scores and metrics of an experiment, beside those of ``base`` where there is one."""
    try:
        summary = summarise(store, container, SpanFilter(), None, _no_progress, _never)
    except NotFoundError:  # it was deleted just now
        summary = None
    if summary is None:
        return []
    measures = {} if base is None else _measures(store, container, base)
    scores = [(one.name, "score", one.values, "") for one in summary.whole.scores]
    lines = [*scores, *((name, "metric", values, unit) for name, values, unit in _usage(summary.whole))]
    return [
        _line(name, kind, values.mean, unit, measures.get((kind, name)))  # type: ignore[arg-type]
        for name, kind, values, unit in lines
        if values.mean is not None
    ]


_NAMES = {"latency": "duration", "tokens": "total_tokens", "cost": "estimated_cost"}
"""What a comparison measures → what Braintrust calls the metric."""


def _usage(whole: Group) -> list[tuple[str, Distribution, str]]:
    return [
        ("duration", whole.latency, "s"),
        ("total_tokens", whole.tokens, "tok"),
        ("estimated_cost", whole.cost, "$"),
    ]


def _measures(store: Store, container: Container, base: Container) -> Mapping[tuple[str, str], Measure]:
    compared = compare(_side(store, base), _side(store, container), _BY, None)
    return {
        ("score", one.name) if one.kind == "score" else ("metric", _NAMES[one.kind]): one for one in compared.measures
    }


def _side(store: Store, container: Container) -> Side:
    source = Source(store, container, container.name)
    return read_side(source, SpanFilter(), Question(_BY), ReadStats(), _no_progress, _never)


def _line(name: str, kind: Literal["score", "metric"], value: float, unit: str, measure: Measure | None) -> Line:
    if measure is None:
        return Line(name, kind, value, unit, None, 0, 0)
    return Line(name, kind, value, unit, measure.difference, measure.better, measure.worse)


def _no_progress(_: object) -> None:
    return None


def _never() -> int:
    return 0
