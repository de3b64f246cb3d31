"""A scorer that never comes back: the first signal lets it finish, the second ends the program."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from running import BT, SAMPLES, started

HUNG = """
import time

def hangs(output):
    print("hung", flush=True)
    while True:
        time.sleep(0.01)
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_ends_a_hung_scorer(number: int, code: int) -> None:
    """Whichever signal is sent again, the program does not wait for what never comes."""
    Path("hung.py").write_text(HUNG)
    command = [*BT, "score", SAMPLES / "support.jsonl", "--score", "hung.py:hangs", "-o", "out.jsonl"]
    with started(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while b"hung" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(number)
        assert process.wait(60) == code
        assert b"Traceback" not in process.stderr.read()
