"""Claude Code's own spans: ``claude_code.llm_request`` and the like, with plain names for attributes.

Source: spans that it writes.
"""

from __future__ import annotations

from bt_cli.readers.otel.reading import Reading

FAMILIES: frozenset[str] | None = None
PLAIN: dict[str, tuple[str, str]] = {}

_TYPES = {"interaction": "task", "llm_request": "llm", "tool": "tool"}
_USAGE = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "cache_read_tokens": "prompt_cached_tokens",
    "cache_creation_tokens": "prompt_cache_creation_tokens",
}
_METADATA = ("model", "stop_reason", "request_id", "tool_name", "decision", "success")
_PAYLOADS = {"user_prompt": "input", "response": "output", "tool_input": "input", "tool_result": "output"}


def read(reading: Reading) -> bool:
    """Takes model, tokens, times and tools. Its ``input_tokens`` leave the cached ones out."""
    if not reading.span.name.startswith("claude_code."):
        return False
    bag = reading.bag
    reading.type = reading.type or _TYPES.get(reading.span.name.removeprefix("claude_code."), "function")
    for name in _METADATA:
        if name in bag and reading.describe(name, bag[name]):
            del bag[name]
    for key, field in _PAYLOADS.items():
        reading.take_into(field, key)
    counts = {_USAGE[name]: bag.pop(name) for name in _USAGE if isinstance(bag.get(name), int)}
    if "prompt_tokens" in counts:
        counts["prompt_tokens"] += counts.get("prompt_cached_tokens", 0) + counts.get("prompt_cache_creation_tokens", 0)
    for name, value in counts.items():
        reading.usage.setdefault(name, value)
    first = bag.get("ttft_ms")
    if isinstance(first, int | float) and not isinstance(first, bool):
        reading.metrics.setdefault("time_to_first_token", first / 1000)
        del bag["ttft_ms"]
    if reading.metadata.get("model"):
        reading.metadata.setdefault("provider", "anthropic")
    return True
