"""How the tests of drawing look at traces: plain, with no width, unless they say otherwise."""

from __future__ import annotations

import pytest

from bt_cli.render.look import Look
from seeing import look


@pytest.fixture
def plain() -> Look:
    """As in a pipe."""
    return look()
