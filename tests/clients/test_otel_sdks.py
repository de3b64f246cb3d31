"""OpenTelemetry's SDKs with their exporters, unmodified: what each traced is what `bt export` gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sdks import Sdk

Export = Callable[..., list[Any]]


@pytest.mark.parametrize(
    ("name", "packed"),
    [("python", "plain"), ("python", "gzip"), pytest.param("javascript", "plain", marks=pytest.mark.slow)],
)
def test_spans_of_an_sdk(sdk_named: Callable[[str], Sdk], exported: Export, name: str, packed: str) -> None:
    """Protobuf, plain and packed, and JSON in pieces: ids, linkage, the messages, tokens, the error."""
    project = f"spans {name} {packed}"
    printed = sdk_named(name).run("spans", project, packed)
    # A child ends, and arrives, before its parent.
    call, root = sorted(exported("-p", project), key=lambda row: row["span_parents"], reverse=True)
    assert (root["id"], root["root_span_id"], root["span_parents"]) == (printed["root"], printed["trace"], [])
    assert call["span_parents"] == [printed["root"]]
    assert call["span_attributes"] == {"name": "chat gpt-5", "type": "llm"}
    assert call["input"] == [{"role": "user", "content": "hi"}]
    assert call["error"] == "it broke"
    assert call["metadata"]["model"] == "gpt-5"
    assert call["metadata"]["otel"]["scope"]["name"] == "shop"
    assert call["metrics"] == {
        "start": call["metrics"]["start"],
        "end": call["metrics"]["end"],
        "prompt_tokens": 11,
        "completion_tokens": 7,
        "tokens": 18,
    }
    assert root["metadata"]["otel"]["attributes"]["http.method"] == "GET"
    assert all(row["metrics"]["start"] <= row["metrics"]["end"] for row in (root, call))
