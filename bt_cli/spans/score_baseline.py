"""A scoring run as one side of a comparison, whose other side are the scores stored elsewhere: the baseline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from statistics import fmean

from msgspec import structs

from bt_cli.spans.canonical import digest
from bt_cli.spans.cases import Trial
from bt_cli.spans.comparison import Comparison
from bt_cli.spans.paths import Path
from bt_cli.spans.row import Row
from bt_cli.spans.score_tally import Outcome

BY = "input"
"""What makes two traces one case: the input of their roots."""
_INPUT = Path(BY)


def scored_trial(rows: Sequence[Row], results: Iterable[Outcome]) -> Trial:
    """A trace that has just been scored; of several scores of a name, on several spans, the mean.

    Its root is the first span without a parent, else the first one, as everywhere.
    """
    scores: dict[str, list[float]] = {}
    for result in results:
        if result.score is not None:
            scores.setdefault(result.name, []).append(result.score)
    root = next((row for row in rows if row.span_parents == "[]"), rows[0])
    value = _INPUT.of(root)
    return Trial(
        key=None if value is None else digest(value),
        scores={name: fmean(values) for name, values in scores.items()},
        usage={},
    )


def of_scores(comparison: Comparison, names: Collection[str]) -> Comparison:
    """A comparison without the measures that this run did not make."""
    kept = [one for one in comparison.measures if one.kind == "score" and one.name in names]
    return structs.replace(comparison, measures=kept)
