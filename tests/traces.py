"""Files of generated traces, as the benchmarks use them, made once a session."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from running import PATIENCE

_GENERATOR = Path(__file__).parent / "bench" / "generate.py"


def generated(traces: int, path: Path, seed: int = 7) -> Path:
    """A file of so many traces (about 6.5 KB each) at ``path``."""
    subprocess.run(
        [sys.executable, str(_GENERATOR), str(traces), str(path), "--seed", str(seed)], check=True, timeout=PATIENCE
    )
    return path
