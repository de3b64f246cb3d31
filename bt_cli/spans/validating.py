"""What a program may log: the shapes of Braintrust's fields, checked at once, with the messages of its SDK."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bt_cli.spans.objects import members_of

_SOURCES = ["app", "api", "external"]


def checked_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of an event in which truth values as scores are 1 and 0, tags a list, and ``inputs`` is ``input``.

    Fields that nothing is known of are as they were. Raises ValueError for what Braintrust's fields don't allow.
    """
    checked = dict(event)
    for name, value in event.items():
        check = _CHECKS.get(name)
        if check is not None and value is not None:
            checked[name] = check(value)
    if "inputs" in checked:
        inputs = checked.pop("inputs")
        if inputs is not None:
            if checked.get("input") is not None:
                raise ValueError("Only one of input or inputs (deprecated) can be specified. Prefer input.")
            checked["input"] = inputs
    return checked


def checked_whole_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """As `checked_event`, for an event that is all there will be of its row: a case of an experiment."""
    if (event.get("input") is None) == (event.get("inputs") is None):
        raise ValueError("Exactly one of input or inputs (deprecated) must be specified. Prefer input.")
    for name in ("output", "scores"):
        if event.get(name) is None:
            raise ValueError(f"{name} must be specified")
    if not isinstance(event["scores"], dict):
        raise ValueError("scores must be a dictionary of names with scores")
    return checked_event(event)


class Feedback(NamedTuple):
    """What somebody says of a span that was written before."""

    event: dict[str, Any]
    """Scores, an expected answer and tags, which are merged into the row."""
    comment: str | None
    metadata: dict[str, Any] | None
    """About the feedback, not of the row."""
    source: str


def checked_feedback(event: Mapping[str, Any]) -> Feedback:
    """The feedback of an event with any of ``scores``, ``expected``, ``tags``, ``comment``, ``metadata``, ``source``.

    Raises ValueError where nothing is said or a field has a wrong shape, TypeError for any other field.
    """
    unknown = event.keys() - {"scores", "expected", "tags", "comment", "metadata", "source"}
    if unknown:
        raise TypeError(f"log_feedback() got an unexpected keyword argument '{min(unknown)}'")
    source = event.get("source") or "external"
    if source not in _SOURCES:
        raise ValueError(f"source must be one of {_SOURCES}")
    said = {name: event[name] for name in ("scores", "expected", "tags") if event.get(name) is not None}
    comment = event.get("comment")
    if not said and comment is None:
        raise ValueError("At least one of scores, expected, tags, or comment must be specified")
    metadata = checked_event({"metadata": event.get("metadata")})["metadata"]
    return Feedback(checked_event(said), None if comment is None else str(comment), metadata, source)


def _scores(scores: Any) -> dict[str, Any]:
    if not scores:
        return {}
    if not isinstance(scores, dict):
        raise ValueError("scores must be a dictionary of names with scores")
    return {name: _score(name, value) for name, value in scores.items()}


def _score(name: object, value: Any) -> Any:
    if not isinstance(name, str):
        raise ValueError("score names must be strings")
    if value is None:
        return None
    if not isinstance(value, int | float):
        raise ValueError("score values must be numbers")
    # Not `0 <= value <= 1`: a score that is no number is accepted, and stored as "NaN".
    if value < 0 or value > 1:
        raise ValueError("score values must be between 0 and 1")
    return int(value) if isinstance(value, bool) else value


def _metadata(metadata: Any) -> dict[str, Any]:
    members = metadata if isinstance(metadata, dict) else members_of(metadata)
    if not isinstance(members, dict):
        raise ValueError("metadata must be a dictionary or serialize to a dictionary")
    _check_keys(members, "metadata keys must be strings")
    return members


def _metrics(metrics: Any) -> dict[str, Any]:
    if not metrics:
        return {}
    if not isinstance(metrics, dict):
        raise ValueError("metrics must be a dictionary")
    _check_keys(metrics, "metric keys must be strings")
    for value in metrics.values():
        if not isinstance(value, int | float):
            raise ValueError("metric values must be numbers")
    return metrics


def _span_attributes(attributes: Any) -> dict[str, Any]:
    if not attributes:
        return {}
    if not isinstance(attributes, dict):
        raise ValueError("span_attributes must be a dictionary")
    _check_keys(attributes, "span_attributes keys must be strings")
    return attributes


def _check_keys(members: dict[Any, Any], message: str) -> None:
    for key in members:
        if not isinstance(key, str):
            raise ValueError(message)


def _tags(tags: Any) -> list[str]:
    if not tags:
        return []
    if not isinstance(tags, list | set | tuple):
        raise ValueError("tags must be a list, set, or tuple of strings")
    seen: set[str] = set()
    for tag in tags:
        if not isinstance(tag, str):
            raise ValueError("tags must be strings")
        if tag in seen:
            raise ValueError(f"duplicate tag: {tag}")
        seen.add(tag)
    return list(tags)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "scores": _scores,
    "metadata": _metadata,
    "metrics": _metrics,
    "tags": _tags,
    "span_attributes": _span_attributes,
}
