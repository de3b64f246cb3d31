"""Clients of Braintrust that no package of ours brings: installed once a machine, outside the checkout."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bt-spans-tests"
"""Where the machine's, not the test's, home is: this is read before any test has one of its own."""
NPM = {
    "@braintrust/otel": "1.0.1",
    "@opentelemetry/api": "1.9.1",
    "@opentelemetry/core": "2.12.1",
    "@opentelemetry/exporter-trace-otlp-http": "0.223.1",
    "@opentelemetry/sdk-trace-base": "2.12.1",
    "braintrust": "3.35.0",
    "@braintrust/bt-linux-x64": "0.20.0",
    "openai": "6.49.0",
}
OLD_PYTHON = ["braintrust==0.7.0", "openai>=2"]
_PATIENCE = 400


def node_modules() -> Path:
    """The folder with Braintrust's npm packages; skips where there is no npm, or it cannot install them."""
    return _or_skip(_npm())


def old_python() -> Path:
    """A Python that has braintrust 0.7.0; skips where it cannot be installed."""
    return _or_skip(_old())


@cache
def _npm() -> Path | str:
    def install(folder: Path) -> None:
        (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": NPM}))
        _run(["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=1"], folder)

    if not shutil.which("npm") or not shutil.which("node"):
        return "npm and node are needed for Braintrust's JavaScript SDK and its bt"
    return _once("npm", json.dumps(NPM), install, "node_modules")


@cache
def _old() -> Path | str:
    def install(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", str(folder)], folder)
        _run([str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *OLD_PYTHON], folder)

    return _once("python", f"{OLD_PYTHON} {sys.version}", install, "bin/python")


def _or_skip(found: Path | str) -> Path:
    if isinstance(found, str):
        pytest.skip(found)
    return found


def _once(kind: str, what: str, install: Callable[[Path], None], wanted: str) -> Path | str:
    """The ``wanted`` path in the folder that ``install`` has filled, now or in an earlier run; or why there is none.

    It is filled under another name first, so that one that is there is whole, whoever else installs at the same time.
    """
    folder = CACHE / f"{kind}-{hashlib.sha256(what.encode()).hexdigest()[:12]}"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=CACHE))
        try:
            install(partial)
            with suppress(OSError):  # another run was quicker
                os.rename(partial, folder)
        except (OSError, subprocess.SubprocessError) as error:
            told = getattr(error, "stderr", None) or str(error)
            return f"{kind} packages cannot be installed: {told.strip()[-300:]}"
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder / wanted


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=True)
