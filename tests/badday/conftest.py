"""Programs that are started and watched."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from running import BT, started


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts `bt` in a session of its own; whatever is left of it is killed at the end of the test."""
    with ExitStack() as running:

        def start(*args: object, **options: Any) -> subprocess.Popen[bytes]:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
            return running.enter_context(started([*BT, *args], **pipes))

        yield start
