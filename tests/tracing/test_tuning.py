"""The variables by which Braintrust's SDKs are tuned, under the names that their documentation gives."""

from __future__ import annotations

from typing import Any

import pytest

from bt_cli.errors import UsageError
from bt_cli.settings.tracing import TracingSettings, load_tracing


@pytest.mark.parametrize(
    ("name", "value", "field", "meant"),
    [
        ("SYNC_FLUSH", "1", "sync_flush", True),
        ("SYNC_FLUSH", "no", "sync_flush", False),
        ("MAX_REQUEST_SIZE", "1000", "most_bytes", 1000),
        ("DEFAULT_BATCH_SIZE", "7", "batch_rows", 7),
        ("DEFAULT_BATCH_SIZE", "0", "batch_rows", 1),
        ("NUM_RETRIES", "0", "retries", 0),
        ("QUEUE_SIZE", "0", "queue_size", 0),
        ("QUEUE_DROP_WHEN_FULL", "true", "drops_when_full", True),
        ("QUEUE_DROP_LOGGING_PERIOD", "1.5", "report_seconds", 1.5),
        ("FAILED_PUBLISH_PAYLOADS_DIR", "failed", "failed_folder", "failed"),
        ("ALL_PUBLISH_PAYLOADS_DIR", "all", "all_folder", "all"),
        ("MAX_GENERATOR_ITEMS", "-1", "generator_items", -1),
        ("LEGACY_IDS", "yes", "legacy_ids", True),
        ("DISABLE_ATEXIT_FLUSH", "on", "flushes_at_exit", False),
        ("ENVIRONMENT_NAME", "staging", "environment", (("name", "staging"),)),
    ],
)
def test_variable_means_what_it_does_in_the_documentation(name: str, value: str, field: str, meant: Any) -> None:
    """And nothing else is changed by it."""
    expected = TracingSettings()._replace(**{field: meant})
    assert load_tracing({f"BRAINTRUST_{name}": value}) == expected


def test_ids_of_opentelemetry_win_over_older_ones() -> None:
    """What is to fit them must."""
    both = {"BRAINTRUST_LEGACY_IDS": "1", "BRAINTRUST_OTEL_COMPAT": "1"}
    assert not load_tracing(both).legacy_ids


def test_word_that_is_no_number_is_refused() -> None:
    """With an example of one."""
    with pytest.raises(UsageError, match="BRAINTRUST_NUM_RETRIES is no number: few"):
        load_tracing({"BRAINTRUST_NUM_RETRIES": "few"})
