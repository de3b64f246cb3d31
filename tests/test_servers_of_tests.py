"""What tests start ends with them."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from running import PATIENCE, started

_PARENT = """
import sys
from serving import serving

with serving(sys.argv[1]) as server:
    print(server.process.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_server_ends_with_the_killed_run_of_tests_that_started_it(tmp_path: Path) -> None:
    """SIGKILL leaves its parent no time to end it."""
    command = [sys.executable, "-c", _PARENT, tmp_path / "spans.db"]
    place = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=place) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        watched = os.pidfd_open(server)
        try:
            parent.kill()
            assert select.select([watched], [], [], PATIENCE)[0], "the server lives on"
        finally:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(watched, signal.SIGKILL)
            os.close(watched)
