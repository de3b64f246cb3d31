"""Becomes the program in its arguments, which ends when the process that started it does.

A run of tests that is killed cleans nothing up, and servers in sessions of their own would live on. Only Linux has this
signal; elsewhere the program merely starts. As ``python with_parent.py PID COMMAND…``: PID is the parent's.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Asks the kernel for the signal, which an exec keeps, and becomes ``command``."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # It ended before it was asked for.
            sys.exit("the process that started this has ended")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
