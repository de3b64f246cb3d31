"""What the span of an embedding says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bt_cli.tracing.openai_members import member
from bt_cli.tracing.openai_usage import usage_metrics


def embedding_event(answer: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Metrics, and as output how long the vectors are; not the vectors, which nobody reads."""
    event: dict[str, Any] = {"metrics": usage_metrics(answer)}
    data = member(answer, "data")
    if data:
        event["output"] = {"embedding_length": len(member(data[0], "embedding"))}
    return event
