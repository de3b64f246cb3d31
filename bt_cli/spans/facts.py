"""What people ask of a span, decoded: its name, type, model, times, tokens, cost, scores and error."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from bt_cli.spans import text
from bt_cli.spans.metrics import Numbers
from bt_cli.spans.row import Row
from bt_cli.spans.shapes import METRICS, SCORES, fits


class Facts(Struct, gc=False):
    """A span in short; None where it does not say.

    ``start`` and ``end`` are the metrics' (epoch seconds, or a relative clock). ``tokens`` is the
    span's own total (rule 3.2), ``cost`` USD. ``purpose`` is ``scorer`` on what scoring added.
    """

    name: str | None
    type: str | None
    purpose: str | None
    model: str | None
    start: float | None
    end: float | None
    tokens: float | None
    cost: float | None
    scores: dict[str, float | None]
    error: Any = None

    @property
    def duration(self) -> float | None:
        """Seconds from start to end."""
        return None if self.start is None or self.end is None else self.end - self.start


def facts_of(row: Row) -> Facts:
    """The facts of a stored row."""
    attributes = _object(row.span_attributes)
    numbers = numbers_of(row.metrics)
    model = _object(row.metadata).get("model")
    name = attributes.get("name")
    return Facts(
        name=name if name is None else str(name),
        type=_word(attributes.get("type")),
        purpose=_word(attributes.get("purpose")),
        model=_word(model),
        start=numbers.get("start"),
        end=numbers.get("end"),
        tokens=total_tokens(numbers),
        cost=numbers.get("estimated_cost"),
        scores=scores_of(row.scores),
        error=None if row.error is None else text.decode(row.error),
    )


def numbers_of(metrics: str | None) -> Numbers:
    """The numbers of ``metrics`` text; none where it is of another shape."""
    return METRICS.decode(metrics) if metrics and fits(METRICS, metrics) else {}


def scores_of(scores: str | None) -> dict[str, float | None]:
    """The values of ``scores`` text; none where it is of another shape."""
    return SCORES.decode(scores) if scores and fits(SCORES, scores) else {}


def total_tokens(numbers: Numbers) -> float | None:
    """``tokens``, else ``total_tokens``, else prompt + completion; None where there is none of them (rule 3.2)."""
    for name in ("tokens", "total_tokens"):
        total = numbers.get(name)
        if total is not None:
            return total
    parts = [numbers.get("prompt_tokens"), numbers.get("completion_tokens")]
    return None if parts == [None, None] else sum(part or 0 for part in parts)


def _object(written: str | None) -> dict[str, Any]:
    value = text.decode(written) if text.is_object(written) and written else {}
    return value if isinstance(value, dict) else {}


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
