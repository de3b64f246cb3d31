"""What tests of the tracing library share: spans of a block, in memory, with ids and times that count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bt_cli.tracing.testing import Recorded, isolated, recording


@pytest.fixture(autouse=True)
def nothing_initialised() -> Iterator[None]:
    """What a test initialises is written and gone at its end."""
    with isolated():
        yield


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """A current logger that keeps its spans in memory."""
    with recording() as found:
        yield found
