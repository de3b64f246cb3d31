"""Permissions that bind, also where tests run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from typing import Any

from running import BT, PATIENCE, Result

WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
"""Root that may not read and write what the permissions forbid."""


@cache
def bind() -> bool:
    """Whether a program can be run that permissions bind."""
    if os.geteuid():
        return True
    return (
        bool(shutil.which("setpriv"))
        and not subprocess.run([*WITHOUT_PRIVILEGES, "true"], capture_output=True, timeout=PATIENCE).returncode
    )


def bt_without_privileges(*args: object, **options: Any) -> Result:
    """Runs `bt` as somebody whom permissions bind."""
    command = [*([] if os.geteuid() else WITHOUT_PRIVILEGES), *BT, *map(str, args)]
    done = subprocess.run(command, capture_output=True, timeout=120, **{"stdin": subprocess.DEVNULL} | options)
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())
