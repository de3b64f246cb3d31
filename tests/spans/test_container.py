"""Where rows belong, in words."""

from __future__ import annotations

import pytest

from bt_cli.spans.container import Container


@pytest.mark.parametrize(
    ("container", "ref", "text"),
    [
        (Container("support"), "project_logs:support", "support"),
        (Container("support", "nightly"), "experiment:nightly", "support/nightly"),
    ],
)
def test_words(container: Container, ref: str, text: str) -> None:
    """As REF, and as a person reads it."""
    assert (container.ref, str(container)) == (ref, text)
