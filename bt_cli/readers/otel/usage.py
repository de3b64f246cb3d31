"""Token counts: whether they hold the cached tokens, and whether they are a call's own or a sum over others."""

from __future__ import annotations

from typing import Any

from bt_cli.readers.otel.reading import Reading

_CACHED, _WRITTEN = "prompt_cached_tokens", "prompt_cache_creation_tokens"


def settle_usage(reading: Reading) -> None:
    """Makes the counts that were found metrics of an ``llm`` span, else ``metadata.aggregated_usage``.

    Braintrust's ``prompt_tokens`` hold the tokens that were read from and written to a cache. A count that
    is smaller than these leaves them out, as Anthropic's API does, and gets them. A span of another type that
    has counts repeats those of its children: as metrics they would count twice.
    """
    usage = {name: value for name, value in reading.usage.items() if value is not None}
    if not usage:
        return
    if reading.type not in ("llm", ""):
        reading.metadata.setdefault("aggregated_usage", usage)
        return
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    cache = (_count(usage, _CACHED) or 0) + (_count(usage, _WRITTEN) or 0)
    if prompt is not None and cache > prompt:
        usage["prompt_tokens"] = prompt = prompt + cache
        usage.pop("tokens", None)
        reading.losses.append(("prompt_tokens", "coerced"))
    if "tokens" not in usage and prompt is not None and completion is not None:
        usage["tokens"] = prompt + completion
    for name, value in usage.items():
        reading.metrics.setdefault(name, value)


def _count(usage: dict[str, Any], name: str) -> int | float | None:
    value = usage.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
