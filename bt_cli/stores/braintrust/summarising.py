"""The summary of an experiment as its server makes it (wire protocol 11.3)."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from bt_cli.http import Reply, Request
from bt_cli.spans.experiment_lines import Line
from bt_cli.stores.braintrust.deployment import Deployment
from bt_cli.stores.experiments import Summarised


class _Told(Struct):
    """A score, or a metric with its unit."""

    name: str
    score: float | None = None
    metric: float | None = None
    unit: str = ""
    diff: float | None = None
    improvements: int = 0
    regressions: int = 0

    def line(self, kind: Literal["score", "metric"]) -> Line | None:
        """It as a line; None where it has no value."""
        value = self.score if kind == "score" else self.metric
        if value is None:
            return None
        return Line(self.name, kind, value, self.unit, self.diff, self.improvements, self.regressions)


class _Summary(Struct):
    comparison_experiment_name: str | None = None
    scores: dict[str, _Told] | None = None
    metrics: dict[str, _Told] | None = None


_summaries = msgspec.json.Decoder(_Summary)


def summarise(deployment: Deployment, id: str, other: str | None) -> Summarised:
    """What the experiment with the id ``id`` comes to, beside the one with the id ``other``, else its base."""
    asked = {"summarize_scores": "true", **({"comparison_experiment_id": other} if other else {})}
    path = f"/v1/experiment/{quote(id, safe='')}/summarize?{urlencode(asked)}"
    told = deployment.api.get(Request("GET", path), _read)
    scores = [one.line("score") for one in (told.scores or {}).values()]
    metrics = [one.line("metric") for one in (told.metrics or {}).values()]
    return Summarised(told.comparison_experiment_name, [one for one in (*scores, *metrics) if one is not None])


def _read(reply: Reply) -> _Summary:
    return _summaries.decode(reply.body)
