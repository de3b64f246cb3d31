"""Token counts of an answer → metrics, named as Braintrust names them."""

from __future__ import annotations

from typing import Any

from bt_cli.tracing.openai_members import as_dict, member

_NAMES = {"total_tokens": "tokens", "input_tokens": "prompt_tokens", "output_tokens": "completion_tokens"}
_PREFIXES = {"input": "prompt", "output": "completion"}
_DETAILS = "_tokens_details"


def usage_metrics(answer: Any) -> dict[str, float]:
    """The metrics in the ``usage`` of an answer or of an event of a stream; none where the API returns none.

    ``prompt_tokens_details: {cached_tokens: 4}`` becomes ``prompt_cached_tokens: 4``.
    """
    metrics: dict[str, float] = {}
    usage = as_dict(member(answer, "usage"))
    for name, value in usage.items() if isinstance(usage, dict) else ():
        if name.endswith(_DETAILS) and isinstance(value, dict):
            before = name.removesuffix(_DETAILS)
            prefix = _PREFIXES.get(before, before)
            metrics.update({f"{prefix}_{part}": count for part, count in value.items() if _is_number(count)})
        elif _is_number(value):
            metrics[_NAMES.get(name) or name] = value
    written = metrics.pop("prompt_cache_write_tokens", None)
    if written is not None:
        metrics.setdefault("prompt_cache_creation_tokens", written)
    return metrics


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
