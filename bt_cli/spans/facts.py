"""What people ask of a span, decoded: its name, type, model, times, tokens, cost, scores and error."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from bt_cli.spans import text
from bt_cli.spans.row import Row
from bt_cli.spans.shapes import SCORES


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
        """Seconds from start to end, to the microsecond: beyond that lies the noise of epoch seconds as floats."""
        return None if self.start is None or self.end is None else round(self.end - self.start, 6)


class _Attributes(Struct, gc=False):
    """What is asked of ``span_attributes``; other members are skipped undecoded."""

    name: str | None = None
    type: str | None = None
    purpose: str | None = None


class _OddAttributes(Struct, gc=False):
    """The same of values that are no text."""

    name: Any = None
    type: Any = None
    purpose: Any = None


class _Metrics(Struct, gc=False):
    """What is asked of ``metrics``."""

    start: float | None = None
    end: float | None = None
    tokens: float | None = None
    total_tokens: float | None = None
    prompt_tokens: float | None = None
    completion_tokens: float | None = None
    estimated_cost: float | None = None


class _Metadata(Struct, gc=False):
    """What is asked of ``metadata``."""

    model: Any = None


_attributes = msgspec.json.Decoder(_Attributes).decode
_odd_attributes = msgspec.json.Decoder(_OddAttributes).decode
_metrics = msgspec.json.Decoder(_Metrics).decode
_metadata = msgspec.json.Decoder(_Metadata).decode
_NO_ATTRIBUTES, _NO_METRICS = _Attributes(), _Metrics()


def facts_of(row: Row) -> Facts:
    """The facts of a stored row; a field of another shape says nothing."""
    attributes, metrics = _NO_ATTRIBUTES, _NO_METRICS
    if row.span_attributes is not None:
        try:
            attributes = _attributes(row.span_attributes)
        except msgspec.DecodeError:
            attributes = _leniently(row.span_attributes)
    if row.metrics is not None:
        try:
            metrics = _metrics(row.metrics)
        except msgspec.DecodeError:
            pass
    return Facts(
        attributes.name,
        attributes.type,
        attributes.purpose,
        None if row.metadata is None else _model(row.metadata),
        metrics.start,
        metrics.end,
        _total(metrics),
        metrics.estimated_cost,
        scores_of(row.scores),
        None if row.error is None else text.decode(row.error),
    )


def _leniently(span_attributes: str) -> _Attributes:
    try:
        odd = _odd_attributes(span_attributes)
    except msgspec.DecodeError:
        return _NO_ATTRIBUTES
    return _Attributes(None if odd.name is None else str(odd.name), _word(odd.type), _word(odd.purpose))


def _model(metadata: str) -> str | None:
    try:
        return _word(_metadata(metadata).model)
    except msgspec.DecodeError:
        return None


def scores_of(scores: str | None) -> dict[str, float | None]:
    """The values of ``scores`` text; none where it is of another shape."""
    try:
        return SCORES.decode(scores) if scores else {}
    except msgspec.DecodeError:
        return {}


def _total(metrics: _Metrics) -> float | None:
    """``tokens``, else ``total_tokens``, else prompt + completion; None where there is none of them (rule 3.2)."""
    if metrics.tokens is not None:
        return metrics.tokens
    if metrics.total_tokens is not None:
        return metrics.total_tokens
    prompt, completion = metrics.prompt_tokens, metrics.completion_tokens
    return None if prompt is None and completion is None else (prompt or 0) + (completion or 0)


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
