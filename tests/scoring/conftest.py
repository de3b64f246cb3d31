"""Files of scorers."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a file of scorers, and gives the first part of their SPECs."""

    def write(source: str, name: str = "mine.py") -> str:
        (tmp_path / name).write_text(dedent(source))
        return str(tmp_path / name)

    return write
